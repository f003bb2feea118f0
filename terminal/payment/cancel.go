package payment

import "errors"

// What ends a payment before COMMIT.
var (
	// ErrCancelled is the error of a Desk, and the cause of a Reader's context, when the payment was ended before the card
	// committed it.
	ErrCancelled = errors.New("payment: the payment has ended")

	// ErrCustomerCancelled is what Screen and Reader return when the customer gives up at the terminal. After COMMIT it
	// changes nothing.
	ErrCustomerCancelled = errors.New("payment: the customer has cancelled")
)

// Cancel ends a payment unless the card has committed it: the answer is what is in the journal, and never "cancelled" for
// one that is approved later. Where it is too late, reverse asks for an approval to be reversed; after the Final that is a
// matter of a Void.
func (e *Engine) Cancel(till Till, requestID string, reverse bool) (CancelResult, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.fenced(till); err != nil {
		return CancelResult{}, err
	}
	p, err := e.find(till, requestID)
	if err != nil {
		return CancelResult{}, err
	}
	if err := e.usable(); err != nil && !p.finished() {
		return CancelResult{}, err
	}
	switch {
	case p.finished():
	case !p.committed():
		if err := e.end(p, Cancelled, CodeCancelled); err != nil {
			return CancelResult{}, err
		}
	case reverse && p.Kind.background(): // it is on its way, and there is no way back
	case reverse && !p.Reverse && p.GAC2 == nil:
		if _, err := e.put(recordReverseWanted, &record{POS: p.POS, ID: p.ID}); err != nil {
			return CancelResult{}, err
		}
	}
	s := e.status(p)
	return CancelResult{
		Cancelled: s.Final != nil && s.Final.Result == Cancelled, State: p.State, Final: s.Final,
		Reversing: !p.finished() && p.details != nil && p.Reverse,
	}, nil
}

// end is the Final of a payment that has not been committed: nothing was sent, nobody is charged. The lock is held.
func (e *Engine) end(p *payment, result Result, code string) error {
	return e.finish(p, e.final(p, result, code))
}
