package oda_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/tlv/dict"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestChoose has the table of Book 3, 10.3.
func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name, aip, terminal string
		want                oda.Method
	}{
		{"all on both sides", "6100", "0000C8", oda.MethodCDA},
		{"terminal without CDA", "6100", "0000C0", oda.MethodDDA},
		{"terminal with SDA alone", "6100", "000080", oda.MethodSDA},
		{"card with SDA alone", "4000", "0000C8", oda.MethodSDA},
		{"card with DDA alone", "2000", "0000C8", oda.MethodDDA},
		{"card with CDA alone, terminal without", "0100", "0000C0", oda.NoMethod},
		{"nothing in common", "4000", "000048", oda.NoMethod},
		{"card with none", "0000", "0000C8", oda.NoMethod},
		{"values too short to say", "", "00", oda.NoMethod},
	} {
		if got := oda.Choose(unhex(t, c.aip), unhex(t, c.terminal)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestMark has the bits of Book 3, Annexes C5 and C6.
func TestMark(t *testing.T) {
	for _, c := range []struct {
		name     string
		m        oda.Method
		why      error
		tvr, tsi string
	}{
		{"not performed", oda.NoMethod, nil, "8000000000", ""},
		{"SDA good", oda.MethodSDA, nil, "0200000000", "8000"},
		{"SDA failed", oda.MethodSDA, cert.CodeSSADHash, "4200000000", "8000"},
		{"DDA good", oda.MethodDDA, nil, "0000000000", "8000"},
		{"DDA failed", oda.MethodDDA, cert.CodeSDADHash, "0800000000", "8000"},
		{"DDA without its data", oda.MethodDDA, oda.CodeData, "2800000000", "8000"},
		{"DDA without a CA key index", oda.MethodDDA, oda.CodeCAIndex, "2800000000", "8000"},
		{"CDA failed", oda.MethodCDA, oda.CodeCAPK, "0400000000", "8000"},
	} {
		d := kernel.NewData()
		d.Reset(dict.Common)
		if err := oda.Mark(d, c.m, c.why); err != nil {
			t.Fatal(err)
		}
		tvr, tsi := hex.EncodeToString(d.Get(0x95)), hex.EncodeToString(d.Get(0x9B))
		if tvr != c.tvr || tsi != c.tsi {
			t.Errorf("%s: TVR %s, TSI %s; want %s, %s", c.name, tvr, tsi, c.tvr, c.tsi)
		}
	}
	d := kernel.NewData()
	d.Reset(dict.Common)
	if err := d.Set(0x95, unhex(t, "0080000800")); err != nil {
		t.Fatal(err)
	}
	if err := oda.Mark(d, oda.MethodDDA, cert.CodeSDADHash); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(d.Get(0x95)); got != "0880000800" {
		t.Errorf("other bits are not left alone: %s", got)
	}
}

func TestStatic(t *testing.T) {
	d := kernel.NewData()
	d.Reset(dict.Common)
	if _, err := d.Receive(dict.Card, unhex(t, "9F4A0182 82021980")); err != nil {
		t.Fatal(err)
	}
	var s oda.Static
	s.AddRecord(1, unhex(t, "70065F2403301231"))
	s.AddRecord(11, unhex(t, "70038201AA"))
	s.AddTagList(d)
	var got []string
	for _, p := range s.Parts() {
		got = append(got, hex.EncodeToString(p))
	}
	if want := "5f2403301231 70038201aa 1980"; strings.Join(got, " ") != want { // Book 3, 10.3
		t.Errorf("%v, want %s", got, want)
	}
	s.Reset()
	if len(s.Parts()) != 0 {
		t.Error("Reset left parts behind")
	}
}

// TestFailuresBeforeAnyCertificate has each thing that can be missing before a certificate is looked at.
func TestFailuresBeforeAnyCertificate(t *testing.T) {
	const all = "8F0192 9001AA 9F320103 9F4601BB 9F470103 9F4B01CC 930101 5A084761739001010010"
	keys, err := capk.NewSet()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, objects string
		static        func(*oda.Static)
		want          error
	}{
		{"no CA key", all, nil, oda.CodeCAPK},
		{"no index", strings.Replace(all, "8F0192", "", 1), nil, oda.CodeCAIndex},
		{"no issuer certificate", strings.Replace(all, "9001AA", "", 1), nil, oda.CodeData},
		{"no issuer exponent", strings.Replace(all, "9F320103", "", 1), nil, oda.CodeData},
		{"no ICC certificate", strings.Replace(all, "9F4601BB", "", 1), nil, oda.CodeData},
		{"no ICC exponent", strings.Replace(all, "9F470103", "", 1), nil, oda.CodeData},
		{"a record that is no template", all, func(s *oda.Static) { s.AddRecord(1, []byte{0x77, 0x00}) }, oda.CodeRecord},
		{"nor is one of file 11", all, func(s *oda.Static) { s.AddRecord(11, []byte{0x77, 0x00}) }, oda.CodeRecord},
		{"a record of file 30 that is no TLV", all, func(s *oda.Static) { s.AddRecord(30, []byte{0x70, 0x05, 0x01}) }, oda.CodeRecord},
		{"too many records", all, func(s *oda.Static) {
			for range 100 {
				s.AddRecord(1, []byte{0x70, 0x00})
			}
		}, oda.CodeRecord},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := kernel.NewData()
			d.Reset(dict.Common)
			if _, err := d.Receive(dict.Card, unhex(t, c.objects)); err != nil {
				t.Fatal(err)
			}
			if err := d.Load(unhex(t, "9F0607A0000000031010 9A03261123")); err != nil {
				t.Fatal(err)
			}
			in := oda.Input{Env: &kernel.Env{CAPKs: keys}, Data: d, Cert: new(cert.Verifier), Static: new(oda.Static)}
			if c.static != nil {
				c.static(in.Static)
			}
			if got := oda.DDA(in, cert.FormatSDAD, nil).Why; got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
	t.Run("a tag list that names more than the AIP", func(t *testing.T) {
		d := kernel.NewData()
		d.Reset(dict.Common)
		if _, err := d.Receive(dict.Card, unhex(t, all+"9F4A02825A")); err != nil {
			t.Fatal(err)
		}
		if err := d.Load(unhex(t, "9F0607A0000000031010")); err != nil {
			t.Fatal(err)
		}
		in := oda.Input{Env: &kernel.Env{CAPKs: keys}, Data: d, Cert: new(cert.Verifier), Static: new(oda.Static)}
		in.Static.AddTagList(d)
		if got := oda.DDA(in, cert.FormatSDAD, nil).Why; got != oda.CodeTagList {
			t.Errorf("%v, want %v", got, oda.CodeTagList)
		}
	})
}
