//go:build yardstick

package yardstick_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/yardstick"
	"github.com/cardwright/emv/tlv"
)

// recordedSuite has the taps.
const recordedSuite = "../recorded-contactless.json"

// recordedTap is a case of the suite: what this comparison needs of it.
type recordedTap struct {
	ID    string
	Given struct {
		CAPKs []struct{ RID, Index, Modulus, Exponent string }
		Card  struct {
			Exchanges []struct{ C, R string }
		}
		Transaction  struct{ Amount, Date, Currency string }
		Terminal     map[string]string
		Applications []struct {
			AID, Kernel string
			Data        map[string]string
		}
		Random string
	}
	Want struct{ Outcome string }

	keys        []capk.Key
	transaction kernel.Transaction
	want        kernel.Kind
}

func readTap(t *testing.T, id string) *recordedTap {
	t.Helper()
	data, err := os.ReadFile(recordedSuite)
	if err != nil {
		t.Fatal(err)
	}
	var suite struct{ Cases []*recordedTap }
	if err := json.Unmarshal(data, &suite); err != nil {
		t.Fatal(err)
	}
	for _, r := range suite.Cases {
		if r.ID != id {
			continue
		}
		for _, k := range r.Given.CAPKs {
			r.keys = append(r.keys, capk.Key{
				RID: capk.RID(unhex(k.RID)), Index: unhex(k.Index)[0], Modulus: unhex(k.Modulus), Exponent: unhex(k.Exponent),
			})
		}
		amount, err := strconv.ParseUint(r.Given.Transaction.Amount, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		currency, err := strconv.ParseUint(r.Given.Transaction.Currency, 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		r.transaction = kernel.Transaction{Amount: amount, Currency: uint16(currency)}
		r.want = map[string]kernel.Kind{"approved": kernel.Approved, "online-request": kernel.OnlineRequest}[r.Want.Outcome]
		return r
	}
	t.Fatalf("%s has no case %s", recordedSuite, id)
	return nil
}

// terminal is one like that which the taps were recorded with.
func (r *recordedTap) terminal(t *testing.T) *contactless.Terminal {
	t.Helper()
	if strings.HasPrefix(r.ID, "msc-") {
		return r.mastercardTerminal(t)
	}
	keys, err := capk.NewSet(r.keys...)
	if err != nil {
		t.Fatal(err)
	}
	day, err := time.Parse("060102", r.Given.Transaction.Date)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := contactless.New(contactless.Config{
		Terminal: unhex("9F1A020840" + "9F3303A048C8" + "9F40056000C03000" + "9F350121"),
		Combinations: []contactless.Combination{{
			AID: unhex("A0000000031010"), Kernel: kernel.Visa, TTQ: &contactless.TTQ{0x24, 0x00, 0x40, 0x00},
			Limits: contactless.Limits{
				ZeroAmount: new(true), Transaction: new(uint64(20000)), Floor: new(uint64(8000)), CVM: new(uint64(8000)),
			},
		}},
	}, kernel.Env{Clock: clock{day}, Rand: repeat{}, CAPKs: keys}, visa.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

// mastercardTerminal has the case's own configuration, of its first application.
func (r *recordedTap) mastercardTerminal(t *testing.T) *contactless.Terminal {
	t.Helper()
	keys, err := capk.NewSet(r.keys...)
	if err != nil {
		t.Fatal(err)
	}
	day, err := time.Parse("060102", r.Given.Transaction.Date)
	if err != nil {
		t.Fatal(err)
	}
	a := &r.Given.Applications[0]
	terminal, err := contactless.New(contactless.Config{
		Terminal: objectsOf(r.Given.Terminal),
		Combinations: []contactless.Combination{{
			AID: unhex(a.AID), Kernel: kernel.Mastercard, Data: objectsOf(a.Data), Limits: contactless.Limits{ZeroAmount: new(true)},
		}},
	}, kernel.Env{Clock: clock{day}, Rand: over(unhex(r.Given.Random)), CAPKs: keys}, mastercard.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

func objectsOf(m map[string]string) []byte {
	var b []byte
	for _, tag := range slices.Sorted(maps.Keys(m)) {
		n, err := strconv.ParseUint(tag, 16, 32)
		if err != nil {
			panic(err)
		}
		b = tlv.Append(b, tlv.Tag(n), unhex(m[tag]))
	}
	return b
}

// over gives the same bytes over and over.
type over []byte

func (o over) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = o[i%len(o)]
	}
	return len(p), nil
}

// recoveries are the RSA operations of the tap: on the CA's modulus, and those of issuer and card as recovered. A tap
// without CA keys has none.
func (r *recordedTap) recoveries(t *testing.T) []yardstick.Recovery {
	t.Helper()
	objects := map[tlv.Tag][]byte{}
	for _, x := range r.tape().exchanges {
		collect(objects, tlv.Read(x.response[:len(x.response)-2]))
	}
	index := objects[0x8F]
	if index == nil {
		return nil
	}
	for i := range r.keys {
		ca := &r.keys[i]
		if ca.Index != index[0] || !bytes.Equal(ca.RID[:], objects[0x84][:5]) {
			continue
		}
		today := capk.Date(unhex(r.Given.Transaction.Date))
		var v cert.Verifier
		issuer, err := v.Issuer(ca, cert.IssuerData{
			Certificate: objects[0x90], Remainder: objects[0x92], Exponent: objects[0x9F32], PAN: objects[0x5A], Today: today,
		})
		if err != nil {
			t.Fatal(err)
		}
		block, err := v.Recover(issuer.Key, objects[0x9F46])
		if err != nil {
			t.Fatal(err)
		}
		icc, err := cert.ParseICC(block)
		if err != nil {
			t.Fatal(err)
		}
		modulus := append(bytes.Clone(icc.Leftmost[:min(len(icc.Leftmost), len(objects[0x9F4B])-len(objects[0x9F48]))]), objects[0x9F48]...)
		return []yardstick.Recovery{
			{Modulus: ca.Modulus, Signature: objects[0x90]},
			{Modulus: bytes.Clone(issuer.Key.Modulus), Signature: objects[0x9F46]},
			{Modulus: modulus, Signature: objects[0x9F4B]},
		}
	}
	t.Fatalf("no CA key %X", index)
	return nil
}

func collect(objects map[tlv.Tag][]byte, c tlv.Cursor) {
	for c.Next() {
		if c.Tag().Constructed() {
			collect(objects, c.Enter())
			continue
		}
		objects[c.Tag()] = c.Value()
	}
}

// tape answers each command as the recorded card did, and keeps nothing.
type tape struct {
	exchanges []exchange
}

type exchange struct{ command, response []byte }

func (r *recordedTap) tape() *tape {
	c := new(tape)
	for _, x := range r.Given.Card.Exchanges {
		c.exchanges = append(c.exchanges, exchange{unhex(x.C), unhex(x.R)})
	}
	return c
}

func (c *tape) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	for i := range c.exchanges {
		if bytes.Equal(c.exchanges[i].command, command) {
			return append(dst, c.exchanges[i].response...), nil
		}
	}
	return append(dst, 0x67, 0x00), nil
}

// repeat is what the taps were recorded with: "random" bytes that are all AB.
type repeat struct{}

func (repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0xAB
	}
	return len(p), nil
}

// clock stands still.
type clock struct{ now time.Time }

func (c clock) Now() time.Time                { return c.now }
func (c clock) Since(time.Time) time.Duration { return 0 }
