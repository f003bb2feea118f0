package mastercard_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// relaying is a card of the relay resistance protocol without CDA, whose times are what a test draws.
type relaying struct {
	min, max, estimate int   // as it says, in units of 100 microseconds
	takes              []int // of each exchange, the way of command and answer included
	entropies          [][]byte
	took               time.Duration
}

func (c *relaying) ExchangeTime() time.Duration { return c.took }

func (c *relaying) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	of := func(t tlv.Tag, parts ...[]byte) []byte { return tlv.Append(nil, t, bytes.Join(parts, nil)) }
	two := func(n int) []byte { return []byte{byte(n >> 8), byte(n)} }
	c.took = 0
	var answer []byte
	switch command[1] {
	case 0xA4:
		aid := []byte{0xA0, 0, 0, 0, 4, 0x10, 0x10}
		answer = of(0x6F, of(0x84, aid))
		if command[4] == 14 {
			answer = of(0x6F, of(0xA5, of(0xBF0C, of(0x61, of(0x4F, aid), of(0x87, []byte{1})))))
		}
	case 0xA8:
		answer = of(0x77, of(0x82, []byte{0x00, 0x81}), of(0x94, []byte{0x10, 1, 1, 0}))
	case 0xEA:
		c.took = time.Duration(c.takes[len(c.entropies)]) * 100 * time.Microsecond
		c.entropies = append(c.entropies, bytes.Clone(command[5:9]))
		answer = of(0x80, []byte{1, 2, 3, 4}, two(c.min), two(c.max), two(c.estimate))
	case 0xB2:
		answer = of(0x70, of(0x5A, []byte{0x54, 0x13, 0x33, 0x00, 0x89, 0x02, 0x00, 0x11}), of(0x5F24, []byte{0x30, 0x12, 0x31}),
			of(0x8C, []byte{0x9F, 0x37, 4}), of(0x9F0D, make([]byte, 5)), of(0x9F0E, make([]byte, 5)), of(0x9F0F, make([]byte, 5)))
	case 0xAE:
		answer = of(0x77, of(0x9F27, []byte{command[2] & 0xC0}), of(0x9F36, []byte{0, 1}), of(0x9F26, make([]byte, 8)))
	}
	return append(append(dst, answer...), 0x90, 0x00), nil
}

// TestRelayProperty compares the protocol with its rules on drawn times and thresholds (C-2, SR1.18 to SR1.32): how often the
// card is asked, with what, and which bits of the TVR it leaves.
func TestRelayProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := func(name string, most int) int { return rapid.IntRange(0, most).Draw(r, name) }
		card := &relaying{
			min: n("min", 120), max: n("max", 120), estimate: n("estimate", 60),
			takes: []int{n("first", 300), n("second", 300), n("third", 300)},
		}
		graceMin, graceMax, command, answer := n("grace min", 40), n("grace max", 60), n("command", 40), n("answer", 60)
		accuracy, mismatch := n("accuracy", 200), n("mismatch", 100)
		denied := rapid.Bool().Draw(r, "denied")
		var tac byte
		if denied {
			tac = 0x0C
		}

		// The rules.
		asked, tooFast, late := 0, false, false
		var measured int
		for asked < 3 {
			measured = max(0, card.takes[asked]-command-min(card.estimate, answer)) // SR1.18
			asked++
			if tooFast = measured < max(0, card.min-graceMin); tooFast { // SR1.19
				break
			}
			if late = measured > card.max+graceMax; !late { // SR1.22
				break
			}
		}
		tvr := byte(0x02)
		if late {
			tvr |= 0x04
		}
		apart := 100*card.estimate < mismatch*answer || 100*answer < mismatch*card.estimate
		if apart || max(0, measured-card.min) > accuracy { // SR1.30
			tvr |= 0x08
		}

		terminal, err := contactless.New(contactless.Config{Combinations: []contactless.Combination{{
			AID: unhex(t, "A0000000041010"), Kernel: kernel.Mastercard,
			Data: unhex(t, fmt.Sprintf("9F1A020840 9F350122 DF811B0190 DF8120050000000000 DF81210500000000%02X DF8122050000000000 "+
				"DF812306000000100000 DF812406000000100000 DF812606000000100000 DF813202%04X DF813302%04X DF813402%04X "+
				"DF813502%04X DF813602%04X DF813701%02X", tac, graceMin, graceMax, command, answer, accuracy, mismatch)),
		}}}, kernel.Env{Clock: clock{offlineDay}, Rand: new(counting)}, mastercard.Kernel)
		if err != nil {
			t.Fatal(err)
		}
		out, err := terminal.Transact(context.Background(), card, kernel.Transaction{Amount: 100, Currency: 978})
		if err != nil {
			t.Fatal(err)
		}
		d := terminal.Data()
		if len(card.entropies) != asked || int(d.Get(0xDF8307)[0]) != asked-1 {
			r.Fatalf("asked %d times, counter %X; want %d", len(card.entropies), d.Get(0xDF8307), asked)
		}
		for i, e := range card.entropies {
			for _, other := range card.entropies[:i] {
				if bytes.Equal(e, other) {
					r.Fatalf("the entropy %X twice", e)
				}
			}
		}
		if last := card.entropies[asked-1]; !bytes.Equal(d.Get(0x9F37), last) || !bytes.Equal(d.Get(0xDF8301), last) {
			r.Fatalf("unpredictable number %X, entropy %X", d.Get(0x9F37), last)
		}
		if got := d.Get(0xDF8306); int(got[0])<<8|int(got[1]) != measured {
			r.Fatalf("measured %X, want %04X", got, measured)
		}
		want := kernel.Approved
		switch {
		case tooFast:
			if out.Why.Code != "c2.relay_too_fast" {
				r.Fatalf("%v because of %v", out.Kind, out.Why)
			}
			return
		case tvr&tac != 0:
			want = kernel.Declined
		}
		if out.Kind != want || d.Get(0x95)[4] != tvr {
			r.Fatalf("%v because of %v, TVR byte 5 %02X; want %v and %02X", out.Kind, out.Why, d.Get(0x95)[4], want, tvr)
		}
	})
}

// TestTornProperty has two cards that share a log, one of them with the relay resistance protocol. They are pulled and delayed
// at any command, come again or not, the context ends at any command, and the log is cleaned. What a card has
// spent was approved, or is in the log, or was reported as a Torn Record; nothing is approved twice; the issuer takes each.
func TestTornProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		fault := rapid.Custom(func(r *rapid.T) string {
			at := rapid.IntRange(1, 60).Draw(r, "command")
			if rapid.IntRange(0, 3).Draw(r, "kind") == 0 {
				return fmt.Sprintf("delay=%d@%d", rapid.IntRange(1, 20000).Draw(r, "delay"), at)
			}
			how := rapid.SampledFrom([]string{"timeout", "removed", "transmission", "protocol"}).Draw(r, "how")
			return fmt.Sprintf("%s@%d", how, at)
		})
		log := &mastercard.MemoryLog{}
		records := rapid.IntRange(1, 3).Draw(r, "records")
		terminal := exchanging(t, nil, log, nil, fmt.Sprintf("DF811D01%02X", records))
		set := map[tlv.Tag][]byte{0x9F51: {0x9F, 0x02, 0x06, 0x9F, 0x37, 0x04}, 0x9F5D: {0x00, 0x03, 0x00}}
		var books [2]account
		for i, profile := range []string{"mastercard-torn", "mastercard-rrp"} {
			faults := rapid.SliceOfN(fault, 0, 6).Draw(r, profile)
			books[i] = account{card: personalised(t, profile, set, faults...), approved: map[string]bool{}}
		}
		reported := 0
		for range rapid.IntRange(1, 8).Draw(r, "purchases") {
			b := &books[rapid.IntRange(0, 1).Draw(r, "card")]
			ctx, leave := context.WithCancel(context.Background())
			card := &leaving{presented: b.card, leave: leave, at: rapid.IntRange(0, 24).Draw(r, "leaves")}
			out, err := terminal.Transact(ctx, card, purchase(100))
			reported += tornIn(out, terminal)
			for tries := rapid.IntRange(0, 3).Draw(r, "restarts"); err == nil && tries > 0 && contactless.NeedsRestart(&out, nil); tries-- {
				out, err = terminal.Restart(ctx, card, nil)
				reported += tornIn(out, terminal)
			}
			leave()
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			if log.Len() > records {
				r.Fatalf("%d records in a log for %d", log.Len(), records)
			}
			if err == nil && out.Kind == kernel.Approved {
				b.approve(t, r, out)
			}
			if rapid.IntRange(0, 9).Draw(r, "clean") == 0 {
				c := tlv.Read(mastercard.Clean(log, 0, time.Date(2026, 11, 23, 10, 11, 12, 0, time.UTC)))
				for c.Next() {
					reported++
				}
			}
		}
		spent, approved := 0, 0
		for i := range books {
			spent += 100 - spendable(t, books[i].card.Card)
			approved += len(books[i].approved)
		}
		if spent < approved || spent > approved+log.Len()+reported {
			r.Fatalf("the cards spent %d times: %d approved, %d in the log, %d reported", spent, approved, log.Len(), reported)
		}
	})
}

// account is a card with the counters of the transactions that were approved.
type account struct {
	card     presented
	approved map[string]bool
}

func (a *account) approve(t *testing.T, r *rapid.T, out kernel.Outcome) {
	atc, _ := tlv.Find(out.Record, 0x9F36)
	if a.approved[string(atc)] {
		r.Fatalf("the cryptogram of transaction %X was approved twice", atc)
	}
	a.approved[string(atc)] = true
	if v := judge(t, out); !v.Valid {
		r.Fatalf("transaction %X: %+v", atc, v)
	}
}

// tornIn counts the Torn Record of an outcome, or of what an end of the context has left in the data objects.
func tornIn(out kernel.Outcome, terminal *contactless.Terminal) int {
	objects := out.Discretionary
	if out.Kind == kernel.NoOutcome {
		objects = terminal.Data().Get(0xFF8106)
	}
	if _, ok := tlv.Find(objects, 0xFF8101); ok {
		return 1
	}
	return 0
}
