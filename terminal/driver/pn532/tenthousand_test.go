package pn532_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/pn532"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
)

// weather is what a bad line does: at most one fault in a frame, in some of them.
type weather struct {
	rand   *rand.Rand
	one    int // one frame in so many is disturbed
	faults int
}

// disturb is the line for one frame.
func (w *weather) disturb(b []byte) []byte {
	if len(b) == 0 || w.one == 0 || w.rand.IntN(w.one) != 0 {
		return b
	}
	w.faults++
	at := w.rand.IntN(len(b))
	switch w.rand.IntN(7) {
	case 0: // lost
		return nil
	case 1: // half of it
		return b[:at]
	case 2: // a wrong bit
		b[at] ^= 1 << w.rand.IntN(8)
		return b
	case 3: // a byte too few
		return slices.Delete(b, at, at+1)
	case 4: // garbage before
		noise := make([]byte, 1+w.rand.IntN(12))
		for i := range noise {
			noise[i] = []byte{0x00, 0xFF, 0xD5, byte(w.rand.IntN(256))}[w.rand.IntN(4)]
		}
		return append(noise, b...)
	case 5: // garbage behind
		return append(b, byte(1+w.rand.IntN(254)), byte(w.rand.IntN(256)))
	default: // a wrong byte
		b[at] ^= byte(1 + w.rand.IntN(255))
		return b
	}
}

// asked is a session that watches what the card sees of each command: the command, once; or nothing, if it was not
// answered.
type asked struct {
	field
	t    *testing.T
	seen *[][]byte
}

func (a *asked) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	before := len(*a.seen)
	answer, err := a.field.Transmit(ctx, dst, command)
	now := (*a.seen)[before:]
	if len(now) > 1 || len(now) == 0 && err == nil {
		a.t.Fatalf("the card saw a command %d times, %v", len(now), err)
	}
	if len(now) == 1 && !bytes.Equal(now[0], command) {
		a.t.Fatalf("the card saw %X for %X", now[0], command)
	}
	return answer, err
}

// TestTenThousandTransactions runs payments with a simulated card over a line that disturbs frames both ways. Each ends
// with a cryptogram that the issuer approves, or is refused in order; no command reaches the card twice.
func TestTenThousandTransactions(t *testing.T) {
	const transactions = 10000
	w := newWire()
	sky := &weather{rand: rand.New(rand.NewPCG(532, 14443))}
	c, err := card.New(card.Config{Profile: "visa-minimal"})
	if err != nil {
		t.Fatal(err)
	}
	var seen [][]byte
	w.chip.tap(&air{answer: func(command []byte) ([]byte, error) {
		seen = append(seen, bytes.Clone(command))
		if len(command) > 1 && command[1] == 0xA4 && bytes.HasPrefix(command[5:], []byte("2PAY")) {
			c.Reset() // it was activated anew
		}
		return c.Transmit(context.Background(), nil, command)
	}})
	_, f := start(t, w, nil)
	w.toChip, w.fromChip = sky.disturb, sky.disturb

	keys, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := contactless.New(contactless.Config{
		Terminal: []byte{0x9F, 0x1A, 0x02, 0x08, 0x40, 0x9F, 0x33, 0x03, 0xE0, 0xB8, 0xC8, 0x9F, 0x35, 0x01, 0x22}, Restarts: 3,
		Combinations: []contactless.Combination{{
			AID: []byte{0xA0, 0, 0, 0, 3, 0x10, 0x10}, Kernel: kernel.Visa, TTQ: &contactless.TTQ{0x37, 0x00, 0xC0, 0x00},
		}},
	}, kernel.Env{Clock: date{time.Date(2026, 11, 23, 10, 11, 12, 0, time.UTC)}, Rand: random{sky.rand}, CAPKs: keys}, visa.Kernel)
	if err != nil {
		t.Fatal(err)
	}

	approved, refused, failed := 0, 0, 0
	for i := range transactions {
		sky.one = []int{0, 400, 60, 15, 5}[i%5] // from fair to foul
		seen = nil
		a := &asked{f, t, &seen}
		amount := uint64(100 + i)
		out, err := terminal.Transact(context.Background(), a, kernel.Transaction{Amount: amount, Currency: 840})
		if len(seen) > 64 {
			t.Fatalf("transaction %d: the card saw %d commands", i, len(seen))
		}
		switch {
		case err != nil:
			// Foul enough for long enough, and the chip counts as gone: that is orderly too. Nothing else is.
			if sky.one == 0 || !errors.Is(err, driver.ErrGone) && !kernel.IsCardError(err) && !errors.Is(err, driver.ErrDevice) {
				t.Fatalf("transaction %d: %v", i, err)
			}
			failed++
		case out.Kind == kernel.OnlineRequest:
			v, err := host.Decide(out.Record)
			if err != nil || !v.Valid || !v.Approved {
				t.Fatalf("transaction %d: the issuer says %+v, %v", i, v, err)
			}
			approved++
		case sky.one != 0 && (out.Kind == kernel.EndApplication || out.Kind == kernel.TryAgain || out.Kind == kernel.TryAnotherInterface) && out.Why.Code != "":
			refused++
		default:
			t.Fatalf("transaction %d: %v because of %v", i, out.Kind, out.Why)
		}
		terminal.Wipe()
		// Between two customers the field is off; a chip that did not answer is set up again, as after plugging it in.
		sky.one = 0
		if err := f.Deactivate(context.Background(), 0); err != nil {
			if f = again(t, f, w); f == nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d approved, %d refused, %d ended by the line; %d faults", approved, refused, failed, sky.faults)
	if approved < transactions/2 || refused+failed == 0 || sky.faults < transactions/2 {
		t.Errorf("%d approved, %d refused, %d ended by the line, %d faults: that is no test", approved, refused, failed, sky.faults)
	}
}

// again opens a reader on the wire whose last one has given up.
func again(t *testing.T, f field, w *wire) field {
	t.Helper()
	_ = f.Close()
	r, err := pn532.New(context.Background(), w, pn532.Config{Clock: w, Sleep: w.sleep})
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Open(context.Background(), driver.Contactless)
	if err != nil {
		t.Fatal(err)
	}
	return s.(field)
}

// date is a clock that stands still.
type date struct{ t time.Time }

func (d date) Now() time.Time              { return d.t }
func (date) Since(time.Time) time.Duration { return 0 }

// random draws from the test's own source.
type random struct{ *rand.Rand }

func (r random) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	return len(p), nil
}
