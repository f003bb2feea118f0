package card_test

import (
	"bytes"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

// express is a tap of an American Express card by hand: 12.50 USD on 23 November 2026. It goes the same way as an Interac
// card, with data of its own.
type express struct {
	*flash
	options []byte // the values of the PDOL
}

func newExpress(t *testing.T, profile string, faults ...string) *express {
	t.Helper()
	return &express{flash: newFlash(t, profile, nil, faults...)}
}

// open begins a transaction with the values of the PDOL.
func (x *express) open(options string) {
	x.t.Helper()
	x.static, x.options = nil, unhex(options)
	if _, ok := x.send(unhex("00A4040006A0000000250100")); !ok {
		x.t.Fatal("not selected")
	}
	n := byte(len(x.options))
	answer, ok := x.send([]byte{0x80, 0xA8, 0, 0, n + 2, 0x83, n}, x.options, []byte{0})
	if !ok {
		x.t.Fatal("no options")
	}
	x.collect(0x77, answer)
	for afl := x.objects[0x94]; len(afl) >= 4; afl = afl[4:] {
		for record := afl[1]; record <= afl[2]; record++ {
			answer, ok := x.send([]byte{0x00, 0xB2, record, afl[0] | 4, 0})
			if !ok {
				x.t.Fatalf("no record %d of file %d", record, afl[0]>>3)
			}
			x.collect(0x70, answer)
			if record-afl[1] < afl[3] {
				value, _ := tlv.Find(answer, 0x70)
				x.static = append(x.static, value...)
			}
		}
	}
	if bytes.Equal(x.objects[0x9F4A], []byte{0x82}) {
		x.static = append(x.static, x.objects[0x82]...)
	}
}

// expressCDOL are the values of CDOL1: amounts, country, TVR, currency, date, type, unpredictable number.
func expressCDOL(amount, currency string) []byte {
	return unhex(amount + "000000000000" + "0840" + "0000000000" + currency + "261123" + "00" + "ABCDEF01")
}

func (x *express) generate(p1 byte, data []byte) []byte {
	x.t.Helper()
	answer, ok := x.send([]byte{0x80, 0xAE, p1, 0x00, byte(len(data))}, data, []byte{0})
	if !ok {
		x.t.Fatal("no cryptogram")
	}
	x.collect(0x77, answer)
	value, _ := tlv.Find(answer, 0x77)
	return value
}

// keys recovers the issuer's key and, where the card has one, its own.
func (x *express) keys(v *cert.Verifier) (cert.Issuer, cert.ICC, error) {
	x.t.Helper()
	set, err := capk.Test()
	if err != nil {
		x.t.Fatal(err)
	}
	ca, ok := set.CAPK(capk.RID{0xA0, 0, 0, 0, 0x25}, x.objects[0x8F][0])
	if !ok {
		x.t.Fatal("no CA key")
	}
	today := capk.Date{0x26, 0x11, 0x23}
	i, err := v.Issuer(ca, cert.IssuerData{
		Certificate: x.objects[0x90], Remainder: x.objects[0x92], Exponent: x.objects[0x9F32], PAN: x.objects[0x5A], Today: today,
	})
	if err != nil || x.objects[0x9F46] == nil {
		return i, cert.ICC{}, err
	}
	icc, err := v.ICC(i.Key, cert.ICCData{
		Certificate: x.objects[0x9F46], Remainder: x.objects[0x9F48], Exponent: x.objects[0x9F47], PAN: x.objects[0x5A],
		Today: today, Static: [][]byte{x.static},
	})
	return i, icc, err
}

// verify checks the combined signature (Book 2, 6.6) and takes the cryptogram out of it.
func (x *express) verify(answer, data []byte) error {
	x.t.Helper()
	var v cert.Verifier
	_, icc, err := x.keys(&v)
	if err != nil {
		return err
	}
	parts := [][]byte{x.options, data}
	for c := tlv.Read(answer); c.Next(); {
		if c.Tag() != 0x9F4B {
			parts = append(parts, tlv.Append(nil, c.Tag(), c.Value()))
		}
	}
	r, err := v.CDA(icc.Key, cert.CDAData{
		SDAD: x.objects[0x9F4B], CID: x.objects[0x9F27][0], UnpredictableNumber: unhex("ABCDEF01"), Transaction: parts,
	})
	if err == nil {
		x.objects[0x9F26] = bytes.Clone(r.Cryptogram)
	}
	return err
}

// verdict is the issuer's.
func (x *express) verdict(amount, currency string) issuer.Verdict {
	x.t.Helper()
	var de55 []byte
	for _, o := range []struct {
		tag   tlv.Tag
		value []byte
	}{
		{0x57, x.objects[0x57]},
		{0x5F34, x.objects[0x5F34]},
		{0x82, x.objects[0x82]},
		{0x95, make([]byte, 5)},
		{0x9A, unhex("261123")},
		{0x9C, unhex("00")},
		{0x5F2A, unhex(currency)},
		{0x9F02, unhex(amount)},
		{0x9F03, make([]byte, 6)},
		{0x9F06, unhex("A00000002501")},
		{0x9F10, x.objects[0x9F10]},
		{0x9F1A, unhex("0840")},
		{0x9F26, x.objects[0x9F26]},
		{0x9F27, x.objects[0x9F27]},
		{0x9F36, x.objects[0x9F36]},
		{0x9F37, unhex("ABCDEF01")},
	} {
		de55 = tlv.Append(de55, o.tag, o.value)
	}
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		x.t.Fatal(err)
	}
	v, err := host.Decide(de55)
	if err != nil {
		x.t.Fatal(err)
	}
	return v
}

// TestAmexAnswers has what cards give for what they are asked for: never more, and signed where a signature was asked for.
func TestAmexAnswers(t *testing.T) {
	const small, large = "000000001250", "000000005001"
	for _, c := range []struct {
		profile, options string
		p1               byte
		amount, currency string
		cid              issuer.Cryptogram
		signed           bool
	}{
		{"amex-offline", "E2", 0x50, small, "0840", issuer.TC, true},
		{"amex-offline", "E2", 0x40, small, "0840", issuer.TC, false},
		{"amex-offline", "E2", 0x90, small, "0840", issuer.ARQC, true},
		{"amex-offline", "E2", 0x00, small, "0840", issuer.AAC, false},
		{"amex-offline", "E2", 0x50, large, "0840", issuer.ARQC, true},
		{"amex-offline", "E2", 0x50, small, "0978", issuer.ARQC, true},
		{"amex-sda", "E2", 0x40, small, "0840", issuer.TC, false},
		{"amex-credit", "EA", 0x50, small, "0840", issuer.ARQC, true},
		{"amex-plain", "E2", 0x80, small, "0840", issuer.ARQC, false},
		{"amex-magstripe", "E2", 0x50, small, "0840", issuer.ARQC, true},
		{"amex-declines", "E2", 0x50, small, "0840", issuer.AAC, false},
		{"amex-phone", "22D8E00003", 0x90, small, "0840", issuer.ARQC, true},
		{"amex-phone", "22D8E08003", 0x50, small, "0840", issuer.AAC, false}, // the reader is offline only
	} {
		x := newExpress(t, c.profile)
		x.open(c.options)
		data := expressCDOL(c.amount, c.currency)
		answer := x.generate(c.p1, data)
		if _, signed := x.objects[0x9F4B]; signed != c.signed {
			t.Errorf("%s asked for %02X: signed %v", c.profile, c.p1, signed)
			continue
		}
		if c.signed {
			if err := x.verify(answer, data); err != nil {
				t.Errorf("%s asked for %02X: %v", c.profile, c.p1, err)
			}
			changed := bytes.Clone(data)
			changed[5] ^= 0x01
			if err := x.verify(answer, changed); err == nil {
				t.Errorf("%s: the signature is good for another amount", c.profile)
			}
		}
		v := x.verdict(c.amount, c.currency)
		if !v.Valid || v.Cryptogram != c.cid {
			t.Errorf("%s asked for %02X: %+v, want %v", c.profile, c.p1, v, c.cid)
		}
	}
}

// TestAmexStatic verifies the static signature, and sees that it is not one over anything else.
func TestAmexStatic(t *testing.T) {
	x := newExpress(t, "amex-sda")
	x.open("E2")
	var v cert.Verifier
	i, _, err := x.keys(&v)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.SSAD(i.Key, x.objects[0x93], cert.FormatSSAD, [][]byte{x.static}); err != nil {
		t.Error(err)
	}
	if _, err := v.SSAD(i.Key, x.objects[0x93], cert.FormatSSAD, [][]byte{x.static, {0}}); err == nil {
		t.Error("the signature is good for more")
	}
}

// TestAmexMobile has what phones say of their owners: method, condition, result.
func TestAmexMobile(t *testing.T) {
	const below, above = "22D8E00003", "22D8E04003"
	for _, c := range []struct{ profile, options, want string }{
		{"amex-phone", below, "3F0000"},
		{"amex-phone", above, "010302"},
		{"amex-phone-always", below, "010002"},
		{"amex-phone-locked", below, "3F0000"},
		{"amex-phone-locked", above, "3F0300"},
		{"amex-phone-blocked", above, "010303"},
	} {
		x := newExpress(t, c.profile)
		x.open(c.options)
		if got := x.objects[0x9F71]; !bytes.Equal(got, unhex(c.want)) {
			t.Errorf("%s: %X, want %s", c.profile, got, c.want)
		}
	}
	x := newExpress(t, "amex-phone-locked")
	for _, want := range []string{"3F0300", "010302"} {
		x.open(above)
		if got := x.objects[0x9F71]; !bytes.Equal(got, unhex(want)) {
			t.Errorf("%X, want %s", got, want)
		}
		x.card.Reset() // its owner unlocks it
	}
}

// TestAmexCounter: GET DATA gives the counter that the cryptogram has, and each transaction the next one.
func TestAmexCounter(t *testing.T) {
	x := newExpress(t, "amex-magstripe")
	for n := byte(1); n < 4; n++ {
		x.open("E2")
		answer, ok := x.send(unhex("80CA9F3600"))
		if want := []byte{0x9F, 0x36, 0x02, 0x00, n}; !ok || !bytes.Equal(answer, want) {
			t.Errorf("%X, want %X", answer, want)
		}
		x.generate(0x90, expressCDOL("000000001250", "0840"))
		if got := x.objects[0x9F36]; !bytes.Equal(got, []byte{0, n}) {
			t.Errorf("%X", got)
		}
		if _, ok := x.send(unhex("80AE80001D"), expressCDOL("000000001250", "0840"), []byte{0}); ok {
			t.Error("a second cryptogram")
		}
		x.card.Reset()
	}
}

// TestAmexRefusals: commands that are none.
func TestAmexRefusals(t *testing.T) {
	data := expressCDOL("000000001250", "0840")
	for name, command := range map[string][]byte{
		"a reserved cryptogram": bytes.Join([][]byte{unhex("80AEC0001D"), data, {0}}, nil),
		"P2":                    bytes.Join([][]byte{unhex("80AE80011D"), data, {0}}, nil),
		"short data":            bytes.Join([][]byte{unhex("80AE80001C"), data[1:], {0}}, nil),
		"long data":             bytes.Join([][]byte{unhex("80AE80001E"), data, {0, 0}}, nil),
	} {
		x := newExpress(t, "amex-credit")
		if _, ok := x.send(command); ok {
			t.Errorf("%s: before the options", name)
		}
		x.open("E2")
		if _, ok := x.send(command); ok {
			t.Error(name)
		}
	}
	for _, profile := range []string{"amex-blocked", "amex-switch"} {
		x := newExpress(t, profile)
		if _, ok := x.send(unhex("00A4040006A0000000250100")); !ok {
			t.Errorf("%s: not selected", profile)
		}
		if _, ok := x.send(unhex("80A80000038301E200")); ok {
			t.Errorf("%s: options", profile)
		}
	}
	if _, err := card.New(card.Config{Profile: "amex-none"}); err == nil {
		t.Error("a profile that is none")
	}
}
