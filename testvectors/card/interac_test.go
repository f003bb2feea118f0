package card_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

// flash is a tap of an Interac card by hand: 12.50 CAD on 23 November 2026, at a place that approves offline with CDA.
type flash struct {
	t       *testing.T
	card    *card.Card
	objects map[tlv.Tag][]byte
	static  []byte
	pdol    []byte
}

func newFlash(t *testing.T, profile string, set map[tlv.Tag][]byte, faults ...string) *flash {
	t.Helper()
	c, err := card.New(card.Config{Profile: profile, Set: set, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return &flash{t: t, card: c, objects: map[tlv.Tag][]byte{}}
}

// send returns the answer without its status word, and whether that is 9000.
func (f *flash) send(command ...[]byte) ([]byte, bool) {
	f.t.Helper()
	answer, err := f.card.Transmit(context.Background(), nil, bytes.Join(command, nil))
	if err != nil || len(answer) < 2 {
		f.t.Fatalf("%X, %v", answer, err)
	}
	n := len(answer) - 2
	return answer[:n], bytes.Equal(answer[n:], []byte{0x90, 0x00})
}

// open begins a transaction of a type (9F5A): selection, options, and the records, of which those of file 1 are signed.
func (f *flash) open(kind string) {
	f.t.Helper()
	f.static = nil
	if _, ok := f.send(unhex("00A4040007A000000277101000")); !ok {
		f.t.Fatal("not selected")
	}
	f.pdol = unhex("D88000" + kind + "000000001250" + "0124" + "0124" + "ABCDEF01" + "03")
	answer, ok := f.send(unhex("80A8000015"), []byte{0x83, byte(len(f.pdol))}, f.pdol, []byte{0})
	if !ok {
		f.t.Fatal("no options")
	}
	f.collect(0x77, answer)
	for afl := f.objects[0x94]; len(afl) >= 4; afl = afl[4:] {
		for n := afl[1]; n <= afl[2]; n++ {
			answer, ok := f.send([]byte{0x00, 0xB2, n, afl[0] | 4, 0})
			if !ok {
				f.t.Fatalf("no record %d of file %d", n, afl[0]>>3)
			}
			f.collect(0x70, answer)
			if n-afl[1] < afl[3] {
				value, _ := tlv.Find(answer, 0x70)
				f.static = append(f.static, value...)
			}
		}
	}
	if bytes.Equal(f.objects[0x9F4A], []byte{0x82}) {
		f.static = append(f.static, f.objects[0x82]...)
	}
}

func (f *flash) collect(template tlv.Tag, answer []byte) {
	value, ok := tlv.Find(answer, template)
	if !ok {
		f.t.Fatalf("%X is no template %s", answer, template)
	}
	for c := tlv.Read(value); c.Next(); {
		f.objects[c.Tag()] = c.Value()
	}
}

// cdol are the values of CDOL1: amounts, country, TVR, currency, date, type, unpredictable number, terminal type, CVM Results.
func cdol(kind string) []byte {
	return unhex("000000001250" + "000000000000" + "0124" + "0000000000" + "0124" + "261123" + kind + "ABCDEF01" + "22" + "1F0302")
}

// generate sends GENERATE AC and returns the objects of its answer.
func (f *flash) generate(p1 byte, kind string) []byte {
	f.t.Helper()
	data := cdol(kind)
	answer, ok := f.send([]byte{0x80, 0xAE, p1, 0x00, byte(len(data))}, data, []byte{0})
	if !ok {
		f.t.Fatal("no cryptogram")
	}
	f.collect(0x77, answer)
	value, _ := tlv.Find(answer, 0x77)
	return value
}

// verdict is the issuer's.
func (f *flash) verdict(kind string) issuer.Verdict {
	f.t.Helper()
	var de55 []byte
	for _, o := range []struct {
		tag   tlv.Tag
		value []byte
	}{
		{0x57, f.objects[0x57]},
		{0x5F34, f.objects[0x5F34]},
		{0x82, f.objects[0x82]},
		{0x84, unhex("A0000002771010")},
		{0x95, make([]byte, 5)},
		{0x9A, unhex("261123")},
		{0x9C, unhex(kind)},
		{0x5F2A, unhex("0124")},
		{0x9F02, unhex("000000001250")},
		{0x9F03, make([]byte, 6)},
		{0x9F10, f.objects[0x9F10]},
		{0x9F1A, unhex("0124")},
		{0x9F26, f.objects[0x9F26]},
		{0x9F27, f.objects[0x9F27]},
		{0x9F36, f.objects[0x9F36]},
		{0x9F37, unhex("ABCDEF01")},
	} {
		de55 = tlv.Append(de55, o.tag, o.value)
	}
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		f.t.Fatal(err)
	}
	v, err := host.Decide(de55)
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

// verify checks the combined signature (Book 2, 6.6) and takes the cryptogram out of it.
func (f *flash) verify(answer []byte) error {
	f.t.Helper()
	keys, err := capk.Test()
	if err != nil {
		f.t.Fatal(err)
	}
	ca, ok := keys.CAPK(capk.RID{0xA0, 0, 0, 0x02, 0x77}, f.objects[0x8F][0])
	if !ok {
		f.t.Fatal("no CA key")
	}
	var v cert.Verifier
	today := capk.Date{0x26, 0x11, 0x23}
	i, err := v.Issuer(ca, cert.IssuerData{
		Certificate: f.objects[0x90], Remainder: f.objects[0x92], Exponent: f.objects[0x9F32], PAN: f.objects[0x5A], Today: today,
	})
	if err != nil {
		return err
	}
	icc, err := v.ICC(i.Key, cert.ICCData{
		Certificate: f.objects[0x9F46], Remainder: f.objects[0x9F48], Exponent: f.objects[0x9F47], PAN: f.objects[0x5A],
		Today: today, Static: [][]byte{f.static},
	})
	if err != nil {
		return err
	}
	parts := [][]byte{f.pdol, cdol("00")}
	for c := tlv.Read(answer); c.Next(); {
		if c.Tag() != 0x9F4B {
			parts = append(parts, tlv.Append(nil, c.Tag(), c.Value()))
		}
	}
	r, err := v.CDA(icc.Key, cert.CDAData{
		SDAD: f.objects[0x9F4B], CID: f.objects[0x9F27][0], UnpredictableNumber: unhex("ABCDEF01"), Transaction: parts,
	})
	if err == nil {
		f.objects[0x9F26] = bytes.Clone(r.Cryptogram)
	}
	return err
}

// TestInteracAnswers has what cards give for what they are asked for.
func TestInteracAnswers(t *testing.T) {
	for _, c := range []struct {
		profile string
		p1      byte
		kind    string // of the transaction: 9F5A and 9C
		cid     issuer.Cryptogram
		signed  bool
	}{
		{"interac-offline", 0x50, "0000", issuer.TC, true},
		{"interac-offline", 0x40, "0000", issuer.TC, false},
		{"interac-offline", 0x80, "0000", issuer.ARQC, false},
		{"interac-offline", 0x00, "0000", issuer.AAC, false},
		{"interac-offline", 0x50, "0120", issuer.ARQC, true}, // a refund goes online
		{"interac-debit", 0x50, "0000", issuer.ARQC, true},
		{"interac-debit", 0x90, "0000", issuer.ARQC, true},
		{"interac-plain", 0x50, "0000", issuer.ARQC, false},
		{"interac-phone", 0x80, "0000", issuer.ARQC, false},
		{"interac-declines", 0x90, "0000", issuer.AAC, false},
	} {
		f := newFlash(t, c.profile, nil)
		f.open(c.kind[:2])
		answer := f.generate(c.p1, c.kind[2:])
		if _, signed := f.objects[0x9F4B]; signed != c.signed {
			t.Errorf("%s asked for %02X: signed %v", c.profile, c.p1, signed)
			continue
		}
		if c.signed && c.kind == "0000" {
			if err := f.verify(answer); err != nil {
				t.Errorf("%s asked for %02X: %v", c.profile, c.p1, err)
			}
		} else if c.signed {
			continue // the data of a refund are not those that verify has
		}
		if v := f.verdict(c.kind[2:]); !v.Valid || v.Cryptogram != c.cid {
			t.Errorf("%s asked for %02X: %+v, want a valid %s", c.profile, c.p1, v, c.cid)
		}
	}
}

// TestInteracLimits: limits by the merchant's type, and the sum since the last PIN.
func TestInteracLimits(t *testing.T) {
	for _, c := range []struct {
		name string
		set  map[tlv.Tag][]byte
		taps int // how many of 12.50 CAD the card takes before it declines
	}{
		{"its merchant's limit", map[tlv.Tag][]byte{0x9F55: unhex("000000001249")}, 0},
		{"another merchant's limit", map[tlv.Tag][]byte{0x9F54: unhex("000000001249"), 0x9F5C: unhex("000000002500")}, 2},
		{"a sum of 37.49", map[tlv.Tag][]byte{0x9F5C: unhex("000000003749")}, 2},
		{"another currency, which it does not count", map[tlv.Tag][]byte{0x9F42: unhex("0840"), 0x9F5C: unhex("000000000001")}, 5},
	} {
		f := newFlash(t, "interac-debit", c.set)
		taken := 0
		for ; taken < 5; taken++ {
			f.card.Reset()
			f.open("00")
			if f.generate(0x80, "00"); f.objects[0x9F27][0] == 0 {
				break
			}
		}
		if taken != c.taps {
			t.Errorf("%s: %d taps, want %d", c.name, taken, c.taps)
		}
	}
}

// TestInteracStatusWords: what a card does not answer.
func TestInteracStatusWords(t *testing.T) {
	f := newFlash(t, "interac-debit", nil)
	data := cdol("00")
	command := func(p1, p2 byte, data []byte) []byte {
		return bytes.Join([][]byte{{0x80, 0xAE, p1, p2, byte(len(data))}, data, {0}}, nil)
	}
	try := func(about string, command []byte, want string) {
		t.Helper()
		answer, err := f.card.Transmit(context.Background(), nil, command)
		if err != nil || !bytes.Equal(answer, unhex(want)) {
			t.Errorf("%s: %X, %v, want %s", about, answer, err, want)
		}
	}
	try("before selection", command(0x80, 0, data), "6D00")
	if _, ok := f.send(unhex("00A4040007A000000277101000")); !ok {
		t.Fatal("not selected")
	}
	try("before options", command(0x80, 0, data), "6985")
	f.open("00")
	try("a reserved cryptogram", command(0xC0, 0, data), "6A86")
	try("an unknown parameter", command(0x80, 1, data), "6A86")
	try("too few data", command(0x80, 0, data[1:]), "6700")
	try("too many data", command(0x80, 0, append(bytes.Clone(data), 0)), "6700")
	f.generate(0x80, "00")
	try("a second one", command(0x40, 0, data), "6985")
	try("another command", unhex("80EA000004ABCDEF0100"), "6D00")
}
