package card_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

// mcPurchase is 10.00 USD as CDOL1 of Mastercard's cards asks for it, with what a terminal that supports everything sends.
func mcPurchase() *terminal {
	return purchase().with(0x9F02, "000000001000").with(0x9F35, "22").with(0x9F34, "3F0002").with(0x9F21, "101112").
		with(0x9F45, "0000").with(0x9F4C, "0000000000000000").with(0x9F7C, strings.Repeat("00", 20)).
		with(0x9F1D, strings.Repeat("00", 8)).with(0x9F5C, strings.Repeat("00", 8))
}

// begin taps a Mastercard card up to its last record; pdol is what was sent with GET PROCESSING OPTIONS.
func (t *terminal) begin(c *card.Card) (pdol []byte, err error) {
	t.objects, t.static, t.pairs = map[tlv.Tag][]byte{}, nil, 0
	fci, err := t.send(c, unhex("00A4040007A000000004101000"))
	if err != nil {
		return nil, err
	}
	list, _ := tlv.Find(fci, 0x6F, 0xA5, 0x9F38)
	if pdol, err = tlv.AppendDOLData(nil, list, t); err != nil {
		return nil, err
	}
	answer, err := t.options(c, fci)
	if err == nil {
		err = t.collect(0x77, answer)
	}
	if err != nil {
		return nil, err
	}
	for afl := t.objects[0x94]; len(afl) >= 4; afl = afl[4:] {
		for n := afl[1]; n <= afl[2]; n++ {
			rec, err := t.send(c, []byte{0x00, 0xB2, n, afl[0] | 4, 0})
			if err != nil {
				return nil, err
			}
			if err := t.collect(0x70, rec); err != nil {
				return nil, err
			}
			value, _ := tlv.Find(rec, 0x70)
			if n-afl[1] < afl[3] {
				t.static = append(t.static, value)
			}
		}
	}
	t.static = append(t.static, t.objects[0x82])
	return pdol, nil
}

// generate sends GENERATE AC with more behind the data of CDOL1, and returns all the data and the value of the answer.
func (t *terminal) generate(c *card.Card, control byte, more ...byte) (data, answer []byte, err error) {
	data, err = tlv.AppendDOLData(nil, t.objects[0x8C], t)
	if err != nil {
		return nil, nil, err
	}
	data = append(data, more...)
	got, err := t.send(c, []byte{0x80, 0xAE, control, 0, byte(len(data))}, data, []byte{0})
	if err != nil {
		return nil, nil, err
	}
	answer, _ = tlv.Find(got, 0x77)
	return data, answer, t.collect(0x77, got)
}

// combined verifies a combined signature over an answer (Book 2, 6.6.2), and takes the cryptogram out of it.
func (t *terminal) combined(pdol, cdol, answer []byte) (cert.CDA, error) {
	set, err := capk.Test()
	if err != nil {
		return cert.CDA{}, err
	}
	ca, ok := set.CAPK(capk.RID{0xA0, 0, 0, 0, 4}, t.objects[0x8F][0])
	if !ok {
		return cert.CDA{}, errors.New("no CA key")
	}
	var v cert.Verifier
	today := capk.Date(t.values[0x9A])
	i, err := v.Issuer(ca, cert.IssuerData{
		Certificate: t.objects[0x90], Remainder: t.objects[0x92], Exponent: t.objects[0x9F32], PAN: t.objects[0x5A], Today: today,
	})
	if err != nil {
		return cert.CDA{}, err
	}
	icc, err := v.ICC(i.Key, cert.ICCData{
		Certificate: t.objects[0x9F46], Remainder: t.objects[0x9F48], Exponent: t.objects[0x9F47], PAN: t.objects[0x5A],
		Today: today, Static: t.static,
	})
	if err != nil {
		return cert.CDA{}, err
	}
	var unsigned []byte
	for o := tlv.Read(answer); o.Next(); {
		if o.Tag() != 0x9F4B {
			unsigned = tlv.Append(unsigned, o.Tag(), o.Value())
		}
	}
	s, err := v.CDA(icc.Key, cert.CDAData{
		SDAD: t.objects[0x9F4B], CID: t.objects[0x9F27][0], UnpredictableNumber: t.values[0x9F37],
		Transaction: [][]byte{pdol, cdol, unsigned},
	})
	t.objects[0x9F26] = bytes.Clone(s.Cryptogram)
	s.Rest = bytes.Clone(s.Rest)
	return s, err
}

// mcVerdict is the issuer's.
func (t *terminal) mcVerdict(tb testing.TB) issuer.Verdict {
	tb.Helper()
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	v, err := host.Decide(append(t.de55(), unhex("8407A0000000041010")...))
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// TestCombinedSignatures asks cards for cryptograms, and verifies signature and cryptogram.
func TestCombinedSignatures(t *testing.T) {
	for _, c := range []struct {
		profile string
		control byte
		want    issuer.Cryptogram
		signed  bool
	}{
		{"mastercard-offline", 0x50, issuer.TC, true},
		{"mastercard-offline", 0x40, issuer.TC, false},
		{"mastercard-offline", 0x90, issuer.ARQC, true},
		{"mastercard-offline", 0x10, issuer.AAC, true},
		{"mastercard-credit", 0x50, issuer.ARQC, true},
		{"mastercard-credit", 0x00, issuer.AAC, false},
		{"mastercard-declines", 0x50, issuer.AAC, true},
		{"mastercard-phone", 0x90, issuer.ARQC, true},
		{"mastercard-phone-locked", 0x90, issuer.AAC, true},
		{"mastercard-rrp", 0x50, issuer.TC, true},
	} {
		t.Run(fmt.Sprintf("%s %02X", c.profile, c.control), func(t *testing.T) {
			sim, term := newCard(t, c.profile), mcPurchase()
			pdol, err := term.begin(sim)
			if err != nil {
				t.Fatal(err)
			}
			cdol, answer, err := term.generate(sim, c.control)
			if err != nil {
				t.Fatal(err)
			}
			if _, signed := term.objects[0x9F4B]; signed != c.signed {
				t.Fatalf("a signature: %v", signed)
			} else if signed {
				if _, err := term.combined(pdol, cdol, answer); err != nil {
					t.Fatal(err)
				}
			}
			if v := term.mcVerdict(t); !v.Valid || v.Cryptogram != c.want || v.Approved != (c.want != issuer.AAC) {
				t.Errorf("%+v, want a valid %s", v, c.want)
			}
			if _, _, err := term.generate(sim, c.control); !errors.Is(err, errStatus) {
				t.Errorf("a second GENERATE AC: %v", err)
			}
		})
	}
}

// TestRelayResistanceData looks for what was exchanged last behind the transaction data hash (C-2, S910).
func TestRelayResistanceData(t *testing.T) {
	sim, term := newCard(t, "mastercard-rrp", "delay=1500@3"), mcPurchase()
	pdol, err := term.begin(sim)
	if err != nil {
		t.Fatal(err)
	}
	var last []byte
	for i := byte(1); i <= 3; i++ {
		last, err = term.send(sim, []byte{0x80, 0xEA, 0, 0, 4, 1, 2, 3, i, 0})
		if err != nil || len(last) != 12 || !bytes.Equal(last[:2], []byte{0x80, 10}) || !bytes.Equal(last[6:], unhex("0032005A0018")) {
			t.Fatalf("%X, %v", last, err)
		}
		if got, want := sim.ExchangeTime(), 11200*time.Microsecond; got != want {
			t.Errorf("took %v, want %v", got, want)
		}
	}
	if _, err := term.send(sim, unhex("80EA0000040102030400")); !errors.Is(err, errStatus) {
		t.Errorf("a fourth time: %v", err)
	}
	cdol, answer, err := term.generate(sim, 0x50)
	if err != nil {
		t.Fatal(err)
	}
	s, err := term.combined(pdol, cdol, answer)
	if err != nil {
		t.Fatal(err)
	}
	if want := append([]byte{1, 2, 3, 3}, last[2:]...); !bytes.Equal(s.Rest, want) {
		t.Errorf("%X is signed, want %X", s.Rest, want)
	}
}

// TestRecoverAC loses the answer to GENERATE AC (C-2, S10).
func TestRecoverAC(t *testing.T) {
	sim, term := newCard(t, "mastercard-torn"), mcPurchase()
	if _, err := term.begin(sim); err != nil {
		t.Fatal(err)
	}
	if _, err := term.send(sim, unhex("80D000000A"+"000000001000"+"ABCDEF01"+"00")); !errors.Is(err, errStatus) {
		t.Errorf("nothing to recover: %v", err)
	}
	_, lost, err := term.generate(sim, 0x50)
	if err != nil {
		t.Fatal(err)
	}
	sim.Reset()
	if _, err := term.begin(sim); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		named string
		ok    bool
	}{
		{"000000001001" + "ABCDEF01", false},
		{"000000001000" + "ABCDEF02", false},
		{"000000001000", false},
		{"000000001000" + "ABCDEF01", true},
	} {
		data := unhex(c.named)
		got, err := term.send(sim, []byte{0x80, 0xD0, 0, 0, byte(len(data))}, data, []byte{0})
		value, _ := tlv.Find(got, 0x77)
		if c.ok != (err == nil && bytes.Equal(value, lost)) {
			t.Errorf("%s: %X, %v", c.named, got, err)
		}
	}
}

// TestDataStorage writes a slot of an operator and reads it in the next tap; who does not know the input of the digest that
// was left there writes nothing (C-2, S3R1, GAC.40).
func TestDataStorage(t *testing.T) {
	const operator = "8199829983998499"
	sim := newCard(t, "mastercard-ids")
	tap := func(write string) (*terminal, []byte) {
		t.Helper()
		term := mcPurchase().with(0x9F5C, operator)
		sim.Reset()
		pdol, err := term.begin(sim)
		if err != nil {
			t.Fatal(err)
		}
		cdol, answer, err := term.generate(sim, 0x90, unhex(write)...)
		if err != nil {
			t.Fatal(err)
		}
		s, err := term.combined(pdol, cdol, answer)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(s.Rest, term.objects[0x9F7D]) {
			t.Errorf("summary 2 %X is not summary 1 %X", s.Rest[:8], term.objects[0x9F7D])
		}
		return term, s.Rest[8:]
	}
	zero := strings.Repeat("00", 8)
	term, _ := tap("")
	term.want(t, 0x9F54, "")
	term.want(t, 0x9F5F, "80")
	// input, digest, permanent, data
	_, after := tap(zero + "1122334455667788" + "80" + "CAFE")
	term, _ = tap("")
	term.want(t, 0x9F54, "CAFE")
	term.want(t, 0x9F7D, hexOf(after))
	_, refused := tap(zero + "1122334455667788" + "80" + "BEEF")
	if !bytes.Equal(refused, after) {
		t.Errorf("a write without the digest's input changed the summary: %X", refused)
	}
	term, _ = tap("")
	term.want(t, 0x9F54, "CAFE")
	other := mcPurchase().with(0x9F5C, "0102030405060708")
	sim.Reset()
	if _, err := other.begin(sim); err != nil {
		t.Fatal(err)
	}
	other.want(t, 0x9F54, "")
}

// TestEnvelopes reads and writes standalone data storage (C-2, S5, S12).
func TestEnvelopes(t *testing.T) {
	sim, term := newCard(t, "mastercard-ids"), mcPurchase()
	if _, err := term.begin(sim); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ command, want string }{
		{"80CA9F7500", "6A88"},
		{"80DA9F7502CAFE", ""},
		{"80CA9F7500", "9F7502CAFE"},
		{"80DA9F7021" + strings.Repeat("00", 33), "6982"}, // protected: only with secure messaging
		{"80DA9F7521" + strings.Repeat("00", 33), "6700"},
		{"80DA9F5002CAFE", "6A88"},
		{"80CA9F5000", "6A88"}, // this card gives no balance
	} {
		got, err := term.send(sim, unhex(c.command))
		if len(c.want) == 4 {
			if err == nil || !strings.HasSuffix(err.Error(), c.want) {
				t.Errorf("%s: %v, want %s", c.command, err, c.want)
			}
		} else if err != nil || hexOf(got) != c.want {
			t.Errorf("%s: %X, %v, want %s", c.command, got, err, c.want)
		}
	}
}

// TestDeviceSays reads POS Cardholder Interaction Information in both modes (C-2, Annex A).
func TestDeviceSays(t *testing.T) {
	for _, c := range []struct{ profile, results, want string }{
		{"mastercard-phone", "3F0002", "000000"},
		{"mastercard-phone", "010002", "001000"},
		{"mastercard-applepay", "3F0002", "001000"},
		{"mastercard-phone-locked", "010002", "000100"},
		{"mastercard-phone-refuses", "010002", "000800"},
	} {
		sim, term := newCard(t, c.profile), mcPurchase().with(0x9F34, c.results)
		if _, err := term.begin(sim); err != nil {
			t.Fatal(err)
		}
		if _, _, err := term.generate(sim, 0x90); err != nil {
			t.Fatal(err)
		}
		term.want(t, 0xDF4B, c.want)
		mobile := "01"
		if c.results == "010002" {
			mobile = "03"
		}
		sim, term = newCard(t, c.profile), mcPurchase()
		if _, err := term.begin(sim); err != nil {
			t.Fatal(err)
		}
		got, err := term.send(sim, unhex("802A8E8005"+"00000257"+mobile+"00"))
		if err != nil {
			t.Fatal(err)
		}
		said, _ := tlv.Find(got, 0x77, 0xDF4B)
		_, code := tlv.Find(got, 0x77, 0x9F61)
		if hexOf(said) != c.want || code != (c.want == "000000" || c.want == "001000") {
			t.Errorf("%s in mag-stripe mode: %X, a code: %v", c.profile, said, code)
		}
	}
}
