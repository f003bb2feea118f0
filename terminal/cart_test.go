package terminal_test

import (
	"bytes"
	"testing"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

func cart(rev uint64, lines ...int64) *wire.CartSet {
	c := &wire.CartSet{CartID: "cart-1", Rev: rev, Currency: "USD", Exponent: 2, Locale: "en-US"}
	for i, l := range lines {
		c.Lines = append(c.Lines, wire.CartLine{ID: string(rune('a' + i)), Name: "Coffee", Qty: "1", Unit: l, Amount: l})
		c.Total += l
	}
	c.Subtotal = c.Total
	return c
}

// shownCart waits until the till hears that a revision is on the display, and returns its hash.
func (k *till) shownCart(t *testing.T, rev uint64) (hash []byte) {
	t.Helper()
	until(t, "the cart is shown", func() bool {
		k.mu.Lock()
		defer k.mu.Unlock()
		for _, c := range k.shown {
			if c.Rev == rev {
				hash = c.Hash
			}
		}
		return hash != nil
	})
	return hash
}

// TestCart shows the till's cart, takes a payment for it and for no other one, and takes it away when it is paid.
func TestCart(t *testing.T) {
	s := open(t, "US", nil)
	k := s.till("till-1")
	counter := s.pair(k)
	s.ready()
	must[wire.Lease](t)(counter.TakeLease(within(t), false))
	if err := counter.SendCart(cart(1, 300, 450)); err != nil {
		t.Fatal(err)
	}
	old := k.shownCart(t, 1)
	if st := s.screen(display.Cart); st.Cart == nil || len(st.Cart.Lines) != 2 || st.Cart.Total != "$7.50" {
		t.Errorf("%+v", st.Cart)
	}
	if err := counter.SendCart(cart(2, 300, 450, 100)); err != nil {
		t.Fatal(err)
	}
	hash := k.shownCart(t, 2)
	if bytes.Equal(hash, old) || len(hash) != 32 {
		t.Fatal("two carts have one hash")
	}
	r := s.sale("order-1", 850)
	r.CartHash = old
	_, err := counter.Pay(within(t), r)
	wantCode(t, err, wire.CodeCartMismatch)
	r.CartHash = nil
	_, err = counter.Pay(within(t), r)
	wantCode(t, err, wire.CodeCartMismatch)
	r.CartHash = hash
	paid := s.pay(counter, r)
	s.screen(display.Present)
	if err := counter.SendCart(cart(3, 1)); err != nil { // while the customer pays: the screen stays
		t.Fatal(err)
	}
	s.hands.Tap(s.card("visa-credit"), nil)
	s.wants(paid, wire.Approved, "")
	s.screen(display.Approved)
	s.screen(display.Cart) // what came meanwhile
	s.charged(850)
}

// TestPaidCartGoes takes the cart away that was paid for.
func TestPaidCartGoes(t *testing.T) {
	s := open(t, "US", func(s *shop) { s.config.Times.Result = 1 })
	k := s.till("till-1")
	counter := s.pair(k)
	s.ready()
	must[wire.Lease](t)(counter.TakeLease(within(t), false))
	if err := counter.SendCart(cart(1, 850)); err != nil {
		t.Fatal(err)
	}
	r := s.sale("order-1", 850)
	r.CartHash = k.shownCart(t, 1)
	paid := s.pay(counter, r)
	s.screen(display.Present)
	s.hands.Tap(s.card("visa-credit"), nil)
	s.wants(paid, wire.Approved, "")
	s.screen(display.Standby)
}

// TestFaultyCart is shown as what it is and can't be paid.
func TestFaultyCart(t *testing.T) {
	s := open(t, "US", nil)
	var refused []*wire.Error
	k := s.till("till-1")
	k.stop()
	hear := k.config.Events
	k.config.Events = func(e pos.Event) {
		hear(e)
		if k.mu.Lock(); e.Refused != nil {
			refused = append(refused, e.Refused)
		}
		k.mu.Unlock()
	}
	k.on(s)
	counter := s.pair(k)
	s.ready()
	must[wire.Lease](t)(counter.TakeLease(within(t), false))
	c := cart(1, 850)
	c.Lines[0].Amount, c.Subtotal, c.Total = 850, 900, 900
	if err := counter.SendCart(c); err == nil { // the library itself refuses it
		t.Error("a cart that does not add up was sent")
	}
	// A till whose currency is not the terminal's.
	r := s.sale("order-1", 850)
	r.Currency = "GBP"
	_, err := counter.Pay(within(t), r)
	wantCode(t, err, "E_CURRENCY")
	r = s.sale("order-1", 850)
	r.Entry = []wire.Entry{wire.EntryManual}
	_, err = counter.Pay(within(t), r)
	wantCode(t, err, wire.CodeUnsupported)
}
