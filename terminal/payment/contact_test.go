package payment

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	act "github.com/cardwright/emv/kernel/action"
)

// chip is a card without offline data authentication, as a script. second is its answer to the second GENERATE AC, "" for a
// card that is pulled out.
type chip struct {
	second string
	codes  string // further objects of its record: Issuer Action Codes
}

func (c chip) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	answer := "6A82"
	switch hex.EncodeToString(command[:4]) {
	case "00a40400": // SELECT
		if len(command) == 13 {
			answer = "6F108407A0000000031010A50550035649539000"
		}
	case "80a80000": // GET PROCESSING OPTIONS
		answer = "80060000080101009000"
	case "00b2010c": // READ RECORD
		record := "5A0847617390010100105F24033012318C039F02068D028A02" + c.codes
		answer = fmt.Sprintf("70%02X%s9000", len(record)/2, record)
	case "80ae8000": // first GENERATE AC: ARQC
		answer = "800B800012A1B2C3D4E5F607189000"
	case "80ae4000", "80ae0000": // second one
		if answer = c.second; answer == "" {
			return dst, kernel.ErrRemoved
		}
	}
	raw, err := hex.DecodeString(answer)
	return append(dst, raw...), err
}

// slotReader is a Reader with the real contact kernel: the shape of what a device composes.
type slotReader struct {
	card     kernel.Card
	terminal *contact.Terminal
	desk     Desk
}

func newSlotReader(t *testing.T, codes act.Codes) *slotReader {
	t.Helper()
	keys, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	r := &slotReader{}
	r.terminal, err = contact.New(contact.Config{
		Terminal: []byte{0x9F, 0x1A, 2, 0x08, 0x40, 0x9F, 0x33, 3, 0xE0, 0xF8, 0xC8, 0x9F, 0x35, 1, 0x22},
		Applications: []contact.Application{{
			AID: kernel.AID{0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10}, Partial: true, Data: []byte{0x9F, 0x1B, 4, 0, 0, 0, 0},
			Codes: codes,
		}},
	}, kernel.Env{Clock: kernel.SystemClock{}, Rand: rand.Reader, CAPKs: keys}, contact.Parties{Host: r})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *slotReader) describe() Card {
	c := CardOf(r.terminal.Data(), r.terminal.Selected(), Insert)
	c.Brand = "visa"
	return c
}

func (r *slotReader) Take(ctx context.Context, o Order, d Desk) (Taken, error) {
	defer r.terminal.Wipe()
	r.desk = d
	if err := d.CardIn(ctx, Card{Entry: Insert}); err != nil {
		return Taken{}, err
	}
	out, err := r.terminal.Transact(ctx, r.card, kernel.Transaction{
		Amount: o.Amounts.Total, Currency: o.Currency, Type: o.Type(), Online: !o.Offline,
	})
	if err != nil {
		return Taken{}, err
	}
	return Taken{
		Kind: out.Kind, Why: out.Why, Card: r.describe(), Reversal: r.terminal.After().Reversal,
		Chip: slices.Clone(out.Record), Sealed: Sealed("enciphered"),
	}, nil
}

// Authorise is contact.Host.
func (r *slotReader) Authorise(ctx context.Context, record kernel.Objects) (kernel.OnlineAnswer, error) {
	return r.desk.Authorise(ctx, Online{Card: r.describe(), Chip: record, Sealed: Sealed("enciphered")})
}

// TestContactKernel takes payments with the real contact kernel between card and host.
func TestContactKernel(t *testing.T) {
	const tc, aac = "800B4000120102030405060708" + "9000", "800B0000120102030405060708" + "9000"
	for _, c := range []struct {
		name, second string
		host         hostDoes
		result       Result
		code         string
		charged      bool
	}{
		{"approved", tc, hostApproves, Approved, CodeApproved, true},
		{"the card declines at last", aac, hostApproves, Declined, CodeCardDeclined, false},
		{"pulled out", "", hostApproves, Declined, CodeCardRemoved, false},
		{"declined", aac, hostDeclines, Declined, CodeHostDeclined, false},
		{"no answer", aac, hostLosesAnswer, Failed, CodeNoAnswer, false},
		{"no answer, and the card would", tc, hostLosesAnswer, Failed, CodeNoAnswer, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			reader := newSlotReader(t, act.Codes{})
			reader.card = chip{second: c.second}
			inWorld(t, func(w *world) { w.config.Reader = reader }, func(t *testing.T, w *world) {
				w.host.will(c.host)
				f := w.pay(t, w.sale("order-1", 1250))
				wantFinal(t, f, c.result, c.code)
				time.Sleep(time.Hour)
				if _, charged := w.host.charged()[1250]; charged != c.charged {
					t.Errorf("charged: %t", charged)
				}
				if card := f.Receipt.Card; card.Number != "************0010" || card.AID != "A0000000031010" || card.Label != "VIS" {
					t.Errorf("%+v", card)
				}
				if c.charged && (f.Receipt.Card.Cryptogram != "0102030405060708" || f.Receipt.Card.ARC != "00") {
					t.Errorf("%+v", f.Receipt.Card)
				}
				names, _ := w.fs.List()
				for _, n := range names {
					if text := string(w.fs.Bytes(n)); strings.Contains(text, "4761739001010010") || strings.Contains(text, "\x47\x61\x73\x90") {
						t.Error("the journal has the card number")
					}
				}
			})
		})
	}
}

// TestContactKernelAlone takes payments with the real contact kernel where the host can't be reached, or is not asked: action
// codes (Book 3, 10.7) and the card decide.
func TestContactKernelAlone(t *testing.T) {
	const (
		tc, aac = "800B4000120102030405060708" + "9000", "800B0000120102030405060708" + "9000"
		online  = "9F0D050000000000" // goes online for any reason, and does not mind when it can't
		alone   = online + "9F0F050000000000"
		strict  = "9F0D058000000000" // not without its issuer where offline data authentication was not performed
	)
	zero := make([]byte, 5)
	for _, c := range []struct {
		name, second, codes string
		terminal            act.Codes
		host                hostDoes
		code, arc           string
	}{
		{"unable, and the card approves", tc, online, act.Codes{Default: zero}, hostUnreached, CodeApprovedAlone, "Y3"},
		{"unable, and the card does not", aac, online, act.Codes{Default: zero}, hostUnreached, CodeUnreachable, ""},
		{"unable, and the issuer's codes forbid it", tc, strict, act.Codes{Default: zero}, hostUnreached, CodeUnreachable, ""},
		{"silence", tc, online, act.Codes{Default: zero}, hostLosesAnswer, CodeNoAnswer, ""},
		{"not asked", tc, alone, act.Codes{Default: zero, Online: zero}, hostApproves, CodeApprovedAlone, "Y1"},
		{"not asked, and the card does not", aac, alone, act.Codes{Default: zero, Online: zero}, hostApproves, CodeCardDeclined, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			reader := newSlotReader(t, c.terminal)
			reader.card = chip{second: c.second, codes: c.codes}
			inWorld(t, func(w *world) { allowing(w); w.config.Reader = reader }, func(t *testing.T, w *world) {
				w.host.will(c.host)
				r := w.offline("order-1", 1250)
				f := w.pay(t, r)
				if f.Code != c.code {
					t.Errorf("%s, want %s", f.Code, c.code)
				}
				time.Sleep(time.Hour)
				_, charged := w.host.charged()[1250]
				if charged != (c.arc != "") {
					t.Errorf("charged: %t", charged)
				}
				if charged && (w.host.arcs[0] != c.arc || f.Receipt.Card.ARC != c.arc || f.Receipt.Card.Cryptogram != "0102030405060708") {
					t.Errorf("%v %+v", w.host.arcs, f.Receipt.Card)
				}
			})
		})
	}
}
