package demo

import (
	"bytes"
	"context"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/counter"
	"github.com/cardwright/emv/cmd/emv/internal/setup"
	"github.com/cardwright/emv/cmd/emv/internal/station"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/card"
)

// heard is what was told, by several sides at the same time.
type heard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.Write(b)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.String()
}

func order(t *testing.T, log *heard, how, name string) Order {
	t.Helper()
	p, err := profile.Builtin("US")
	if err != nil {
		t.Fatal(err)
	}
	return Order{
		Station: station.Options{
			Setup: setup.Setup{Profile: p},
			Log:   slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		},
		Amount: 1250, How: how, Card: name, PINs: []string{"1234"},
	}
}

// numbers are how a card number may be written: digits, and packed as cards have it.
func numbers(t *testing.T, name string) []string {
	t.Helper()
	if name == counter.Stripe {
		return spellings(t, "4761739001010176")
	}
	c, err := card.New(card.Config{Profile: name})
	if err != nil {
		t.Fatal(err)
	}
	digits, _, found := strings.Cut(strings.TrimPrefix(c.Stripe(), ";"), "=")
	if !found {
		t.Fatalf("%s has no number to look for", name)
	}
	return spellings(t, digits)
}

func spellings(t *testing.T, digits string) []string {
	t.Helper()
	packed, err := hex.DecodeString(digits)
	if err != nil || len(digits) < 13 {
		t.Fatalf("%q is no card number of whole bytes", digits)
	}
	return []string{digits, string(packed)}
}

// TestNothingOfACardIsLeft pays in each way and looks for the card's number in all that is kept, logged and told.
func TestNothingOfACardIsLeft(t *testing.T) {
	for how, name := range map[string]string{Tap: "visa-credit", Insert: "mastercard-contact", Swipe: counter.Stripe} {
		t.Run(how, func(t *testing.T) {
			log, dir := &heard{}, filepath.Join(t.TempDir(), "state")
			o := order(t, log, how, name)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			card, _ := counter.Find(name)
			s := &scene{order: o, card: card, codes: make(chan string, 8), watch: func(who, what string) {
				_, _ = log.Write([]byte(who + " " + what + "\n"))
			}}
			r, err := s.play(ctx, dir)
			if err != nil {
				t.Fatal(err)
			}
			if r.Final.Result != wire.Approved || r.State != wire.StateAcked || r.Charged != 1250 || r.Entries != 1 {
				t.Errorf("it ended with %+v", r)
			}
			files := 0
			err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				files++
				b, err := os.ReadFile(path)
				for _, n := range numbers(t, name) {
					if bytes.Contains(b, []byte(n)) {
						t.Errorf("%s holds the card number", path)
					}
				}
				return err
			})
			if err != nil || files < 4 {
				t.Errorf("%d files, %v", files, err)
			}
			for _, n := range numbers(t, name) {
				if strings.Contains(log.String(), n) {
					t.Error("the card number was logged or told")
				}
			}
			if n, err := records(filepath.Join(dir, "journal")); err != nil || n == 0 {
				t.Errorf("the journal has %d records, %v", n, err)
			}
		})
	}
}

// TestEnds: what the bank says, what the till knows, and what the customer saw are one thing, however it ends.
func TestEnds(t *testing.T) {
	for _, c := range []struct {
		name, card, how string
		faults, pins    []string
		decline         bool
		result          wire.Result
		reason          string
		charged         int64
	}{
		{name: "bank declines", how: Tap, card: "visa-credit", decline: true, result: wire.Declined, reason: "host_declined"},
		{name: "card declines", how: Insert, card: "contact-declines", result: wire.Declined, reason: "card_declined"},
		{name: "no way left", how: Tap, card: "mastercard-declines", result: wire.Cancelled, reason: "cancelled"},
		{name: "customer gives up", how: Insert, card: "mastercard-contact", pins: []string{"cancel"}, result: wire.Cancelled, reason: "customer_cancelled"},
		{name: "tap again", how: Tap, card: "visa-credit", faults: []string{"timeout@3"}, result: wire.Approved, charged: 1250},
		{name: "phone", how: Tap, card: "visa-phone-locked", result: wire.Approved, charged: 1250},
		{name: "fallback", how: Insert, card: "contact-mute", result: wire.Approved, charged: 1250},
		{name: "chip instead of stripe", how: Swipe, card: "visa-contact", result: wire.Approved, charged: 1250},
		{name: "choice", how: Insert, card: "contact-multi", result: wire.Approved, charged: 1250},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := &heard{}
			o := order(t, log, c.how, c.card)
			o.Faults, o.Decline = c.faults, c.decline
			if c.pins != nil {
				o.PINs = c.pins
			}
			r, err := Run(t.Context(), o, func(who, what string) { _, _ = log.Write([]byte(who + " " + what + "\n")) })
			if err != nil {
				t.Fatalf("%v\n%s", err, log)
			}
			if r.Final.Result != c.result || c.reason != "" && r.Final.Reason != c.reason || r.Charged != c.charged {
				t.Errorf("%s, %s, charged %d\n%s", r.Final.Result, r.Final.Reason, r.Charged, log)
			}
		})
	}
}

// TestRefusals: what can't be shown is refused before anything is started.
func TestRefusals(t *testing.T) {
	silent := func(who, what string) { t.Errorf("%s %s", who, what) }
	o := order(t, &heard{}, Tap, "no-such-card")
	if _, err := Run(t.Context(), o, silent); err == nil {
		t.Error("a card that there is not")
	}
	o = order(t, &heard{}, Tap, "visa-credit")
	o.Faults = []string{"nonsense"}
	if _, err := Run(t.Context(), o, silent); err == nil {
		t.Error("a fault that there is not")
	}
}

func TestAnInterruptEndsIt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Run(ctx, order(t, &heard{}, Tap, "visa-credit"), func(string, string) { cancel() })
	if err == nil || ctx.Err() == nil {
		t.Errorf("ended with %v", err)
	}
}
