package terminal

import (
	"context"
	"sync"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/payment"
)

// taker is the reader as the payment engine has it: the customer agrees to tip and surcharge before a card is asked for,
// and may give up until the card has committed the payment.
type taker struct {
	reader payment.Reader
	screen *screen
}

// Take takes one card.
func (k *taker) Take(ctx context.Context, o payment.Order, d payment.Desk) (payment.Taken, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if o.Amounts.Tip != 0 || o.Amounts.Surcharge != 0 {
		if err := k.screen.confirm(ctx, &o); err != nil {
			return payment.Taken{}, err
		}
	}
	g := &guard{desk: d, cancel: cancel}
	k.screen.take(g)
	defer k.screen.take(nil)
	taken, err := k.reader.Take(ctx, o, g)
	if g.gone() {
		return taken, payment.ErrCustomerCancelled
	}
	return taken, err
}

// guard lets a customer give up as long as the card has not committed the payment: afterwards it is the host's answer that
// counts, and breaking off would only turn an approval into a reversal.
type guard struct {
	desk   payment.Desk
	cancel context.CancelCauseFunc

	mu        sync.Mutex
	committed bool
	gave      bool
}

// CardIn passes on.
func (g *guard) CardIn(ctx context.Context, c payment.Card) error { return g.desk.CardIn(ctx, c) }

// Authorise passes on, unless the customer was faster.
func (g *guard) Authorise(ctx context.Context, o payment.Online) (kernel.OnlineAnswer, error) {
	g.mu.Lock()
	if g.gave {
		g.mu.Unlock()
		return kernel.OnlineAnswer{}, payment.ErrCustomerCancelled
	}
	g.committed = true
	g.mu.Unlock()
	return g.desk.Authorise(ctx, o)
}

// giveUp ends the wait for the card.
func (g *guard) giveUp() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.committed {
		g.gave = true
		g.cancel(payment.ErrCustomerCancelled)
	}
}

func (g *guard) gone() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.gave
}

// take notes whose card is being waited for.
func (s *screen) take(g *guard) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taking = g
}
