package issuer

import (
	"bytes"
	"slices"
	"testing"

	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/tlv"
)

// purchase is a transaction of 1.00 with the Issuer Application Data given.
func purchase(t testing.TB, iad string) map[tlv.Tag][]byte {
	return map[tlv.Tag][]byte{
		0x9F02: unhex(t, "000000000100"), 0x9F03: unhex(t, "000000000000"), 0x9F1A: unhex(t, "0840"),
		0x95: unhex(t, "0000000000"), 0x5F2A: unhex(t, "0840"), 0x9A: unhex(t, "261123"), 0x9C: unhex(t, "00"),
		0x9F37: unhex(t, "ABCDEF10"), 0x82: unhex(t, "1800"), 0x9F36: unhex(t, "0002"), 0x9F10: unhex(t, iad),
	}
}

func of(m map[tlv.Tag][]byte) Data { return func(tag tlv.Tag) []byte { return m[tag] } }

const longIAD = "1F22010300000000000000000000000000000000000000000000000000000000"

// visaCards is a card of each version: its Issuer Application Data chooses the profile.
var visaCards = []struct{ name, iad string }{
	{"Visa CVN 10", "06010A03A0A000"},
	{"Visa CVN 18", "06011203A0B800"},
	{"Visa CVN 22", longIAD},
}

func profileOf(t testing.TB, iad []byte) Profile {
	t.Helper()
	parsed, err := ParseVisaIAD(iad)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Visa(parsed.CVN)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCardAndIssuer lets a card generate and its issuer verify and answer, and changes every bit of what they exchange.
func TestCardAndIssuer(t *testing.T) {
	imk := key(t, testIMK)
	for _, c := range visaCards {
		t.Run(c.name, func(t *testing.T) {
			data := purchase(t, c.iad)
			p := profileOf(t, data[0x9F10])
			if p.Name != c.name {
				t.Fatalf("profile %q", p.Name)
			}
			var mk Key
			if err := MasterKey(&mk, &imk, OptionA, "4761739001010010", 0x01); err != nil {
				t.Fatal(err)
			}
			arqc, err := p.Generate(&mk, of(data))
			if err != nil {
				t.Fatal(err)
			}
			verify := func() bool {
				t.Helper()
				ok, err := p.Verify(&mk, of(data), arqc[:])
				if err != nil {
					t.Fatal(err)
				}
				return ok
			}
			if !verify() {
				t.Fatal("the issuer refuses the card's cryptogram")
			}
			for tag, v := range data {
				for bit := range 8 * len(v) {
					if tag == 0x9F10 && p.CVN == 0x0A && bit < 24 {
						continue // CVN 10 takes the CVR alone
					}
					v[bit/8] ^= 1 << (bit % 8)
					if verify() {
						t.Errorf("bit %d of %s is not covered", bit, tag)
					}
					v[bit/8] ^= 1 << (bit % 8)
				}
			}
			for n := range 8 {
				if ok, err := p.Verify(&mk, of(data), arqc[:n]); ok || err != nil {
					t.Errorf("a cryptogram of %d bytes: %v, %v", n, ok, err)
				}
			}

			answer := Response{ARC: [2]byte{'0', '0'}, CSU: [4]byte{0x03, 0x82}, Proprietary: unhex(t, "0102030405")}
			value, err := p.AppendAuthData(nil, &mk, of(data), arqc, answer)
			if err != nil {
				t.Fatal(err)
			}
			if ok, err := p.VerifyAuthData(&mk, of(data), arqc, value); !ok || err != nil {
				t.Fatalf("the card refuses the issuer's answer: %v", err)
			}
			for bit := range 8 * len(value) {
				value[bit/8] ^= 1 << (bit % 8)
				if ok, err := p.VerifyAuthData(&mk, of(data), arqc, value); ok || err != nil {
					t.Errorf("bit %d of the answer is not covered: %v", bit, err)
				}
				value[bit/8] ^= 1 << (bit % 8)
			}
			for n := range 20 {
				other := append(slices.Clone(value), make([]byte, 8)...)[:n]
				if ok, err := p.VerifyAuthData(&mk, of(data), arqc, other); err != nil || ok != (n == len(value)) {
					t.Errorf("an answer of %d bytes: %v, %v", n, ok, err)
				}
			}
			got, err := p.ParseAuthData(value)
			if err != nil || p.ARPC == Method1 && got.ARC != answer.ARC ||
				p.ARPC == Method2 && (got.CSU != answer.CSU || !bytes.Equal(got.Proprietary, answer.Proprietary)) {
				t.Errorf("parsed %+v, %v", got, err)
			}
		})
	}
}

// TestMissingAndWrongLengths takes away each data object in turn, and makes each longer and shorter.
func TestMissingAndWrongLengths(t *testing.T) {
	mk := key(t, testIMK)
	for _, c := range visaCards {
		p := profileOf(t, unhex(t, c.iad))
		for _, item := range p.Input {
			for change, want := range map[int]Code{-99: CodeDataMissing, -1: CodeDataLength, 1: CodeDataLength} {
				data := purchase(t, c.iad)
				v := append(data[item.Tag], 0)
				data[item.Tag] = v[:max(0, len(v)-1+change)]
				if len(data[item.Tag]) == 0 {
					want = CodeDataMissing
				}
				_, err := p.Generate(&mk, of(data))
				if item.Tag == 0x9F10 && want == CodeDataLength && (change > 0 || p.CVN != 0x0A) {
					if err != nil {
						t.Errorf("%s: %v", p.Name, err)
					}
					continue // its length is the card's to choose
				}
				wantCode(t, p.Name+" "+item.Tag.String(), err, want)
				if e, ok := err.(*Error); ok && e.Tag != item.Tag {
					t.Errorf("%s: the error names %s, want %s", p.Name, e.Tag, item.Tag)
				}
			}
		}
	}
}

func TestProfileRefusals(t *testing.T) {
	mk := key(t, testIMK)
	data := of(purchase(t, longIAD))
	_, err := Visa(0x7F)
	wantCode(t, "CVN '7F'", err, CodeProfile)

	var p Profile
	_, err = p.Generate(&mk, data)
	wantCode(t, "no derivation", err, CodeProfile)
	_, err = p.AppendAuthData(nil, &mk, data, Cryptogram{}, Response{})
	wantCode(t, "no derivation for the answer", err, CodeProfile)
	p.ARPCKey = MasterKeyItself
	_, err = p.AppendAuthData(nil, &mk, data, Cryptogram{}, Response{})
	wantCode(t, "no method", err, CodeProfile)
	_, err = p.VerifyAuthData(&mk, data, Cryptogram{}, nil)
	wantCode(t, "no method to verify", err, CodeProfile)

	p, _ = Visa(0x12)
	_, err = p.AppendAuthData(nil, &mk, func(tlv.Tag) []byte { return nil }, Cryptogram{}, Response{})
	wantCode(t, "no ATC", err, CodeDataMissing)
	_, err = p.AppendAuthData(nil, &mk, data, Cryptogram{}, Response{Proprietary: make([]byte, 9)})
	wantCode(t, "9 proprietary bytes", err, CodeDataLength)
	p.Input = []Item{{Tag: 0x9F10, From: 5, To: 3}}
	_, err = p.Generate(&mk, data)
	wantCode(t, "an item that ends before it begins", err, CodeProfile)
	p.Input = []Item{{Tag: 0x9F10, From: 40}}
	_, err = p.Generate(&mk, data)
	wantCode(t, "an item that begins behind its object", err, CodeDataLength)
	p.Input = []Item{{Tag: 0x9F10, From: -1, To: 3}}
	_, err = p.Generate(&mk, data)
	wantCode(t, "an item that begins in front of its object", err, CodeDataLength)
}

// TestProfilesAreCopies writes into a profile and asks for it anew.
func TestProfilesAreCopies(t *testing.T) {
	p, _ := Visa(0x0A)
	q, _ := Visa(0x0A)
	p.Input[0].Tag = 0
	if q.Input[0].Tag != 0x9F02 {
		t.Error("two profiles share their input")
	}
	if r, _ := Visa(0x12); r.Input[0].Tag != 0x9F02 {
		t.Error("the table was written to")
	}
}

// TestSessionKeyHalves holds the common session key to its formula, written out with the cipher alone.
func TestSessionKeyHalves(t *testing.T) {
	mk := key(t, testIMK)
	block, err := mac.NewTDES(mk.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := append(unhex(t, "001CF00000000000"), unhex(t, "001C0F0000000000")...)
	block.Encrypt(want[:8], want[:8])
	block.Encrypt(want[8:], want[8:])
	var sk Key
	if err := SessionKey(&sk, &mk, DiversificationATC([2]byte{0x00, 0x1C})); err != nil || !bytes.Equal(sk.Bytes(), want) {
		t.Errorf("%X, %v, want %X", sk.Bytes(), err, want)
	}
}

func benchmarkARQC(b *testing.B, iad string) {
	mk := key(b, testIMK)
	m := purchase(b, iad)
	p, data := profileOf(b, m[0x9F10]), of(m)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Generate(&mk, data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkARQCVisaCVN10(b *testing.B) { benchmarkARQC(b, visaCards[0].iad) }
func BenchmarkARQCVisaCVN18(b *testing.B) { benchmarkARQC(b, visaCards[1].iad) }
func BenchmarkARQCVisaCVN22(b *testing.B) { benchmarkARQC(b, visaCards[2].iad) }

// BenchmarkARQCFromIssuerMasterKey is an issuer host's whole check: card key, session key, cryptogram.
func BenchmarkARQCFromIssuerMasterKey(b *testing.B) {
	imk := key(b, testIMK)
	m := purchase(b, visaCards[1].iad)
	p, data := profileOf(b, m[0x9F10]), of(m)
	b.ReportAllocs()
	for b.Loop() {
		var mk Key
		if err := MasterKey(&mk, &imk, OptionB, "8901234567890123456", 0x01); err != nil {
			b.Fatal(err)
		}
		if _, err := p.Verify(&mk, data, make([]byte, 8)); err != nil {
			b.Fatal(err)
		}
	}
}
