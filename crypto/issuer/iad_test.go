package issuer

import (
	"bytes"
	"testing"
)

func TestParseIAD(t *testing.T) {
	for _, c := range []struct {
		scheme   Scheme
		in       string
		dki, cvn byte
		cvr      string
		rest     int
	}{
		{SchemeVisa, longIAD, 0x01, 0x22, "0300000000", 24},
		{SchemeMChip, mchipIAD, 0x01, 0x10, "A00003220000", 10},
		{SchemeMChip, mchipIAD + "0011223344556677", 0x01, 0x10, "A00003220000", 18},
		{SchemeCommonCore, commonCoreIAD, 0x00, 0xA5, "A038000000", 24},
		{SchemeAmex, amexIAD, 0x01, 0x01, "03A00000", 0},
		{SchemeJCB, amexIAD, 0x01, 0x01, "03A00000", 0},
		{SchemeUnionPay, unionPayIAD, 0x00, 0x01, "03A04002", 12},
		{SchemeDiscover, discoverIAD, 0x01, 0x05, "A000000000000000", 2},
		{SchemeInterac, interacIAD, 0x02, 0x85, "", 19},
	} {
		iad, err := ParseIAD(c.scheme, unhex(t, c.in))
		if err != nil || iad.DKI != c.dki || iad.CVN != c.cvn || !bytes.Equal(iad.CVR, unhex(t, c.cvr)) || len(iad.Rest) != c.rest {
			t.Errorf("%s %s: %+v, %v", c.scheme, c.in, iad, err)
		}
	}
	for _, c := range []struct {
		scheme Scheme
		in     string
	}{
		{SchemeVisa, mchipIAD},
		{SchemeMChip, mchipIAD[2:]},
		{SchemeMChip, ""},
		{SchemeCommonCore, longIAD},
		{SchemeCommonCore, "0FB5" + commonCoreIAD[4:]},
		{SchemeCommonCore, commonCoreIAD[2:]},
		{SchemeAmex, "06010102A00000"},
		{SchemeAmex, "06010103A000"},
		{SchemeAmex, amexIAD + "0000000000000000000000000000000000000000000000000000"},
		{SchemeDiscover, discoverIAD[:18]},
		{SchemeInterac, "02"},
	} {
		_, err := ParseIAD(c.scheme, unhex(t, c.in))
		wantCode(t, string(c.scheme)+" "+c.in, err, CodeIAD)
	}
	_, err := ParseIAD("none", nil)
	wantCode(t, "a scheme that is none", err, CodeProfile)
}

// FuzzParseIAD holds the parts to be pieces of what was read, and every profile to end in a cryptogram or a typed error.
func FuzzParseIAD(f *testing.F) {
	for _, c := range schemeCards {
		f.Add(unhex(f, c.iad))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		for _, c := range schemeCards {
			iad, err := ParseIAD(c.scheme, b)
			if err != nil {
				wantCode(t, "refusal", err, CodeIAD)
				continue
			}
			if len(iad.CVR)+len(iad.Rest)+2 > len(b) || len(b) > iadMax {
				t.Errorf("%s %X: CVR of %d bytes, %d behind it", c.scheme, b, len(iad.CVR), len(iad.Rest))
			}
			p, err := ProfileOf(c.scheme, iad.CVN)
			if err != nil {
				continue
			}
			mk, data := key(t, testIMK), purchase(t, "")
			data[0x9F10] = b
			if _, err := p.Generate(&mk, of(data)); err != nil {
				wantCode(t, p.Name, err, CodeDataLength)
			}
		}
		if !bytes.Equal(before, b) {
			t.Error("the value was written to")
		}
	})
}
