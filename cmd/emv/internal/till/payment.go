package till

import (
	"context"
	"errors"
	"time"

	"github.com/cardwright/emv/terminal/canonical"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// Payment is what is under way, or how it ended.
type Payment struct {
	Order     string      `json:"order"`
	Kind      wire.Kind   `json:"kind"`
	Amount    int64       `json:"amount"`
	Currency  string      `json:"currency"`
	Terminal  string      `json:"terminal"`
	RequestID string      `json:"request_id,omitempty"`
	Reference string      `json:"reference,omitempty"`
	State     wire.State  `json:"state,omitempty"`  // "" until the terminal has accepted it
	Prompt    string      `json:"prompt,omitempty"` // what the customer sees
	Done      bool        `json:"done"`
	Final     *wire.Final `json:"final,omitempty"`
	Error     *wire.Error `json:"error,omitempty"`  // refused: no card was charged
	Cancel    string      `json:"cancel,omitempty"` // the terminal's answer: "cancelled", "too_late", "reversing"
	Tender    string      `json:"tender,omitempty"` // "cash" where the order is, or is going to be, paid so
	Resumed   bool        `json:"resumed,omitempty"`

	stop  context.CancelFunc // ends it as long as it has no request id
	ended chan struct{}
}

// Wait returns when a payment has ended, or ctx.
func (p Payment) Wait(ctx context.Context) error {
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Checkout asks for the payment of the sale.
type Checkout struct {
	Order    string    `json:"order"`
	Rev      uint64    `json:"rev"`
	Kind     wire.Kind `json:"kind"` // sale or preauth; "" is sale
	Tip      bool      `json:"tip"`
	Terminal string    `json:"terminal"` // "" leaves it to the default, or is CodeChoose
}

// How long things take at most.
const (
	customerTime = 3 * time.Minute  // to present a card
	screenTime   = 3 * time.Second  // for a cart to be on the screen: it takes a tenth of a second
	cancelTime   = 10 * time.Second // for the answer to a cancel
)

func anyCard() []wire.Entry { return []wire.Entry{wire.EntryTap, wire.EntryInsert, wire.EntrySwipe} }

// Checkout begins the payment of the sale as it stands, and returns it. What was begun for the order already is returned
// as it is: a button that was pressed twice. Rev must be what the cashier saw.
func (t *Till) Checkout(c Checkout) (Payment, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.Kind == "" {
		c.Kind = wire.KindSale
	}
	if !charges(c.Kind) {
		return Payment{}, wire.Refuse(wire.CodeUnsupported, "kind: sale or preauth")
	}
	if p, err := t.underWay(c.Order); p != nil || err != nil {
		return asked(p), err
	}
	if e, ok := t.paid(c.Order); ok {
		t.skipPaid()
		return Payment{}, &wire.Error{Code: wire.CodeOrderHasOutcome, RequestID: e.Request.RequestID, Final: e.Final}
	}
	if c.Order != t.sale.Order || c.Rev != t.sale.Rev || len(t.sale.Items) == 0 {
		return Payment{}, wire.Refuse(wire.CodeCartMismatch, "the order has changed, or is empty")
	}
	term, err := t.choose(c.Terminal, false)
	if err != nil {
		return Payment{}, err
	}
	cart := t.sale.cart(t.market())
	p, err := t.begin(term, t.request(c.Kind, c.Order, cart.Total, cart.Currency, c.Tip), cart)
	return asked(p), err
}

// asked copies what is told to the outside.
func asked(p *Payment) Payment {
	if p == nil {
		return Payment{}
	}
	return *p
}

// underWay returns the payment that an order has; another one that has not ended is CodeBusy.
func (t *Till) underWay(order string) (*Payment, error) {
	p := t.active
	switch {
	case p == nil:
		return nil, nil
	case p.Order == order && (!p.Done || p.Final != nil && p.Final.Result == wire.Approved || p.Done && p.Tender != ""):
		return p, nil
	case !p.Done:
		return nil, &wire.Error{Code: wire.CodeBusy, Holder: t.state.settings.Name, RequestID: p.RequestID}
	}
	return nil, nil
}

// request is what this till asks for: no surcharge, nothing that waits in the terminal.
func (t *Till) request(kind wire.Kind, order string, amount int64, currency string, tip bool) wire.PaymentRequest {
	r := wire.PaymentRequest{
		OrderRef: order, Kind: kind, Amount: amount, Currency: currency, TipPolicy: wire.TipPolicy{Mode: "none"},
		SurchargePolicy: wire.SurchargePolicy{Mode: "none"}, Offline: wire.Offline{Mode: "forbid"},
		Within: customerTime.Milliseconds(),
	}
	if tip {
		r.TipPolicy.Mode = "ask"
	}
	if charges(kind) {
		r.Entry = anyCard()
	}
	return r
}

// choose finds the terminal to pay on, and says why there is none. S91
//
// alone says that the card may approve the payment: then a bank that is away is no reason.
func (t *Till) choose(id string, alone bool) (*pos.Terminal, error) {
	if id == "" {
		id = t.chosen
	}
	list := t.register.List()
	if id == "" {
		term, err := t.register.Choose()
		if err == nil || len(list) == 0 || errors.Is(err, &wire.Error{Code: wire.CodeChoose}) {
			return term, err
		}
		id = list[0].ID // the default, or the only one: why not
	}
	for _, i := range list {
		switch {
		case i.ID != id:
		case i.State == "offline":
			return nil, wire.Refuse("E_NOT_CONNECTED", "%s", i.Name)
		case i.State == "busy" && i.Holder != "":
			return nil, &wire.Error{Code: wire.CodeBusy, Holder: i.Holder, RequestID: i.Status.RequestID}
		case i.State == "not_ready" && i.Status.Cause == "E_PROVIDER" && alone:
		case i.State == "not_ready" && i.Status.Cause != "":
			return nil, wire.Refuse(i.Status.Cause, "%s is not ready", i.Name)
		}
	}
	return t.register.Terminal(id)
}

// begin starts a payment. cart is shown before, nil for none.
func (t *Till) begin(term *pos.Terminal, r wire.PaymentRequest, cart *wire.CartSet) (*Payment, error) {
	p := &Payment{
		Order: r.OrderRef, Kind: r.Kind, Amount: r.Amount, Currency: r.Currency, Terminal: term.ID(), Reference: r.Reference,
		ended: make(chan struct{}),
	}
	if cart != nil {
		hash, err := canonical.Hash(cart)
		if err != nil {
			return nil, err
		}
		r.CartHash = hash[:]
		if err := term.SendCart(cart); err != nil {
			return nil, err
		}
	}
	if t.ctx == nil {
		return nil, wire.Refuse(wire.CodeInternal, "the till does not run")
	}
	early, stop := context.WithCancel(t.ctx)
	p.stop = stop
	t.background(func(ctx context.Context) {
		defer stop()
		final, err := t.pay(ctx, early, p, term, r, cart)
		t.end(p, final, err)
	})
	t.active, t.notice = p, nil
	t.changed()
	return p, nil
}

// pay takes a payment to its end, which is open only if ctx ends or the book can't be written. early ends when it is
// cancelled before it has a request id.
func (t *Till) pay(ctx, early context.Context, p *Payment, term *pos.Terminal, r wire.PaymentRequest, cart *wire.CartSet) (*wire.Final, error) {
	if cart != nil {
		t.onScreen(early, term.ID(), cart)
	}
	final, err := term.Pay(early, r)
	if err == nil || ctx.Err() != nil || early.Err() == nil {
		return final, err
	}
	// It was cancelled before there was a request id to cancel, and may have got one just then.
	t.mu.Lock()
	id := t.learn(p)
	t.mu.Unlock()
	if id == "" {
		return nil, &wire.Error{Code: codeGivenUp}
	}
	_, err = t.ask(ctx, term, id, "cashier") // too late is too late: the final says so
	if errors.Is(err, &wire.Error{Code: wire.CodeNotFound}) {
		return nil, &wire.Error{Code: codeGivenUp}
	}
	return term.Resume(ctx, id)
}

// codeGivenUp is a payment that was cancelled before the terminal heard of it.
const codeGivenUp wire.Code = "E_CANCELLED"

// onScreen waits until the terminal shows the cart: a request for one that it does not show is refused. A terminal that
// does not say it is asked in any case.
func (t *Till) onScreen(ctx context.Context, id string, cart *wire.CartSet) {
	changes, done := t.Watch()
	defer done()
	late := t.state.clock.After(screenTime)
	for {
		t.mu.Lock()
		s := t.shown[id]
		t.mu.Unlock()
		if s.CartID == cart.CartID && s.Rev == cart.Rev {
			return
		}
		select {
		case <-changes:
		case <-late:
			return
		case <-ctx.Done():
			return
		}
	}
}

// end notes how a payment ended.
func (t *Till) end(p *Payment, final *wire.Final, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.learn(p)
	p.Done = true
	switch {
	case err == nil:
		p.Final, p.RequestID = final, final.RequestID
	case errors.As(err, &p.Error):
	default:
		p.Error = &wire.Error{Code: wire.CodeInterrupted, Detail: "the outcome is open", RequestID: p.RequestID}
	}
	if p.Error != nil && p.Error.Code == wire.CodeOrderHasOutcome && p.paidBy(p.Error.Final) {
		p.Final, p.Error = p.Error.Final, nil // the order was paid: that is its outcome
	}
	approved := p.Final != nil && p.Final.Result == wire.Approved
	switch {
	case approved && charges(p.Kind):
		p.Tender = ""
		t.closeSale(p.Order, true)
	case p.Tender != "" && (p.Final != nil && p.Final.Result == wire.Cancelled || p.Error != nil && p.Error.Code == codeGivenUp):
		t.closeSale(p.Order, false) // paid another way. S49
	default:
		p.Tender = ""
	}
	t.books++
	close(p.ended)
	t.changed()
}

// paidBy reports whether an outcome that the order has is of what is asked for now. One of another amount is not: the rest,
// or all of it, is still to be paid.
func (p *Payment) paidBy(f *wire.Final) bool {
	return f != nil && charges(f.Kind) && f.Kind == p.Kind && f.Amount == p.Amount && f.Currency == p.Currency
}

// resume follows what the book has open. That of the sale comes first: it is on the screen.
func (t *Till) resume() {
	open := t.state.book.Open()
	for _, e := range open {
		term, err := t.register.Terminal(e.Terminal)
		if err != nil {
			continue // its terminal was forgotten: the list shows it as open
		}
		r := &e.Request
		p := &Payment{
			Order: r.OrderRef, Kind: r.Kind, Amount: r.Amount, Currency: r.Currency, Terminal: e.Terminal, RequestID: r.RequestID,
			Reference: r.Reference, Resumed: true, ended: make(chan struct{}), stop: func() {},
		}
		if t.active == nil || p.Order == t.sale.Order {
			t.active = p
		}
		t.background(func(ctx context.Context) {
			final, err := term.Resume(ctx, p.RequestID)
			t.end(p, final, err)
		})
	}
}
