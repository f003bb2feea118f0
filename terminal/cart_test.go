package terminal_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
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

// pulled is a till's cable that can be pulled: what is said then goes nowhere, and nothing tells the till.
type pulled struct {
	is   atomic.Bool
	said sync.Once
	lost chan struct{} // closed when a long frame was lost: a request is one, a heartbeat is not
	back chan struct{} // closed when the network is there again
}

type pulledConn struct {
	net.Conn
	cable *pulled
}

func (p *pulled) dial(ctx context.Context, address string) (net.Conn, error) {
	if p.is.Load() {
		select {
		case <-p.back:
		default:
			return nil, errors.New("no network")
		}
	}
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil || p.is.Load() {
		return c, err
	}
	return &pulledConn{c, p}, nil
}

func (c *pulledConn) Write(b []byte) (int, error) {
	if !c.cable.is.Load() {
		return c.Conn.Write(b)
	}
	if len(b) > 300 {
		c.cable.said.Do(func() { close(c.cable.lost) })
	}
	return len(b), nil
}

// TestPayOverANewConnection asks for the payment of a cart just when the cable is pulled, as by a terminal that is taken out of
// its dock. The session goes on elsewhere, where the request is the first thing to come: the cart has left the display with
// the connection and comes after it. The cashier is not refused, and the customer pays for what is on the display.
func TestPayOverANewConnection(t *testing.T) {
	s := open(t, "US", nil)
	k := s.till("till-1")
	k.stop()
	cable := &pulled{lost: make(chan struct{}), back: make(chan struct{})}
	k.config.Dial = cable.dial
	k.on(s)
	counter := s.pair(k)
	s.ready()
	must[wire.Lease](t)(counter.TakeLease(within(t), false))
	if err := counter.SendCart(cart(1, 850)); err != nil {
		t.Fatal(err)
	}
	r := s.sale("order-1", 850)
	r.CartHash = k.shownCart(t, 1)
	cable.is.Store(true)
	paid := s.pay(counter, r)
	<-cable.lost
	close(cable.back)
	until(t, "the request is there before its cart", func() bool { return s.log.seen("E_CART_HASH") })
	until(t, "the card is asked for", func() bool {
		select {
		case o := <-paid:
			t.Fatalf("%+v, %v", o.final, o.err)
		default:
		}
		return s.page.state().Screen == display.Present
	})
	s.hands.Tap(s.card("visa-credit"), nil)
	s.wants(paid, wire.Approved, "")
	s.charged(850)
	if all := k.config.Book.All(); len(all) != 1 {
		t.Errorf("%d requests for one payment", len(all))
	}
}
