package issuer

import (
	"bytes"
	"encoding/hex"
	"testing"
)

const commonCoreIAD = "0FA500A03800000000000000000000000F010000000000000000000000000000"

func TestParseVisaIAD(t *testing.T) {
	for _, c := range []struct {
		in       string
		dki, cvn byte
		cvr      string
		rest     int
	}{
		{"06010A03A0A000", 0x01, 0x0A, "03A0A000", 0},
		{"06021203A0B800", 0x02, 0x12, "03A0B800", 0},
		{"06010A03A4000204AABBCCDD", 0x01, 0x0A, "03A40002", 5},
		{longIAD, 0x01, 0x22, "0300000000", 24},
		{commonCoreIAD, 0x00, 0xA5, "A038000000", 24},
	} {
		iad, err := ParseVisaIAD(unhex(t, c.in))
		if err != nil || iad.DKI != c.dki || iad.CVN != c.cvn || !bytes.Equal(iad.CVR, unhex(t, c.cvr)) || len(iad.Rest) != c.rest {
			t.Errorf("%s: %+v, %v", c.in, iad, err)
		}
	}
	if _, err := ParseVisaIAD(append(unhex(t, "06010A03A0A000"), make([]byte, 25)...)); err != nil {
		t.Errorf("32 bytes: %v", err)
	}
	for name, in := range map[string][]byte{
		"nothing":                     nil,
		"a length alone":              {0x06},
		"no CVR":                      {0x06, 0x01, 0x0A},
		"half a CVR":                  {0x06, 0x01, 0x0A, 0x03, 0xA0, 0xA0},
		"33 bytes":                    append([]byte{0x06}, make([]byte, 32)...),
		"M/Chip":                      unhex(t, "0110A00003220000000000000000000000FF"),
		"long of 31 bytes":            unhex(t, longIAD)[:31],
		"long of 33 bytes":            append(unhex(t, longIAD), 0),
		"common core of 31":           unhex(t, commonCoreIAD)[:31],
		"common core, no second '0F'": append(unhex(t, "0FA500"), make([]byte, 29)...),
	} {
		_, err := ParseVisaIAD(in)
		wantCode(t, name, err, CodeIAD)
	}
}

// FuzzParseVisaIAD holds parse and append to be each other's inverse, and the parts to stay within what was read.
func FuzzParseVisaIAD(f *testing.F) {
	seeds := []string{"", "06", "06010A03A0A000", "06010A03A4000204AABBCCDD", longIAD, commonCoreIAD, longIAD + "00", longIAD[:62]}
	for _, s := range seeds {
		b, err := hex.DecodeString(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		iad, err := ParseVisaIAD(b)
		if err != nil {
			wantCode(t, "refusal", err, CodeIAD)
			return
		}
		if n := len(iad.CVR); n != iad.Layout.cvrSize() || iadHead+n+len(iad.Rest) != len(b) {
			t.Errorf("%X: CVR of %d bytes, %d behind it", b, n, len(iad.Rest))
		}
		if got := iad.Append(nil); !bytes.Equal(got, before) {
			t.Errorf("%X becomes %X", before, got)
		}
		if _, err := Visa(iad.CVN); err != nil {
			wantCode(t, "profile", err, CodeProfile)
		}
	})
}
