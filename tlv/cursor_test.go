package tlv_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/cardwright/emv/tlv"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// walk writes the objects of b as "TAG=VALUE TAG=VALUE".
func walk(c tlv.Cursor) (string, error) {
	var out []string
	for c.Next() {
		out = append(out, c.Tag().String()+"="+strings.ToUpper(hex.EncodeToString(c.Value())))
	}
	return strings.Join(out, " "), c.Err()
}

func TestCursorReads(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"one byte tag", "5A 02 1234", "5A=1234"},
		{"two byte tag", "9F02 06 000000001250", "9F02=000000001250"},
		{"three byte tag", "DF8117 01 E0", "DF8117=E0"},
		{"four byte tag", "DF818101 01 AA", "DF818101=AA"},
		{"no value", "9F5D 00 82 02 2000", "9F5D= 82=2000"},
		{"length in two bytes", "90 81 80" + strings.Repeat("11", 128), "90=" + strings.Repeat("11", 128)},
		{"length in two bytes, longer than needed", "82 81 02 2000", "82=2000"},
		{"length in three bytes", "90 82 0100" + strings.Repeat("22", 256), "90=" + strings.Repeat("22", 256)},
		{"padding before, between, after", "0000 5A01AA 00 5701BB 000000", "5A=AA 57=BB"},
		{"only padding", "000000", ""},
		{"constructed is one object of its level", "70 05 5A03 112233", "70=5A03112233"},
		{"FF begins a tag", "FF8105 01 AA", "FF8105=AA"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := walk(tlv.Read(unhex(t, c.in)))
			if err != nil || got != c.want {
				t.Errorf("%s, %v; want %s", got, err, c.want)
			}
		})
	}
}

func TestCursorReadsTolerant(t *testing.T) {
	got, err := walk(tlv.ReadTolerant(unhex(t, "FFFF 5A01AA FF00FF 5701BB FFFF")))
	if want := "5A=AA 57=BB"; err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if _, err := walk(tlv.Read(unhex(t, "5A01AA FFFF"))); err == nil {
		t.Error("the strict reader took FF for padding")
	}
	c := tlv.ReadTolerant(unhex(t, "70 06 FF 5A01AA FFFF"))
	c.Next()
	if got, err := walk(c.Enter()); err != nil || got != "5A=AA" {
		t.Errorf("inside: %s, %v", got, err)
	}
}

func TestCursorRefuses(t *testing.T) {
	for _, c := range []struct {
		name, in string
		code     tlv.Code
		offset   int
	}{
		{"tag alone", "5A", tlv.CodeTruncated, 1},
		{"half a tag", "9F", tlv.CodeTruncated, 1},
		{"half a long tag", "DF81", tlv.CodeTruncated, 2},
		{"value cut", "5A 03 1122", tlv.CodeTruncated, 4},
		{"half a length", "5A 81", tlv.CodeTruncated, 2},
		{"half a long length", "5A 82 01", tlv.CodeTruncated, 3},
		{"long length past the end", "5A 82 FFFF 00", tlv.CodeTruncated, 5},
		{"second object cut", "8202 2000 5A", tlv.CodeTruncated, 5},
		{"indefinite length", "70 80 5A01AA 0000", tlv.CodeIndefinite, 1},
		{"length in four bytes", "5A 83 000001 AA", tlv.CodeLengthLong, 1},
		{"length in five bytes", "5A 84 00000001 AA", tlv.CodeLengthLong, 1},
		{"reserved length", "5A FF", tlv.CodeLengthLong, 1},
		{"tag of five bytes", "DF81818101 01 AA", tlv.CodeTagLong, 4},
		{"tag number zero", "9F00 01 AA", tlv.CodeTagNumber, 1},
		{"tag number with a leading zero", "9F8001 01 AA", tlv.CodeTagNumber, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := walk(tlv.Read(unhex(t, c.in)))
			var s *tlv.SyntaxError
			if !errors.As(err, &s) || s.Code != c.code || s.Offset != c.offset {
				t.Errorf("%v; want %s at offset %d", err, c.code, c.offset)
			}
			if !errors.Is(err, &tlv.SyntaxError{Code: c.code}) {
				t.Error("errors.Is does not find the code")
			}
		})
	}
}

func TestCursorStaysFailed(t *testing.T) {
	c := tlv.Read(unhex(t, "5A 80 5701AA"))
	for range 3 {
		if c.Next() {
			t.Fatal("went on behind a fault")
		}
	}
}

func TestEnterCountsOffsetsFromTheOutermost(t *testing.T) {
	c := tlv.Read(unhex(t, "6F 08 A5 06 BF0C 03 61 81 80"))
	for range 3 {
		if !c.Next() {
			t.Fatal(c.Err())
		}
		c = c.Enter()
	}
	c.Next()
	var s *tlv.SyntaxError
	if !errors.As(c.Err(), &s) || s.Offset != 10 || s.Code != tlv.CodeTruncated {
		t.Errorf("%v; want truncated at offset 10", c.Err())
	}
}

func TestDepth(t *testing.T) {
	nest := func(n int) []byte {
		b := []byte{0x5A, 0x01, 0xAA}
		for range n {
			b = tlv.Append(nil, 0x70, b)
		}
		return b
	}
	if err := tlv.Check(nest(tlv.MaxDepth)); err != nil {
		t.Errorf("%d levels: %v", tlv.MaxDepth, err)
	}
	if err := tlv.Check(nest(tlv.MaxDepth + 1)); !errors.Is(err, &tlv.SyntaxError{Code: tlv.CodeDepth}) {
		t.Errorf("%d levels: %v; want %s", tlv.MaxDepth+1, err, tlv.CodeDepth)
	}
	if _, err := tlv.Parse(nest(10000)); err == nil {
		t.Error("10,000 levels were parsed")
	}
}

func TestFind(t *testing.T) {
	// A recorded FCI of a Visa test card.
	fci := unhex(t, "6F278407A0000000031010A51C500B56495341204352454449549F380C9F66049F02065F2A029F3704")
	pdol, ok := tlv.Find(fci, 0x6F, 0xA5, 0x9F38)
	if want := unhex(t, "9F66049F02065F2A029F3704"); !ok || !bytes.Equal(pdol, want) {
		t.Errorf("%X, %v; want %X", pdol, ok, want)
	}
	if _, ok := tlv.Find(fci, 0x6F, 0xBF0C); ok {
		t.Error("found what is not there")
	}
	if _, ok := tlv.Find(fci); ok {
		t.Error("found something at the end of no path")
	}
}

func TestValuesDoNotLetAppendOverwrite(t *testing.T) {
	b := unhex(t, "5A01AA 5701BB")
	c := tlv.Read(b)
	c.Next()
	_ = append(c.Value(), 0xFF)
	if !bytes.Equal(b, unhex(t, "5A01AA5701BB")) {
		t.Errorf("%X", b)
	}
}

func TestTag(t *testing.T) {
	for _, c := range []struct {
		text        string
		n           int
		class       tlv.Class
		constructed bool
	}{
		{"5A", 1, tlv.Application, false},
		{"70", 1, tlv.Application, true},
		{"82", 1, tlv.ContextSpecific, false},
		{"A5", 1, tlv.ContextSpecific, true},
		{"9F02", 2, tlv.ContextSpecific, false},
		{"BF0C", 2, tlv.ContextSpecific, true},
		{"DF8117", 3, tlv.Private, false},
		{"FF8105", 3, tlv.Private, true},
		{"DF818101", 4, tlv.Private, false},
		{"06", 1, tlv.Universal, false},
	} {
		tag, err := tlv.ParseTag(c.text)
		if err != nil || tag.String() != c.text || tag.Len() != c.n || tag.Class() != c.class ||
			tag.Constructed() != c.constructed || !tag.Valid() {
			t.Errorf("%s: %v %d %d %v %v, %v", c.text, tag, tag.Len(), tag.Class(), tag.Constructed(), tag.Valid(), err)
		}
	}
	for _, text := range []string{"", "5", "9F", "5A00", "9F8001", "9F0201", "DF81818101", "xy", "DF81", "1FF"} {
		if tag, err := tlv.ParseTag(text); err == nil {
			t.Errorf("%q was read as %v", text, tag)
		}
	}
}

func TestNothingAllocates(t *testing.T) {
	record := tlv.Append(nil, 0x70, recordBody(t))
	dol := unhex(t, "9F02069F03069F1A0295055F2A029A039C019F3704")
	dst := make([]byte, 0, 512)
	if n := testing.AllocsPerRun(100, func() {
		if err := tlv.Check(record); err != nil {
			t.Fatal(err)
		}
		for c := tlv.Read(record); c.Next(); {
			for in := c.Enter(); in.Next(); {
				dst = tlv.Append(dst[:0], in.Tag(), in.Value())
			}
		}
		dst, _ = tlv.AppendDOLData(dst[:0], dol, source{})
		open, mark := tlv.Open(dst[:0], 0x77)
		dst = tlv.Close(append(open, record...), mark)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// recordBody is the value of a record of 205 bytes, shaped as test cards have it: PAN, dates, name, CDOLs, CVM list,
// action codes.
func recordBody(t testing.TB) []byte {
	return unhex(t, "57125413339000001513D20122010000000000005A0854133390000015135F24032012315F25030601015F280202505F3401018C"+
		"279F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F34039F21039F7C148D12910A8A0295059F37049F4C089F02069F"+
		"03068E0A00000000000000001F039F0702FF009F080200029F0D05F8406420009F0E0500108800009F0F05F86064F8009F420209789F51039F37"+
		"049F5B0CDF6008DF6108DF6201DF63A09F4A01825F200E43415244484F4C4445522F4D5220")
}
