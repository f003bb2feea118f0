package terminal_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/wire"
)

// TestNothingPromptsAfterStart switches the terminal off while it asks for a card. Afterwards it asks for none, and takes
// none, until the till asks again; the till hears that the first payment has failed. P4, P22
func TestNothingPromptsAfterStart(t *testing.T) {
	s, k := counter(t, "US", short)
	paid := s.pay(k.terminal(s), s.sale("order-1", 1250))
	s.screen(display.Present)
	s.again()
	visa := s.card("visa-credit")
	s.hands.Tap(visa, nil) // the customer of before is still there
	o := <-paid
	if o.err != nil || o.final.Result != wire.Failed && o.final.Result != wire.Cancelled || o.final.Total != 0 {
		t.Fatalf("%+v, %v", o.final, o.err)
	}
	term := k.terminal(s)
	s.ready()
	until(t, "the terminal is idle", func() bool { return s.page.state().Screen == display.Standby })
	if s.hands.Swipe("", ";"+swiped+"=49121011234567890?", "") {
		t.Error("somebody waits for a swipe")
	}
	if screens := s.page.screens(); slices.Contains(screens, display.Present) || slices.Contains(screens, display.Approved) {
		t.Errorf("after the start the display showed %v", screens)
	}
	s.charged(0)
	s.hands.Leave()
	paid = s.pay(term, s.sale("order-2", 99))
	until(t, "the prompt", func() bool { return s.page.state().Screen == display.Present })
	s.hands.Tap(visa, nil)
	s.wants(paid, wire.Approved, "")
	s.charged(99)
}

// TestProgressOverANewConnection starts the till's app again while its customer is asked for a card: the app hears what the
// customer sees, although nothing has happened since. P22
func TestProgressOverANewConnection(t *testing.T) {
	s, k := counter(t, "US", short)
	s.pay(k.terminal(s), s.sale("order-1", 1250))
	prompt := func() bool { return strings.Contains(k.progress(), "PROMPTING present_card") }
	s.screen(display.Present)
	until(t, "the prompt", prompt)
	k.stop()
	k.mu.Lock()
	k.seen = nil
	k.mu.Unlock()
	k.on(s)
	k.terminal(s)
	until(t, "the prompt, once more", prompt)
	s.hands.Tap(s.card("visa-credit"), nil)
	until(t, "the outcome", func() bool { return len(k.config.Book.Open()) == 0 })
	s.charged(1250)
}

// TestBusy names the payment that is under way to the till that asks for another, shows what that till rings up meanwhile
// afterwards, and ends each payment once: the first at its own deadline. P3, P14, P17
func TestBusy(t *testing.T) {
	s, k := counter(t, "US", short)
	term := k.terminal(s)
	first := s.sale("order-1", 1250)
	first.Within = 5000
	paid := s.pay(term, first)
	id := s.screen(display.Present).Request
	_, err := term.Pay(within(t), s.sale("order-2", 99))
	var busy *wire.Error
	if !errors.As(err, &busy) || busy.Code != wire.CodeBusy || busy.RequestID != id || busy.Holder != "Till till-1" {
		t.Fatalf("%+v", err)
	}
	if err := term.SendCart(cart(1, 300)); err != nil {
		t.Fatal(err)
	}
	if st := s.page.state(); st.Screen != display.Present || st.Request != id {
		t.Errorf("the cart is in the way: %+v", st)
	}
	s.wants(paid, wire.Failed, payment.CodeDeadline)
	s.screen(display.Cart)
	s.charged(0)
	until(t, "the till's listener hears of it", func() bool { return len(k.finals()) != 0 })
	if final := k.finals(); len(final) != 1 || final[0].RequestID != id {
		t.Errorf("%+v", final)
	}
}
