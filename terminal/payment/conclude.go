package payment

import (
	"errors"

	"github.com/cardwright/emv/kernel"
)

// conclude is the Final after the card.
func (e *Engine) conclude(p *payment, d *desk, taken Taken, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p.finished() || e.ctx.Err() != nil {
		return
	}
	if !p.committed() {
		e.uncommitted(p, d, &taken, err)
		return
	}
	if p.State == HostAnswered && p.Due == nil {
		agreed := taken.approves()
		if err != nil { // what the card would have said nobody knows
			agreed = e.standsWithoutCard(p)
			taken = Taken{Kind: kernel.NoOutcome, Why: kernel.Reason{Code: CodeReaderFailed}, Card: p.Card}
		}
		taken.Card = taken.Card.after(p.Card)
		if err := e.write(p, GAC2Done, record{Agreed: agreed, Reason: taken.Why.Code, Card: &taken.Card}); err != nil {
			return
		}
		if p.Unsent && taken.offline() {
			_ = e.alone(p, &taken, d.asks)
			return
		}
	}
	_ = e.settle(p, false)
}

// uncommitted is the end of a payment in which the host was never asked.
func (e *Engine) uncommitted(p *payment, d *desk, taken *Taken, err error) {
	result, code := Failed, CodeNotCompleted
	switch {
	case d.code != "":
		result, code = Declined, d.code
	case errors.Is(err, ErrCustomerCancelled):
		result, code = Cancelled, CodeByCustomer
	case err != nil:
		code = CodeReaderFailed
	case taken.declines():
		result, code = Declined, CodeCardDeclined
	case taken.offline():
		taken.Card = taken.Card.after(p.Card)
		_ = e.alone(p, taken, d.asks)
		return
	}
	f := e.final(p, result, code)
	f.Reason = taken.Why.Code
	_ = e.finish(p, f)
}

// standsWithoutCard reports whether an approval of the host stands when nothing more is heard of the card: a chip that was
// inserted has to agree, a tap that was authorised online and a stripe have said all that they have to say.
func (e *Engine) standsWithoutCard(p *payment) bool { return p.Card.Entry != Insert }

// settle takes a payment of which the host has been asked to its Final: by what is in the journal, at work and at recovery
// alike. noCard says that no card has to agree. The lock is held.
func (e *Engine) settle(p *payment, noCard bool) error {
	if p.Due == nil {
		switch {
		case p.Unsent:
			return e.finish(p, e.final(p, Failed, CodeUnreachable))
		case p.Answer.partial(p.Amounts.Total):
			if err := e.reverse(p, PartialOnly, Declined, CodePartial); err != nil {
				return err
			}
		case !p.Answer.approved(p.Amounts.Total):
			return e.finish(p, e.final(p, Declined, CodeHostDeclined))
		case p.Reverse:
			if err := e.reverse(p, OnRequest, Cancelled, CodeReversedAsked); err != nil {
				return err
			}
		case noCard || p.GAC2 != nil && p.GAC2.Agreed:
			return e.finish(p, e.final(p, Approved, CodeApproved))
		default:
			code := CodeCardDeclined
			if p.GAC2 != nil && p.GAC2.Reason == kernel.ErrRemoved.Code {
				code = CodeCardRemoved
			}
			if err := e.reverse(p, CardRefused, Declined, code); err != nil {
				return err
			}
		}
	}
	f := *p.Due.Then
	f.At = e.now()
	if p.GAC2 != nil {
		f.Reason = p.GAC2.Reason
	}
	return e.finish(p, &f)
}
