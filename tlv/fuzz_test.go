package tlv_test

import (
	"bytes"
	"testing"

	"github.com/cardwright/emv/tlv"
)

// FuzzRoundTrip holds two things for any bytes: what Parse takes, Append writes so that it parses to the same tree; and
// Parse, Check and the cursors agree on what is well formed.
func FuzzRoundTrip(f *testing.F) {
	for _, s := range []string{
		"", "00", "5A08541333900000151F", "70055A03112233", "6F278407A0000000031010A51C500B56495341204352454449549F380C9F66049F02065F2A029F3704",
		"DF81810101AA", "FF8105039F2701", "908180", "7080", "9F00", "5A82000100", "00007003005A00", "BF0C0061004F00",
	} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		nodes, err := tlv.Parse(b)
		if (err == nil) != (tlv.Check(b) == nil) {
			t.Fatalf("Parse: %v, Check: %v", err, tlv.Check(b))
		}
		if err != nil {
			return
		}
		var out []byte
		for i := range nodes {
			out = nodes[i].Append(out)
		}
		if len(out) > len(b) {
			t.Fatalf("%d bytes became %d", len(b), len(out))
		}
		again, err := tlv.Parse(out)
		if err != nil || !equal(nodes, again) {
			t.Fatalf("%X became %X: %v", b, out, err)
		}
	})
}

// equal compares trees by tags and primitive values: a constructed value may have lost padding.
func equal(a, b []tlv.Node) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Tag != b[i].Tag || !equal(a[i].Children, b[i].Children) {
			return false
		}
		if !a[i].Tag.Constructed() && !bytes.Equal(a[i].Value, b[i].Value) {
			return false
		}
	}
	return true
}

// FuzzDOL holds that the data of a list are exactly as long as its entries ask for, and that a refused list leaves no data.
func FuzzDOL(f *testing.F) {
	for _, s := range []string{
		"", "9F66049F02065F2A029F3704", "9F37049F3704", "00", "9F", "5AFF5AFF", "BF0C04", "9F3700", "DF8181010A", "303030",
	} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		out, err := tlv.AppendDOLData([]byte{0x83}, list, source{})
		n, lenErr := tlv.DOLDataLen(list)
		if (err == nil) != (lenErr == nil) {
			t.Fatalf("%X: %v, %v", list, err, lenErr)
		}
		if len(out) != 1+n {
			t.Fatalf("%X: %d bytes, want %d", list, len(out)-1, n)
		}
		asked := 0
		d := tlv.ReadDOL(list)
		for d.Next() {
			asked += d.Len()
		}
		if err == nil && asked != n {
			t.Fatalf("%X: entries ask for %d, got %d", list, asked, n)
		}
	})
}
