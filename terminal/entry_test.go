package terminal_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/wire"
)

// TestChipSwiped asks for the chip of a card whose stripe was swiped, and takes it. S48
func TestChipSwiped(t *testing.T) {
	for _, service := range []string{"201", "601"} { // ISO/IEC 7813: 2 and 6 have a chip
		t.Run(service, func(t *testing.T) {
			s, k := counter(t, "US", nil)
			paid := s.pay(k.terminal(s), s.sale("order-1", 1250))
			s.screen(display.Present)
			until(t, "somebody waits for a swipe", func() bool {
				return s.hands.Swipe("", ";"+swiped+"=4912"+service+"1234567890?", "")
			})
			until(t, "the terminal wants the chip", func() bool {
				st := s.page.state()
				return st.Screen == display.Present && strings.Contains(strings.ToLower(st.Notice), "insert")
			})
			if n := len(s.server.Ledger()); n != 0 {
				t.Errorf("the host was asked %d times", n)
			}
			s.present("visa-contact")
			if f := s.wants(paid, wire.Approved, ""); f.Receipt.Entry != wire.EntryInsert {
				t.Errorf("%+v", f.Receipt)
			}
			s.charged(1250)
		})
	}
}

// hasty is a customer who takes the card out when the host has answered: before its second GENERATE AC (Book 3, 6.5.5).
type hasty struct {
	contacts
	generated atomic.Int32
	leave     func()
}

func (h *hasty) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if len(command) > 1 && command[1] == 0xAE && h.generated.Add(1) == 2 {
		h.leave()
		return dst, kernel.ErrRemoved
	}
	return h.contacts.Transmit(ctx, dst, command)
}

// TestPulledEarly takes the card out between the host's approval and the card's own: the till and the customer never hear of
// an approval, and the host's is reversed. P25
func TestPulledEarly(t *testing.T) {
	s, k := counter(t, "US", nil)
	paid := s.pay(k.terminal(s), s.sale("order-1", 1250))
	s.screen(display.Present)
	c := &hasty{contacts: contacts{s.card("visa-contact")}, leave: s.hands.Remove}
	if err := s.hands.Insert(c, nil); err != nil {
		t.Fatal(err)
	}
	o := <-paid
	if o.err != nil || o.final.Result == wire.Approved || c.generated.Load() != 2 {
		t.Fatalf("%+v, %v after %d GENERATE AC", o.final, o.err, c.generated.Load())
	}
	until(t, "the reversal", func() bool {
		list := s.server.Ledger()
		return len(list) == 1 && list[0].Reversed
	})
	s.charged(0)
	until(t, "the till's listener hears of it", func() bool { return len(k.finals()) != 0 })
	if n := len(k.finals()); n != 1 {
		t.Errorf("%d finals", n)
	}
	for _, screen := range s.page.screens() {
		if screen == display.Approved {
			t.Error("the customer was told of an approval")
		}
	}
}
