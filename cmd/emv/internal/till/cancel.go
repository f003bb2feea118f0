package till

import (
	"context"

	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// Cancel asks to end the payment under way and returns the terminal's answer: "cancelled" or "too_late". The payment
// itself ends with its final, in either case.
func (t *Till) Cancel(ctx context.Context, reason string) (string, error) {
	t.mu.Lock()
	p := t.active
	if p == nil || p.Done {
		t.mu.Unlock()
		return "", wire.Refuse("E_STATE", "no payment is under way")
	}
	id := t.learn(p)
	if id == "" {
		p.stop()
		t.mu.Unlock()
		return "cancelled", nil
	}
	t.mu.Unlock()
	term, err := t.register.Terminal(p.Terminal)
	if err != nil {
		return "", err
	}
	answer, err := t.ask(ctx, term, id, reason)
	t.mu.Lock()
	defer t.mu.Unlock()
	p.Cancel = answer
	t.changed()
	return answer, err
}

// ask sends a cancel. A terminal that does not answer in time may still do what it is asked: the final tells.
func (t *Till) ask(ctx context.Context, term *pos.Terminal, id, reason string) (string, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	answered := make(chan struct{})
	defer close(answered)
	late := t.state.clock.After(cancelTime)
	go func() {
		select {
		case <-late:
			stop()
		case <-answered:
		}
	}()
	c, err := term.Cancel(ctx, id, reason)
	if err != nil {
		if ctx.Err() != nil {
			return "", wire.Refuse(wire.CodeInterrupted, "no answer to the cancel")
		}
		return "", err
	}
	return c.Result, nil
}

// Tender ends the sale because the customer pays another way. A card payment that is under way is cancelled first, and the
// sale ends only if that was in time. S49
func (t *Till) Tender(ctx context.Context, order, tender string) (Payment, error) {
	if tender != "cash" {
		return Payment{}, wire.Refuse(wire.CodeBadMessage, "tender: cash")
	}
	t.mu.Lock()
	if p := t.active; p != nil && !p.Done && p.Order == order && charges(p.Kind) {
		p.Tender = tender
		t.mu.Unlock()
		answer, err := t.Cancel(ctx, "other_tender")
		t.mu.Lock()
		defer t.mu.Unlock()
		if !p.Done && (err != nil || answer != "cancelled") {
			p.Tender = "" // the card goes on
			t.changed()
		}
		return asked(p), err
	}
	defer t.mu.Unlock()
	if p, err := t.underWay(order); p != nil || err != nil {
		return asked(p), err
	}
	if e, ok := t.paid(order); ok { // by card: not once more
		t.skipPaid()
		return Payment{}, &wire.Error{Code: wire.CodeOrderHasOutcome, RequestID: e.Request.RequestID, Final: e.Final}
	}
	for _, e := range t.state.book.Open() {
		if e.Request.OrderRef == order {
			return Payment{}, &wire.Error{Code: wire.CodeOrderOpen, RequestID: e.Request.RequestID}
		}
	}
	if order != t.sale.Order || len(t.sale.Items) == 0 {
		return Payment{}, wire.Refuse(wire.CodeCartMismatch, "the order has changed, or is empty")
	}
	m := t.market()
	p := &Payment{
		Order: order, Kind: wire.KindSale, Amount: t.sale.sums(m.Tax).Total, Currency: m.Currency, Done: true, Tender: tender,
		ended: make(chan struct{}),
	}
	close(p.ended)
	t.active = p
	t.closeSale(order, false)
	t.changed()
	return *p, nil
}

// Dismiss takes the payment that has ended off the screen.
func (t *Till) Dismiss() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.active != nil && t.active.Done {
		t.active = nil
		t.changed()
	}
}

// Leave takes a payment off the screen whose terminal is away, or has a journal that failed: the till can go on with another
// order, and the outcome goes into the book when the terminal is back. The order that it was for is not to be rung up again
// before. P10, P22
func (t *Till) Leave() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.active
	if p == nil || p.Done || t.learn(p) == "" {
		return wire.Refuse("E_STATE", "no payment that the terminal may have")
	}
	for _, i := range t.register.List() {
		if i.ID == p.Terminal && i.State != "offline" && !speechless(i) {
			return wire.Refuse("E_STATE", "the terminal is there: cancel")
		}
	}
	t.active = nil
	t.closeSale(p.Order, true)
	t.changed()
	return nil
}

// speechless reports whether a terminal can neither cancel a payment nor tell what became of it before it is started again.
func speechless(i pos.Info) bool {
	return i.State == "not_ready" && (i.Status.Cause == "E_JOURNAL_FAILED" || i.Status.Cause == "E_JOURNAL_DAMAGED")
}
