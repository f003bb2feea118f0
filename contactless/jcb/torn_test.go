package jcb_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/jcb"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/tlv"
)

// pull is when a card leaves the field during GENERATE AC or ECHO.
type pull int

const (
	stays  pull = iota
	before      // the command does not reach it
	after       // its answer does not reach the reader
)

// tearing is a card without CDA. Its cryptograms are the unpredictable number and its counter, so that a test sees which
// transaction one is of.
type tearing struct {
	pulls     []pull
	atc       uint16
	made      int // cryptograms
	lost      int // times that one was given again to nobody
	owes      []byte
	recovered bool // in this session
}

func (c *tearing) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	answer := func(objects ...[]byte) ([]byte, error) {
		return append(append(dst, bytes.Join(objects, nil)...), 0x90, 0x00), nil
	}
	of := func(t tlv.Tag, parts ...[]byte) []byte { return tlv.Append(nil, t, bytes.Join(parts, nil)) }
	aid := []byte{0xA0, 0, 0, 0, 0x65, 0x10, 0x10}
	switch command[1] {
	case 0xA4:
		c.recovered = false
		if command[4] == 14 {
			return answer(of(0x6F, of(0xA5, of(0xBF0C, of(0x61, of(0x4F, aid), of(0x87, []byte{1}))))))
		}
		return answer(of(0x6F, of(0x84, aid), of(0xA5, of(0x9F38, []byte{0x9F, 0x52, 1}))))
	case 0xA8:
		c.atc++
		if !c.recovered {
			c.owes = nil
		}
		return answer(of(0x77, of(0x82, []byte{0x00, 0x80}), of(0x94, []byte{0x08, 1, 1, 0})))
	case 0xB2:
		return answer(of(
			0x70, of(0x57, []byte{0x35, 0x40, 0x00, 0x12, 0x34, 0x56, 0x78, 0x97, 0xD4, 0x91, 0x22, 0x01, 0x0F}),
			of(0x5F24, []byte{0x49, 0x12, 0x31}), of(0x8C, []byte{0x9F, 0x37, 4, 0x95, 5}),
		))
	}
	now := stays
	if len(c.pulls) > 0 {
		now, c.pulls = c.pulls[0], c.pulls[1:]
	}
	if now == before {
		if command[1] == 0xDF && c.owes != nil {
			c.lost++
		}
		return dst, kernel.ErrTimeout
	}
	switch {
	case command[1] == 0xAE:
		c.made++
		atc := binary.BigEndian.AppendUint16(nil, c.atc)
		c.owes = of(0x77, of(0x9F27, []byte{0x80}), of(0x9F36, atc), of(0x9F26, command[5:9], []byte{0, 0}, atc), of(0x9F50, []byte{0}))
	case c.owes == nil:
		if now == after {
			return dst, kernel.ErrTimeout
		}
		return append(dst, 0x69, 0x85), nil
	default:
		c.recovered = true
	}
	if now == after {
		if command[1] == 0xDF {
			c.lost++
		}
		return dst, kernel.ErrTimeout
	}
	return answer(c.owes)
}

// counting is a source of numbers that are never the same.
type counting struct{ n byte }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		c.n++
		p[i] = c.n
	}
	return len(p), nil
}

// clock stands still unless a test moves it.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time                  { return c.now }
func (c *clock) Since(t time.Time) time.Duration { return c.now.Sub(t) }

// TestTornSequences goes through every sequence of pulls, up to five of them, over two transactions one after the other.
// Each ends online with a cryptogram that is of the data in its record, the card makes a second one only where the first
// was lost twice, and nothing is kept of a transaction that was completed.
func TestTornSequences(t *testing.T) {
	const longest = 5
	for n := range 243 { // three to the power of five
		var pulls []pull
		for i, v := 0, n; i < longest; i, v = i+1, v/3 {
			pulls = append(pulls, pull(v%3))
		}
		log := &jcb.TornLog{}
		terminal := shop(t, func(g *given) { g.options.Torn, g.env.Rand = log, &counting{} }, nil)
		card := &tearing{pulls: pulls}
		for range 2 {
			card.made, card.lost = 0, 0
			out, err := terminal.Transact(context.Background(), card, small)
			for taps := 0; err == nil && out.Kind != kernel.OnlineRequest && contactless.NeedsRestart(&out, nil); taps++ {
				if taps > longest {
					t.Fatalf("%v: no end", pulls)
				}
				out, err = terminal.Restart(context.Background(), card, nil)
			}
			if err != nil || out.Kind != kernel.OnlineRequest {
				t.Fatalf("%v: %v because of %v, %v", pulls, out.Kind, out.Why, err)
			}
			ac, _ := tlv.Find(out.Record, 0x9F26)
			un, _ := tlv.Find(out.Record, 0x9F37)
			atc, _ := tlv.Find(out.Record, 0x9F36)
			if want := bytes.Join([][]byte{un, {0, 0}, atc}, nil); !bytes.Equal(ac, want) {
				t.Errorf("%v: cryptogram %X of a transaction with %X", pulls, ac, want)
			}
			if card.made != 1+card.lost {
				t.Errorf("%v: %d cryptograms, of which %d were lost twice", pulls, card.made, card.lost)
			}
			if !log.Empty() {
				t.Errorf("%v: a context is left", pulls)
			}
		}
	}
}

// TestTornContexts: which activations are of the transaction that was torn (C-5, 3.14.2).
func TestTornContexts(t *testing.T) {
	for _, c := range []struct {
		name      string
		wait      time.Duration
		lifetime  time.Duration
		anew      *kernel.Transaction
		recovered bool
	}{
		{"at once", 0, 0, nil, true},
		{"just in time", jcb.DefaultTornLifetime - 1, 0, nil, true},
		{"too late", jcb.DefaultTornLifetime, 0, nil, false},
		{"a shorter life", 3 * time.Second, 3 * time.Second, nil, false},
		{"a clock that went back", -time.Second, 0, nil, false},
		{"the next customer with the same amount", 0, 0, &small, false},
		{"another amount", 0, 0, &kernel.Transaction{Amount: 1251, Currency: 840}, false},
	} {
		log, watch := &jcb.TornLog{}, &clock{kerneltest.Today.Now()}
		terminal := shop(t, func(g *given) {
			g.options.Torn, g.options.TornLifetime, g.env.Clock, g.env.Rand = log, c.lifetime, watch, &counting{}
		}, nil)
		card := &tearing{pulls: []pull{after}}
		out, err := terminal.Transact(context.Background(), card, small)
		if err != nil || out.Kind != kernel.EndApplication || log.Empty() {
			t.Fatalf("%s: %v, %v", c.name, out.Kind, err)
		}
		watch.now = watch.now.Add(c.wait)
		if c.anew != nil {
			out, err = terminal.Transact(context.Background(), card, *c.anew)
		} else {
			out, err = terminal.Restart(context.Background(), card, nil)
		}
		if err != nil || out.Kind != kernel.OnlineRequest || (card.made == 1) != c.recovered || !log.Empty() {
			t.Errorf("%s: %v, %d cryptograms, %v", c.name, out.Kind, card.made, err)
		}
	}
}

// TestTornLogHidesAndForgets: a context is not printed, and Wipe leaves no digit of it.
func TestTornLogHidesAndForgets(t *testing.T) {
	var none *jcb.TornLog
	none.Wipe()
	if !none.Empty() || fmt.Sprint(none) != "no torn transaction" {
		t.Error("no log is an empty one")
	}
	log := &jcb.TornLog{}
	terminal := shop(t, func(g *given) { g.options.Torn = log }, nil)
	if _, err := terminal.Transact(context.Background(), &tearing{pulls: []pull{after}}, small); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, log); got != "[torn transaction]" {
			t.Errorf("%s: %s", verb, got)
		}
	}
	if log.Wipe(); *log != (jcb.TornLog{}) {
		t.Error("Wipe left something")
	}
}
