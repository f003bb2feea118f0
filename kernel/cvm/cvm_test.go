package cvm_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the hash of EMV certificates
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cvm"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

var rid = capk.RID{0xA0, 0, 0, 0, 0x99}

// keyChain is a certification authority, an issuer and a card's key for PINs, all made for the test.
type keyChain struct {
	ca   capk.Key
	pin  *rsa.PrivateKey
	data []byte // TLV data objects of the card
}

// newKeyChain personalises a card as Book 2, 7.1 describes it, apart from package cert, which reads it.
func newKeyChain(t testing.TB) *keyChain {
	t.Helper()
	key := func(bits int) *rsa.PrivateKey {
		k, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	ca, issuer, card := key(1408), key(1280), key(1024)
	exponent := []byte{1, 0, 1}
	certify := func(by, of *rsa.PrivateKey, fields []byte) (certificate, remainder []byte) {
		n, modulus := by.Size(), of.N.Bytes()
		room := n - 1 - len(fields) - 21
		remainder = modulus[min(room, len(modulus)):]
		modulus = append(modulus[:len(modulus)-len(remainder):len(modulus)-len(remainder)], bytes.Repeat([]byte{0xBB}, max(0, room-len(modulus)))...)
		body := append(fields, modulus...)
		hash := sha1.Sum(bytes.Join([][]byte{body, remainder, exponent}, nil))
		block := bytes.Join([][]byte{{0x6A}, body, hash[:], {0xBC}}, nil)
		return new(big.Int).Exp(new(big.Int).SetBytes(block), by.D, by.N).FillBytes(make([]byte, n)), remainder
	}
	issuerCert, issuerRest := certify(ca, issuer, []byte{0x02, 0x47, 0x61, 0x73, 0xFF, 0x12, 0x49, 0, 0, 1, 1, 1, byte(issuer.Size()), 3})
	pinCert, pinRest := certify(issuer, card, []byte{
		0x04, 0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10, 0xFF, 0xFF, 0x12, 0x49, 0, 0, 2, 1, 1, byte(card.Size()), 3,
	})
	c := &keyChain{ca: capk.Key{RID: rid, Index: 1, Modulus: ca.N.Bytes(), Exponent: exponent}, pin: card}
	for _, o := range []struct {
		tag   tlv.Tag
		value []byte
	}{
		{0x9F06, rid[:]},
		{0x8F, []byte{1}},
		{0x90, issuerCert},
		{0x92, issuerRest},
		{0x9F32, exponent},
		{0x9F2D, pinCert},
		{0x9F2F, pinRest},
		{0x9F2E, exponent},
		{0x5A, []byte{0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10}},
		{0x9A, []byte{0x25, 1, 1}},
	} {
		c.data = tlv.Append(c.data, o.tag, o.value)
	}
	return c
}

// pinCard verifies PINs as a card does.
type pinCard struct {
	chain     *keyChain
	right     string
	tries     int
	challenge [8]byte
	verified  int
}

func (c *pinCard) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	switch command[1] {
	case 0xCA:
		return append(dst, 0x9F, 0x17, 1, byte(c.tries), 0x90, 0), nil
	case 0x84:
		c.challenge[0]++
		return append(append(dst, c.challenge[:]...), 0x90, 0), nil
	case 0x20:
		c.verified++
		var got pin.PIN
		err := c.read(&got, command[3], command[5:])
		var right pin.PIN
		if perr := pin.Parse(&right, []byte(c.right)); perr != nil {
			return dst, perr
		}
		if err == nil && got.Equal(&right) {
			return append(dst, 0x90, 0), nil
		}
		c.tries--
		return append(dst, 0x63, 0xC0|byte(c.tries)), nil
	}
	return append(dst, 0x6D, 0), nil
}

func (c *pinCard) read(dst *pin.PIN, qualifier byte, data []byte) error {
	if qualifier == pin.VerifyPlaintext {
		block := pin.Block(data)
		return block.Decode2(dst)
	}
	k := c.chain.pin
	plain := new(big.Int).Exp(new(big.Int).SetBytes(data), k.D, k.N).FillBytes(make([]byte, k.Size()))
	return pin.DecodeOffline(dst, plain, c.challenge)
}

// pad answers prompts in order and keeps them.
type pad struct {
	pins    []string
	prompts []kernel.PINRequest
}

func (p *pad) Enter(_ context.Context, r kernel.PINRequest, dst *pin.PIN) (kernel.PINEntry, error) {
	p.prompts = append(p.prompts, r)
	if len(p.pins) == 0 {
		return kernel.PINBypassed, nil
	}
	next := p.pins[0]
	p.pins = p.pins[1:]
	return kernel.PINEntered, pin.Parse(dst, []byte(next))
}

// input makes the stage's input: a CVM List of these rules on a terminal that supports everything.
func input(t testing.TB, chain *keyChain, card kernel.Card, p kernel.PINPad, rules ...byte) cvm.Input {
	t.Helper()
	env := &kernel.Env{Clock: kernel.SystemClock{}, Rand: rand.Reader}
	d := kernel.NewData()
	d.Reset(dict.Common)
	objects := tlv.Append(nil, 0x8E, append(make([]byte, 8), rules...))
	objects = tlv.Append(objects, 0x9F33, []byte{0xE0, 0xF8, 0xC8})
	objects = tlv.Append(objects, 0x9F02, []byte{0, 0, 0, 0, 0x12, 0x50})
	objects = tlv.Append(objects, 0x5F2A, []byte{0x08, 0x40})
	objects = tlv.Append(objects, 0x5F2D, []byte("fren"))
	if chain != nil {
		set, err := capk.NewSet(chain.ca)
		if err != nil {
			t.Fatal(err)
		}
		env.CAPKs = set
		objects = append(objects, chain.data...)
	}
	if err := d.Load(objects); err != nil {
		t.Fatal(err)
	}
	link := &kernel.Link{}
	link.Open(env, card)
	return cvm.Input{Env: env, Card: link, Data: d, PINPad: p, Static: &oda.Static{}, Cert: &cert.Verifier{}}
}

// TestEnciphered lets a card decipher what the terminal enciphered, with its own private key.
func TestEnciphered(t *testing.T) {
	chain := newKeyChain(t)
	card := &pinCard{chain: chain, right: "123456", tries: 3}
	p := &pad{pins: []string{"0000", "123456"}}
	in := input(t, chain, card, p, 0x05, 0x00)
	var told strings.Builder
	in.Env.Events = func(e kernel.Event) { fmt.Fprintf(&told, "%s %v %+v %#v %x\n", e.Kind(), e, e, e, e) }
	r, err := cvm.Perform(context.Background(), in)
	if err != nil || r.Results != [3]byte{5, 0, 0} || r.CVM() != kernel.ObtainSignature || card.verified != 2 {
		t.Fatalf("%+v %v, %d times verified\n%s", r, err, card.verified, told.String())
	}
	want := []kernel.PINRequest{
		{Use: kernel.EncipheredPIN, TriesLeft: 3, Amount: 1250, Currency: 840, Language: "fren"},
		{Use: kernel.EncipheredPIN, Retry: true, TriesLeft: 2, Amount: 1250, Currency: 840, Language: "fren"},
	}
	if len(p.prompts) != 2 || p.prompts[0] != want[0] || p.prompts[1] != want[1] {
		t.Errorf("%+v", p.prompts)
	}
	if strings.Contains(told.String(), "123456") {
		t.Error("an event tells the PIN")
	}
}

// TestPINCertificateFails: every byte of the certificate counts, and no other key takes its place.
func TestPINCertificateFails(t *testing.T) {
	chain := newKeyChain(t)
	at := bytes.Index(chain.data, []byte{0x9F, 0x2D})
	chain.data[at+10] ^= 1
	p := &pad{pins: []string{"1234"}}
	r, err := cvm.Perform(context.Background(), input(t, chain, &pinCard{tries: 3, right: "1234"}, p, 0x04, 0x00))
	if err != nil || r.Results != [3]byte{4, 0, 1} || len(p.prompts) != 0 {
		t.Errorf("%+v %v, %d prompts", r, err, len(p.prompts))
	}
}

// TestPINIsWiped looks for the PIN block in the link's buffer after the stage.
func TestPINIsWiped(t *testing.T) {
	card := &pinCard{right: "123456", tries: 3}
	in := input(t, nil, card, &pad{pins: []string{"123456"}}, 0x01, 0x00)
	var told strings.Builder
	in.Env.Events = func(e kernel.Event) { fmt.Fprintf(&told, "%s %v %+v %x\n", e.Kind(), e, e, e) }
	r, err := cvm.Perform(context.Background(), in)
	if err != nil || r.Results != [3]byte{1, 0, 2} {
		t.Fatalf("%+v %v", r, err)
	}
	b := in.Card.Buffer()
	if bytes.Contains(b[:cap(b)], []byte{0x26, 0x12, 0x34, 0x56}) {
		t.Error("the PIN block is still in the buffer")
	}
	if strings.Contains(told.String(), "123456") {
		t.Error("an event tells the PIN")
	}
}

// TestPadErrors: what the PIN pad reports as an error is one, and a pad that lies is a bug.
func TestPadErrors(t *testing.T) {
	broken := errors.New("the pad's own")
	for _, c := range []struct {
		entry kernel.PINEntry
		err   error
		want  error
	}{{kernel.PINEntered, broken, broken}, {kernel.PINEntered, kernel.ErrRemoved, kernel.ErrRemoved}, {kernel.PINEntered, nil, nil}} {
		in := input(t, nil, &pinCard{tries: 3, right: "1234"}, fixed{c.entry, c.err}, 0x01, 0x00)
		if _, err := cvm.Perform(context.Background(), in); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%v", err)
		}
	}
	in := input(t, nil, &pinCard{tries: 3, right: "1234"}, fixed{99, nil}, 0x01, 0x00)
	if r, err := cvm.Perform(context.Background(), in); err != nil || r.Results != [3]byte{1, 0, 1} {
		t.Errorf("%+v %v", r, err)
	}
}

type fixed struct {
	entry kernel.PINEntry
	err   error
}

func (f fixed) Enter(context.Context, kernel.PINRequest, *pin.PIN) (kernel.PINEntry, error) {
	return f.entry, f.err
}

// TestEndlessTries: a card whose counter does not fall is not asked for ever.
func TestEndlessTries(t *testing.T) {
	pins := make([]string, 100)
	for i := range pins {
		pins[i] = "0000"
	}
	card := answers{0x63, 0xC3}
	p := &pad{pins: pins}
	r, err := cvm.Perform(context.Background(), input(t, nil, card, p, 0x01, 0x00))
	if err != nil || r.Results != [3]byte{1, 0, 1} || len(p.prompts) != 15 {
		t.Errorf("%+v %v, %d prompts", r, err, len(p.prompts))
	}
}

// answers is a card that always answers the same.
type answers []byte

func (a answers) Transmit(_ context.Context, dst, _ []byte) ([]byte, error) {
	return append(dst, a...), nil
}

// hostile is a card whose answers are taken from a string of bytes: a byte of length, then as many of answer.
type hostile struct {
	script   []byte
	sent     int
	verified bool
}

func (h *hostile) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	h.sent++
	answer := []byte{0x6F, 0x00}
	if len(h.script) > 0 {
		n := min(int(h.script[0]), len(h.script)-1)
		if h.script[0] == 0xFF {
			h.script = h.script[1:]
			return dst, kernel.ErrRemoved
		}
		answer, h.script = h.script[1:1+n], h.script[1+n:]
	}
	if command[1] == 0x20 && bytes.HasSuffix(answer, []byte{0x90, 0x00}) {
		h.verified = true
	}
	return append(dst, answer...), nil
}

// FuzzHostileCard holds that any CVM List and any answers end after a bounded number of commands, that a PIN counts as
// verified only where the card said so, and that a failure is in the TVR.
func FuzzHostileCard(f *testing.F) {
	f.Add([]byte{0x01, 0x00}, []byte{6, 0x9F, 0x17, 1, 3, 0x90, 0, 2, 0x90, 0})
	f.Add([]byte{0x41, 0x00, 0x1E, 0x03}, []byte{6, 0x9F, 0x17, 1, 3, 0x90, 0, 2, 0x63, 0xC2, 2, 0x63, 0xC1, 2, 0x69, 0x83})
	f.Add([]byte{0x43, 0x00, 0x44, 0x00, 0x42, 0x00, 0x1F, 0x00}, []byte{2, 0x6A, 0x88, 2, 0x63, 0xCF, 0xFF})
	f.Add([]byte{0x45, 0x03, 0x60, 0x00, 0x00}, []byte{0xFF})
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, rules, script []byte) {
		if len(rules) > 244 {
			rules = rules[:244]
		}
		card := &hostile{script: script}
		pins := make([]string, 64)
		for i := range pins {
			pins[i] = "1234"
		}
		in := input(t, nil, card, &pad{pins: pins}, rules...)
		r, err := cvm.Perform(context.Background(), in)
		if err != nil && !kernel.IsCardError(err) {
			t.Fatal(err)
		}
		if limit := (len(rules)/2 + 1) * 16; card.sent > limit {
			t.Fatalf("%d commands", card.sent)
		}
		if err != nil {
			return
		}
		method := r.Results[0] & 0x3F
		if r.Results[2] != 1 && (method == 1 || method == 3 || method == 4 || method == 5) && !card.verified {
			t.Fatalf("%X without 9000 to VERIFY", r.Results)
		}
		performed := len(rules) >= 2 && len(rules)%2 == 0
		if notSuccessful := in.Data.Get(0x95)[2]&0x80 != 0; performed && notSuccessful != (r.Results[2] == 1) {
			t.Fatalf("results %X, TVR %X", r.Results, in.Data.Get(0x95))
		}
		if !bytes.Equal(in.Data.Get(0x9F34), r.Results[:]) {
			t.Fatal("9F34 is not what was returned")
		}
	})
}
