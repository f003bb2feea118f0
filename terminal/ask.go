package terminal

import (
	"context"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/payment"
)

// question is what the customer was asked; the display lets one answer to it through.
type question struct {
	request string
	answer  chan display.Action
}

// ask shows a question of the payment at the terminal and waits for the answer. The error is ctx's,
// payment.ErrCustomerCancelled, or payment.ErrCancelled where the payment is over.
func (s *screen) ask(ctx context.Context, request string, event func() display.Event, prompt string) (display.Action, error) {
	q := &question{request, make(chan display.Action, 1)}
	s.mu.Lock()
	s.question = q
	ok := s.step(request, event(), prompt)
	s.changed()
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.question == q {
			s.question = nil
		}
	}()
	if !ok {
		return display.Action{}, payment.ErrCancelled
	}
	select {
	case a := <-q.answer:
		if a.Kind == display.ActCancel {
			return a, payment.ErrCustomerCancelled
		}
		return a, nil
	case <-ctx.Done():
		return display.Action{}, ctx.Err()
	}
}

// answered takes what the customer did: an answer to the question, or that they do not want to pay.
func (s *screen) answered(a display.Action) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch q := s.question; {
	case a.Request == "" || a.Request != s.live:
	case q != nil && q.request == a.Request:
		select {
		case q.answer <- a:
		default: // it was answered
		}
	case a.Kind == display.ActCancel && s.taking != nil:
		s.taking.giveUp()
	}
}

// AskTip asks the customer for a tip. A question that has one fixed answer is not asked: it is the till's tip, which the
// customer has agreed to there.
func (s *screen) AskTip(ctx context.Context, q payment.TipQuestion) (uint64, error) {
	if !q.Custom && len(q.Options) == 1 && q.Options[0].Percent == 0 {
		return q.Options[0].Amount, nil
	}
	e := display.AskTip{Request: q.RequestID, Amount: s.coins.money(q.Amount, q.Currency), Other: q.Custom}
	if q.Custom {
		e.Most = e.Amount.Minor
	}
	for _, o := range q.Options {
		e.Options = append(e.Options, display.TipOption{Percent: int(o.Percent), Tip: int64(o.Amount)})
	}
	a, err := s.ask(ctx, q.RequestID, func() display.Event { return e }, "tip")
	if err != nil {
		return 0, err
	}
	return uint64(max(0, a.Amount)), nil
}

// confirm has the customer agree to a total that is not the amount of the till.
func (s *screen) confirm(ctx context.Context, o *payment.Order) error {
	_, err := s.ask(ctx, o.RequestID, func() display.Event {
		return display.AskConfirm{
			Request: o.RequestID, Total: s.coins.money(o.Amounts.Total, o.Currency), Tip: int64(o.Amounts.Tip),
			Surcharge: int64(o.Amounts.Surcharge),
		}
	}, "confirm")
	return err
}
