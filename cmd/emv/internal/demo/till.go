package demo

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// till is the other side: what a shop's till app does with the library.
type till struct {
	scene    *scene
	register *pos.Register
	terminal *pos.Terminal
	online   chan struct{}
	shown    chan *wire.CartShown
	ready    chan struct{} // the terminal can take payments

	mu   sync.Mutex
	last string // what was said of the payment
}

func newTill(s *scene) (*till, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	own := pairing.Identity{Merchant: "standalone", Location: "demo", Kind: pairing.Till, ID: "till-1"}
	certificate, err := pairing.SelfSigned(key, own, rand.Reader, time.Now())
	if err != nil {
		return nil, err
	}
	t := &till{scene: s, online: make(chan struct{}, 1), shown: make(chan *wire.CartShown, 8), ready: make(chan struct{}, 1)}
	t.register, err = pos.New(pos.Config{
		PosID: own.ID, Name: "Till 1", Cert: certificate, Version: wire.Version{Major: 9}, Platform: "demo",
		Country: s.order.Station.Setup.Profile.Country.Alpha2,
		Records: pairing.NewRecords(), Book: pos.NewBook(), Clock: pairing.SystemClock{}, Rand: rand.Reader,
		Networks: func() []string { return []string{"127.0.0.0/8"} }, Events: t.heard,
		Dial: func(ctx context.Context, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		},
	})
	return t, err
}

// start keeps the till connected until stop is called.
func (t *till) start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { _ = t.register.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

func (t *till) say(what string) { t.scene.watch(TheTill, what) }

// heard is what happens at the terminal; it must not wait.
func (t *till) heard(e pos.Event) {
	switch {
	case e.Online:
		notify(t.online)
	case e.Status != nil && e.Status.State == "ready":
		notify(t.ready)
	case e.Shown != nil:
		select {
		case t.shown <- e.Shown:
		default:
		}
	case e.Progress != nil:
		t.progress(e.Progress)
	}
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// progress says what the till's screen would say.
func (t *till) progress(e *wire.PaymentEvent) {
	what := map[wire.State]string{
		wire.StatePrompting: "sees: waiting for the card",
		wire.StateCardIn:    "sees: the card is there",
		wire.StateAuthSent:  "sees: waiting for the bank",
	}[e.State]
	t.mu.Lock()
	defer t.mu.Unlock()
	if what != "" && what != t.last {
		t.last = what
		t.say(what)
	}
}

// pair takes the code that is on the terminal's screen, as a camera would.
func (t *till) pair(ctx context.Context) error {
	var code string
	select {
	case code = <-t.scene.codes:
	case <-ctx.Done():
		return ctx.Err()
	}
	t.scene.watch(TheTerminal, "shows a pairing code")
	paired, err := t.register.Pair(ctx, code)
	if err != nil {
		return err
	}
	t.say("scans it; both screens say \"" + paired.Confirmation.String() + "\"")
	select {
	case <-t.online:
	case <-ctx.Done():
		return ctx.Err()
	}
	if t.terminal, err = t.register.Terminal(""); err != nil {
		return err
	}
	_, err = t.terminal.TakeLease(ctx, false)
	return err
}

// cart shows what is bought.
func (t *till) cart(ctx context.Context) error {
	p := t.scene.order.Station.Setup.Profile
	amount := t.scene.order.Amount
	bun := amount * 28 / 100
	c := &wire.CartSet{
		CartID: "cart-1", Rev: 1, Currency: p.Currency.Alpha, Exponent: int(p.Currency.Exponent), Locale: "en-" + p.Country.Alpha2,
		Lines: []wire.CartLine{
			{ID: "1", Name: "Coffee beans, 250 g", Qty: "1", Unit: amount - bun, Amount: amount - bun},
			{ID: "2", Name: "Cinnamon bun", Qty: "1", Unit: bun, Amount: bun},
		},
		Subtotal: amount, Total: amount,
	}
	if err := t.terminal.SendCart(c); err != nil {
		return err
	}
	t.say("rings up coffee beans and a cinnamon bun")
	select {
	case shown := <-t.shown:
		t.shown <- shown
	case <-ctx.Done():
		return ctx.Err()
	}
	state := t.scene.station.Terminal.Display()
	if state.Cart != nil {
		t.scene.watch(TheTerminal, "shows the cart: "+state.Cart.Count+", "+state.Cart.Total)
	}
	return nil
}

// pay asks for the payment. A terminal that has not heard of its bank yet is asked again.
func (t *till) pay(ctx context.Context) (*wire.Final, error) {
	shown := <-t.shown
	t.say("asks for " + t.scene.order.Money(t.scene.order.Amount))
	request := wire.PaymentRequest{
		OrderRef: "order-1", Kind: wire.KindSale, Amount: t.scene.order.Amount,
		Currency:  t.scene.order.Station.Setup.Profile.Currency.Alpha,
		TipPolicy: wire.TipPolicy{Mode: "none"}, SurchargePolicy: wire.SurchargePolicy{Mode: "none"}, Offline: wire.Offline{Mode: "forbid"},
		Entry: []wire.Entry{wire.EntryTap, wire.EntryInsert, wire.EntrySwipe}, CartHash: shown.Hash,
	}
	for {
		final, err := t.terminal.Pay(ctx, request)
		var refused *wire.Error
		if !errors.As(err, &refused) || refused.Code != wire.CodeNotReady {
			if err == nil {
				t.say("has the result: " + string(final.Result))
			}
			return final, err
		}
		select {
		case <-t.ready:
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// cancel gives up.
func (t *till) cancel(ctx context.Context, request string) {
	_, _ = t.terminal.Cancel(ctx, request, "demo")
}

// settled waits until the terminal knows that the till has the result, and returns how the payment stands.
func (t *till) settled(ctx context.Context, request string) (wire.State, error) {
	for {
		s, err := t.terminal.Status(ctx, request)
		if err != nil {
			return "", err
		}
		if s.State == wire.StateAcked {
			return s.State, nil
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
