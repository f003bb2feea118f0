package dict

import (
	"bytes"
	"encoding/hex"
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

func TestMask(t *testing.T) {
	for _, c := range []struct {
		tag   tlv.Tag
		scope Scope
		value string
		want  string
	}{
		{0x9F02, Common, "000000001234", "000000001234"},
		{0x9F26, Common, "", ""},
		// PAN: 16, 15, 19, 13, 12, 8, 7 digits, none.
		{0x5A, Common, "4761739001010010", "476173******0010"},
		{0x5A, C4, "374245455400001F", "374245*****0001F"},
		{0x5A, Common, "6212345678901234567F", "621234*********4567F"},
		{0x5A, Common, "1234567890123F", "123456***0123F"},
		{0x5A, Common, "123456789012", "********9012"},
		{0x5A, Common, "12345678", "****5678"},
		{0x5A, Common, "1234567F", "*******F"},
		{0x5A, Common, "1234", "****"},
		{0x5A, Common, "", ""},
		{0x5A, Common, "FFFF", "FFFF"},
		{0x5A, Common, "4761739001010010FFFF", "476173******0010FFFF"},
		// Hostile: twenty digits, padding in the middle, letters.
		{0x5A, Common, "47617390010100101234", "********************"},
		{0x5A, Common, "4761F39001010010", "****************"},
		{0x5A, Common, "4761739001010010D2212F", "*********************F"},
		{0x5A, Common, "476173900101001A", "****************"},
		// DS ID: PAN and sequence number.
		{0x9F5E, C2, "541333900000151301", "541333********1301"},
		// Track 2.
		{0x57, Common, "4761739001010010D221220111438444895F", "476173******0010D*******************"},
		{0x57, Common, "374245455400001D1611726F", "374245*****0001D********"},
		{0x57, Common, "4761739001010010D2", "476173******0010D*"},
		{0x57, Common, "4761739001010010", "****************"},
		{0x57, Common, "D221220111438444", "D***************"},
		{0x57, Common, "FFFFFFFF", "********"},
		{0x57, Common, "", ""},
		{0x57, Common, "47617390010100102212D201", "********************D***"},
		{0x57, Common, "4761739A01010010D22F", "****************D***"},
		{0x9F6B, C2, "5413339000001513D20126010000000000000F", "541333******1513D*********************"},
		// '9F6B' of another kernel is an amount.
		{0x9F6B, C3, "000000010000", "000000010000"},
		// Discretionary data has no PAN part, whatever it looks like.
		{0x9F20, Common, "4761739001010010D22F", "********************"},
		{0x9F1F, Common, "313233", "******"},
		{0xDF812B, C2, "4761D2", "******"},
		{0x5F20, Common, "4D5253", "******"},
		{0x99, Common, "1234", "****"},
		// Templates.
		{0x70, Common, "5A084761739001010010 5F2403240319", "5A08476173******00105F2403240319"},
		{0x77, Common, "9F6B13 5413339000001513D20126010000000000000F", "9F6B13541333******1513D*********************"},
		{0x77, Common, "5602 4242", "5602****"},
		{0x70, Common, "70055F2002 4142", "70055F2002****"},
		{0x70, Common, "DF7F084761739001010010", "DF7F08****************"},
		{0x70, Common, "5A084761", "********"},
		{0x70, Common, "9F360200015A4761739001010010", "9F36020001******************"},
		{0xFF8105, C2, "00 5701D2 00", "005701D*00"},
	} {
		if got := string(Mask(Lookup(c.tag, c.scope), unhex(t, c.value), nil)); got != c.want {
			t.Errorf("%s %s %s:\n got %s\nwant %s", c.tag, c.scope, c.value, got, c.want)
		}
	}
}

func TestMaskTrack1(t *testing.T) {
	e := Lookup(0x56, C2)
	for _, c := range [][2]string{
		{"B5413339000001513^SUPPLIED/NOT^14126010123456789", "B541333******1513^******************************"},
		{"%B5413339000001513^A^1?", "%B541333******1513^****"},
		{"5413339000001513^A", "541333******1513^*"},
		{"B54133390000015135413^A", "***********************"},
		{"B5413339000001513", "*****************"},
		{"B541333900000 1513^A", "********************"},
		{"B123456789012^", "B********9012^"},
		{"B^", "B^"},
		{"", ""},
		{"%", "*"},
		{"A5413339000001513^", "******************"},
	} {
		if got := string(Mask(e, []byte(c[0]), nil)); got != c[1] {
			t.Errorf("%s:\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

func TestMaskAppends(t *testing.T) {
	if got := string(Mask(nil, []byte{1, 2}, []byte("x="))); got != "x=****" {
		t.Error(got)
	}
	if got := string(Mask(Lookup(0x5A, Common), unhex(t, "4761739001010010"), []byte("x="))); got != "x=476173******0010" {
		t.Error(got)
	}
	record := unhex(t, "5A0847617390010100105F2403240319")
	dst := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() { Mask(Lookup(0x70, Common), record, dst) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestMaskDeep(t *testing.T) {
	v := unhex(t, "5A084761739001010010")
	for range 20 {
		v = tlv.Append(nil, 0x70, v)
	}
	if got := Mask(Lookup(0x70, Common), v, nil); bytes.Contains(got, []byte("476173")) || len(got) != 2*len(v) {
		t.Errorf("%s", got)
	}
}

// FuzzMask: whatever a card sends under the tag of a card number or a track, at most the first six and the last four
// digits of what stands in front of the separator come out; of every other sensitive object nothing does.
func FuzzMask(f *testing.F) {
	for _, s := range []string{
		"", "4761739001010010", "374245455400001F", "4761739001010010D221220111438444895F", "FFFF", "D2", "0D", "12345FFF",
		"42353431333333393030303030313531335E535550504C4945442F4E4F545E31343132", "5A084761739001010010",
		"70125A0847617390010100105F20064D5220582F59", "9F6B13 5413339000001513D20126010000000000000F",
	} {
		f.Add(unhex(f, s))
	}
	var sensitive []*Entry
	for e := range All {
		if e.Sensitive != Public {
			sensitive = append(sensitive, e)
		}
	}
	if len(sensitive) == 0 {
		f.Fatal("nothing is sensitive")
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		text := []byte(strings.ToUpper(hex.EncodeToString(value)))
		for _, e := range sensitive {
			got := Mask(e, value, nil)
			switch {
			case e.Sensitive == Cardholder, e.Sensitive == Secret:
				shows(t, e, got, text, 0, 0)
			case e.Sensitive == PAN:
				digits := len(bytes.TrimRight(text, "F"))
				shows(t, e, got, text, digits, len(text))
			case e.Tag == 0x57, e.Tag == 0x9F6B:
				sep := bytes.IndexByte(text, 'D')
				if sep < 0 {
					shows(t, e, got, text, 0, 0)
				} else {
					shows(t, e, got, text, sep, sep+1)
				}
			case e.Tag == 0x56:
				sep := bytes.IndexByte(value, '^')
				start := 0
				for start < sep && start < 2 && (value[start] == '%' || value[start] == 'B') {
					start++
				}
				if sep < 0 {
					shows(t, e, got, value, 0, 0)
				} else {
					if len(got) != len(value) {
						t.Fatalf("%q: %q", value, got)
					}
					shows(t, e, got[start:], value[start:], sep-start, sep-start+1)
				}
			default:
				shows(t, e, got, text, 0, 0)
			}
		}
		if got := Mask(nil, value, nil); len(bytes.Trim(got, "*")) != 0 || len(got) != 2*len(value) {
			t.Fatalf("unknown: %q", got)
		}
		// Inside a record nothing more comes out than alone.
		for _, e := range sensitive {
			if len(value) > 0xFFFF {
				continue
			}
			record := tlv.Append(nil, e.Tag, value)
			got := Mask(Lookup(0x70, Common), record, nil)
			if len(got) != 2*len(record) {
				t.Fatalf("%s: %d characters for %d bytes", e.Tag, len(got), len(record))
			}
			head := 2 * (len(record) - len(value))
			stars, least := bytes.Count(got[head:], []byte{hidden}), 0
			if n := len(bytes.TrimRight(text, "F")); n > 10 {
				least = n - 10 - 1 // the separator is shown
			}
			if stars < least {
				t.Fatalf("%s: %s from %s", e.Tag, got, text)
			}
		}
	})
}

// shows fails unless every character of got is that of text or '*', the first digits characters show at most ten in the
// places that are allowed, and from behind nothing is shown at all.
func shows(t *testing.T, e *Entry, got, text []byte, digits, behind int) {
	t.Helper()
	if len(got) != len(text) {
		t.Fatalf("%s: %q from %q", e.Tag, got, text)
	}
	count := 0
	for i, c := range got {
		if c == hidden {
			continue
		}
		if c != text[i] {
			t.Fatalf("%s: %q from %q differs at %d", e.Tag, got, text, i)
		}
		switch {
		case i < digits:
			if i >= 6 && i < digits-4 {
				t.Fatalf("%s: %q from %q shows digit %d of %d", e.Tag, got, text, i, digits)
			}
			count++
		case i >= behind:
			t.Fatalf("%s: %q from %q shows what is behind the number", e.Tag, got, text)
		}
	}
	if count > 10 || count > 4 && digits < 13 || count > 0 && digits < 8 {
		t.Fatalf("%s: %q from %q shows %d of %d digits", e.Tag, got, text, count, digits)
	}
}

// TestMaskSM2Certificate: the card number of an ICC certificate of SM2 (JR/T 0025.17) is hidden, one of RSA stays as it is.
func TestMaskSM2Certificate(t *testing.T) {
	const number = "6210940001000017"
	head := "14" + number + "FFFF" + "1249" + "000001" + "04"
	for _, c := range []struct{ name, value, want string }{
		{"SM2", head + "04114055", "14" + strings.Repeat("*", 20) + "1249" + "000001" + "04" + "04114055"},
		{"RSA by its algorithm", head[:32] + "01" + "AABB", head[:32] + "01" + "AABB"},
		{"RSA by its first byte", "15" + head[2:], "15" + head[2:]},
		{"too short to be one", head[:32], head[:32]},
		{"empty", "", ""},
	} {
		if got := string(MaskTag(0x9F46, unhex(t, c.value), nil)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
