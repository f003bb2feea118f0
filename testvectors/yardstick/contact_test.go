//go:build yardstick

package yardstick_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/testvectors/yardstick"
	"github.com/cardwright/emv/tlv"
)

// contactSuite has the scripted card: its case "dda" approves offline, with Dynamic Data Authentication.
const contactSuite = "../contact-transaction.json"

// insertion is a contact transaction of a scripted card.
type insertion struct {
	answers [][]byte
	want    kernel.Kind
}

func readInsertion(t *testing.T) insertion {
	t.Helper()
	data, err := os.ReadFile(contactSuite)
	if err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Cases []struct {
			ID    string
			Given struct {
				Card struct {
					Exchanges []struct{ R string }
				}
			}
		}
	}
	if err := json.Unmarshal(data, &suite); err != nil {
		t.Fatal(err)
	}
	for i := range suite.Cases {
		if c := &suite.Cases[i]; c.ID == "dda" {
			in := insertion{want: kernel.ApprovedOffline}
			for _, x := range c.Given.Card.Exchanges {
				in.answers = append(in.answers, unhex(x.R))
			}
			return in
		}
	}
	t.Fatalf("%s has no case dda", contactSuite)
	return insertion{}
}

// online is the same card, which goes online: EXTERNAL AUTHENTICATE, a script of one command, and a TC.
func (in insertion) online() insertion {
	n := len(in.answers) - 1
	tc := in.answers[n]
	arqc := bytes.Clone(tc)
	arqc[2] = 0x80 // the CID of format 1
	ok := []byte{0x90, 0x00}
	return insertion{append(in.answers[:n:n], arqc, ok, ok, tc), kernel.ApprovedOnline}
}

// approving is an issuer who approves with authentication data and a script before the second GENERATE AC.
type approving kernel.OnlineAnswer

func (a *approving) Authorise(context.Context, kernel.Objects) (kernel.OnlineAnswer, error) {
	return kernel.OnlineAnswer(*a), nil
}

func (in insertion) terminal(t *testing.T) *contact.Terminal {
	t.Helper()
	keys, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	host := &approving{
		ARC: [2]byte{'0', '0'}, IssuerAuth: unhex("11223344556677883030"),
		Scripts: unhex("71129F180401020304" + "86098418000004AABBCCDD"),
	}
	terminal, err := contact.New(contact.Config{
		Terminal: unhex("9F1A020840" + "9F3303E0F8C8" + "9F350122" + "9F40056000F0A001"),
		Applications: []contact.Application{{
			AID: unhex("A0000000031010"), Data: unhex("9F1B0400002710" + "9F0902008C"),
			Codes: action.Codes{
				Denial: unhex("0010000000"), Online: unhex("DC40BC9800"), Default: unhex("DC40BC8000"),
			},
		}},
		NoPSE: true,
	}, kernel.Env{
		Clock: clock{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}, Rand: over(unhex("11223344")), CAPKs: keys,
	}, contact.Parties{Host: host})
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

// inOrder answers in order, without memory of its own.
type inOrder struct {
	answers [][]byte
	at      int
}

func (c *inOrder) Transmit(_ context.Context, dst, _ []byte) ([]byte, error) {
	dst = append(dst, c.answers[c.at]...)
	c.at++
	return dst, nil
}

// recoveries are the RSA operations of the transaction.
func (in insertion) recoveries(t *testing.T) []yardstick.Recovery {
	t.Helper()
	keys, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	objects := map[tlv.Tag][]byte{}
	var signature []byte
	for _, a := range in.answers {
		c := tlv.Read(a[:len(a)-2])
		if c.Next() && c.Tag() == 0x80 && c.Len() > 100 { // INTERNAL AUTHENTICATE in format 1
			signature = c.Value()
		}
		collect(objects, tlv.Read(a[:len(a)-2]))
	}
	ca, ok := keys.CAPK(capk.RID(unhex("A000000003")), objects[0x8F][0])
	if !ok {
		t.Fatalf("no CA key %X", objects[0x8F])
	}
	var v cert.Verifier
	issuer, err := v.Issuer(ca, cert.IssuerData{
		Certificate: objects[0x90], Remainder: objects[0x92], Exponent: objects[0x9F32], PAN: objects[0x5A],
		Today: capk.Date(unhex("261123")),
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
	modulus := append(bytes.Clone(icc.Leftmost[:len(signature)-len(objects[0x9F48])]), objects[0x9F48]...)
	return []yardstick.Recovery{
		{Modulus: ca.Modulus, Signature: objects[0x90]},
		{Modulus: bytes.Clone(issuer.Key.Modulus), Signature: objects[0x9F46]},
		{Modulus: modulus, Signature: signature},
	}
}

// inserted is a whole contact transaction beside the RSA of its keys.
func inserted(t *testing.T, what string, in insertion, budget float64) row {
	terminal, card := in.terminal(t), &inOrder{answers: in.answers}
	f := func() {
		card.at = 0
		out, err := terminal.Transact(context.Background(), card, kernel.Transaction{Amount: 1250, Currency: 840})
		if err != nil || out.Kind != in.want {
			t.Fatal(out.Kind, out.Why, err)
		}
	}
	f()
	return row{
		what: what + " : 3 fresh BN_mod_exp_mont", ours: timed(f), theirs: fresh(t, in.recoveries(t)), budget: budget,
		allocs: testing.AllocsPerRun(100, f),
	}
}
