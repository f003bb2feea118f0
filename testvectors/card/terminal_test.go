package card_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/tlv"
)

// terminal is as much of a terminal as these tests need. It is no kernel: it sends what is asked for, collects what comes
// and verifies signatures with crypto/cert.
type terminal struct {
	values  map[tlv.Tag][]byte
	revoked capk.Revocations

	objects map[tlv.Tag][]byte // what the card sent
	pairs   int                // how many objects came
	static  [][]byte
	last    []byte // value of the last record
	apdus   [][]byte
}

// purchase is 1.00 USD at a reader with every CVM, online capable, that asks for fDDA online too.
func purchase() *terminal {
	return &terminal{values: map[tlv.Tag][]byte{
		0x9F66: {0x27, 0x00, 0xC0, 0x00}, 0x9F02: {0, 0, 0, 0, 1, 0}, 0x9F03: make([]byte, 6), 0x9F1A: {0x08, 0x40},
		0x95: make([]byte, 5), 0x5F2A: {0x08, 0x40}, 0x9A: {0x26, 0x11, 0x30}, 0x9C: {0x00}, 0x9F37: {0xAB, 0xCD, 0xEF, 0x01},
	}}
}

func (t *terminal) with(tag tlv.Tag, value string) *terminal {
	t.values[tag] = unhex(value)
	return t
}

var errStatus = errors.New("status word")

// send transmits a command and returns the data of its answer.
func (t *terminal) send(c *card.Card, command ...[]byte) ([]byte, error) {
	answer, err := c.Transmit(context.Background(), nil, bytes.Join(command, nil))
	if err != nil {
		return nil, err
	}
	t.apdus = append(t.apdus, answer)
	if len(answer) < 2 {
		return nil, fmt.Errorf("%w: none", errStatus)
	}
	n := len(answer) - 2
	if sw := answer[n:]; !bytes.Equal(sw, []byte{0x90, 0x00}) {
		return nil, fmt.Errorf("%w %X", errStatus, sw)
	}
	return answer[:n], nil
}

// choose selects the directory and its first application of the best priority; it returns the FCI.
func (t *terminal) choose(c *card.Card) ([]byte, error) {
	if _, err := t.send(c, unhex("00A404000E"), []byte("2PAY.SYS.DDF01"), []byte{0}); err != nil {
		return nil, err
	}
	return t.send(c, unhex("00A4040007A000000003101000"))
}

func (t *terminal) options(c *card.Card, fci []byte) ([]byte, error) {
	pdol, _ := tlv.Find(fci, 0x6F, 0xA5, 0x9F38)
	data, err := tlv.AppendDOLData(nil, pdol, t)
	if err != nil {
		return nil, err
	}
	data = tlv.Append(nil, 0x83, data)
	return t.send(c, []byte{0x80, 0xA8, 0, 0, byte(len(data))}, data, []byte{0})
}

// DOLValue answers a PDOL.
func (t *terminal) DOLValue(tag tlv.Tag) ([]byte, tlv.Format) {
	if v, ok := t.values[tag]; ok {
		return v, tlv.Binary
	}
	return nil, tlv.FormatUnknown
}

// run taps the card: from the directory to the last record.
func (t *terminal) run(c *card.Card) error {
	t.objects, t.static, t.pairs, t.last = map[tlv.Tag][]byte{}, nil, 0, nil
	fci, err := t.choose(c)
	if err != nil {
		return err
	}
	answer, err := t.options(c, fci)
	if err != nil {
		return err
	}
	if err := t.collect(0x77, answer); err != nil {
		return err
	}
	afl := t.objects[0x94]
	for ; len(afl) >= 4; afl = afl[4:] {
		for n := afl[1]; n <= afl[2]; n++ {
			rec, err := t.send(c, []byte{0x00, 0xB2, n, afl[0] | 4, 0})
			if err != nil {
				return err
			}
			if err := t.collect(0x70, rec); err != nil {
				return err
			}
			t.last, _ = tlv.Find(rec, 0x70)
			if n-afl[1] < afl[3] {
				t.static = append(t.static, t.last)
			}
		}
	}
	if list := t.objects[0x9F4A]; bytes.Equal(list, []byte{0x82}) {
		t.static = append(t.static, t.objects[0x82])
	} else if list != nil {
		return errors.New("tag list")
	}
	return nil
}

func (t *terminal) collect(template tlv.Tag, answer []byte) error {
	if err := tlv.Check(answer); err != nil {
		return err
	}
	c := tlv.Read(answer)
	if !c.Next() || c.Tag() != template || c.Offset()+c.Len() != len(answer) {
		return fmt.Errorf("%X is no template %s", answer, template)
	}
	for in := c.Enter(); in.Next(); {
		t.objects[in.Tag()] = in.Value()
		t.pairs++
	}
	return nil
}

// authenticate verifies the card's signature. format is that of the SDAD, or of the SSAD where there is none.
func (t *terminal) authenticate(dynamic, static byte) (cert.SDAD, error) {
	set, err := capk.Test()
	if err != nil {
		return cert.SDAD{}, err
	}
	index := t.objects[0x8F]
	if len(index) != 1 {
		return cert.SDAD{}, errors.New("no CA index")
	}
	ca, ok := set.CAPK(capk.RID{0xA0, 0, 0, 0, 3}, index[0])
	if !ok {
		return cert.SDAD{}, errors.New("no CA key")
	}
	var v cert.Verifier
	today := capk.Date(t.values[0x9A])
	issuer, err := v.Issuer(ca, cert.IssuerData{
		Certificate: t.objects[0x90], Remainder: t.objects[0x92], Exponent: t.objects[0x9F32], PAN: t.objects[0x5A],
		Today: today, Revoked: t.revoked,
	})
	if err != nil {
		return cert.SDAD{}, err
	}
	if ssad := t.objects[0x93]; ssad != nil {
		_, err := v.SSAD(issuer.Key, ssad, static, t.static)
		return cert.SDAD{}, err
	}
	icc, err := v.ICC(issuer.Key, cert.ICCData{
		Certificate: t.objects[0x9F46], Remainder: t.objects[0x9F48], Exponent: t.objects[0x9F47], PAN: t.objects[0x5A],
		Today: today, Static: t.static,
	})
	if err != nil {
		return cert.SDAD{}, err
	}
	related, ok := tlv.Find(t.last, 0x9F69)
	if !ok || related[0] != 1 {
		return cert.SDAD{}, errors.New("no 9F69 of version 01 in the last record")
	}
	return v.SDAD(icc.Key, t.objects[0x9F4B], dynamic, [][]byte{t.values[0x9F37], t.values[0x9F02], t.values[0x5F2A], related})
}

// de55 is what a terminal sends to the issuer.
func (t *terminal) de55() []byte {
	var b []byte
	for _, tag := range []tlv.Tag{0x57, 0x5F34, 0x82, 0x9F10, 0x9F26, 0x9F27, 0x9F36, 0x9F6E} {
		if v, ok := t.objects[tag]; ok {
			b = tlv.Append(b, tag, v)
		}
	}
	for _, tag := range []tlv.Tag{0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37} {
		b = tlv.Append(b, tag, t.values[tag])
	}
	return b
}

func newCard(t testing.TB, profile string, faults ...string) *card.Card {
	t.Helper()
	return newSet(t, profile, nil, faults...)
}

func newSet(t testing.TB, profile string, set map[tlv.Tag][]byte, faults ...string) *card.Card {
	t.Helper()
	c, err := card.New(card.Config{Profile: profile, Set: set, Faults: faults, ATC: 6})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tap runs a purchase that must get to the last record.
func tap(t testing.TB, c *card.Card, term *terminal) *terminal {
	t.Helper()
	if err := term.run(c); err != nil {
		t.Fatal(err)
	}
	return term
}

func (t *terminal) want(tb testing.TB, tag tlv.Tag, value string) {
	tb.Helper()
	got, ok := t.objects[tag]
	if text := strings.ToUpper(hex.EncodeToString(got)); text != value || ok != (value != "") {
		tb.Errorf("%s is %q, want %q", tag, text, value)
	}
}

func sent(apdus [][]byte, part []byte) bool {
	return slices.ContainsFunc(apdus, func(a []byte) bool { return bytes.Contains(a, part) })
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func hexOf(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }
