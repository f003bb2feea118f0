package terminal

import (
	"errors"

	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// handle takes what tills ask for beside what the session answers itself. It waits for the journal and for nothing else.
func (t *Terminal) handle(till *session.Till, f wire.Frame) {
	var err error
	switch f.Type {
	case wire.TypeCartSet, wire.TypeCartPatch:
		err = t.cart(till, f)
	case wire.TypePay:
		err = t.pay(till, f)
	case wire.TypePayCancel:
		err = t.cancel(till, f)
	case wire.TypePayStatus:
		err = t.inquiry(till, f)
	case wire.TypePayAck:
		var a wire.PaymentAck
		if err = wire.Decode(f.Body, &a); err == nil {
			t.ack(till, &a)
		}
	case wire.TypePayNoted:
		var n wire.PaymentNoted
		if err = wire.Decode(f.Body, &n); err == nil {
			t.noted(till, &n)
		}
	default:
		err = wire.Refuse(wire.CodeUnknownType, "type %s", f.Type)
	}
	if err == nil {
		return
	}
	e := t.refusal(err)
	t.c.Log.Info("refused", "till", till.PosID, "type", string(f.Type), "code", string(e.Code), "detail", e.Detail)
	if err := till.Refuse(f, e); err != nil { // an overflow ends in the till's own deadline
		t.c.Log.Warn("till", "till", till.PosID, "refusal", err)
	}
}

// cart shows a cart. Between the acceptance of a payment and its first screen none is taken: the customer sees the one that
// is paid. The till is asked to send it again, which takes a moment.
func (t *Terminal) cart(till *session.Till, f wire.Frame) error {
	var id string
	resync := false
	switch f.Type {
	case wire.TypeCartSet:
		var c wire.CartSet
		if err := wire.Decode(f.Body, &c); err != nil && code(err) != wire.CodeCartSum {
			return err
		}
		if id = c.CartID; t.screen.begun() {
			if err := t.display.CartSet(&c); err != nil {
				return err
			}
		} else {
			resync = true
		}
	default:
		var p wire.CartPatch
		if err := wire.Decode(f.Body, &p); err != nil {
			return err
		}
		id, resync = p.CartID, true
		if t.screen.begun() {
			var err error
			if resync, err = t.display.CartPatch(&p); err != nil && !resync {
				return err
			}
		}
	}
	if resync {
		return till.Notify(wire.TypeCartResync, &wire.CartResync{CartID: id})
	}
	shown, hash, err := t.display.ShownCart()
	if err != nil {
		return nil // the cart of a payment that can't be paid any more: the next answer tells
	}
	return till.Notify(wire.TypeCartShown, &wire.CartShown{CartID: shown.CartID, Rev: shown.Rev, Hash: hash[:]})
}

func code(err error) wire.Code {
	var e *wire.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// pay takes a request, or says at once why not.
func (t *Terminal) pay(till *session.Till, f wire.Frame) error {
	var r wire.PaymentRequest
	if err := wire.Decode(f.Body, &r); err != nil {
		return err
	}
	who := payment.Till{POS: till.PosID, Epoch: r.LeaseEpoch}
	p, err := t.request(&r)
	if err != nil {
		return err
	}
	if _, err := t.engine.Status(who, r.RequestID); err != nil { // not one that is known: those are answered as they stand
		if err := t.payable(&p); err != nil {
			return err
		}
		t.screen.expect(&p)
	}
	t.active.claims(r.RequestID)
	s, err := t.engine.Accept(who, p)
	t.refresh(true)
	if err != nil {
		return err
	}
	t.c.Log.Info("payment", "request", r.RequestID, "till", till.PosID, "kind", string(r.Kind), "state", s.State.String())
	return till.Send(wire.TypePayAccepted, f.ID, &wire.PaymentAccepted{RequestID: r.RequestID, State: wireState(s.State)})
}

// cancel ends a payment unless the card has committed it.
func (t *Terminal) cancel(till *session.Till, f wire.Frame) error {
	var c wire.PaymentCancel
	if err := wire.Decode(f.Body, &c); err != nil {
		return err
	}
	r, err := t.engine.Cancel(payment.Till{POS: till.PosID, Epoch: c.LeaseEpoch}, c.RequestID, c.ReverseIfApproved)
	if err != nil {
		return err
	}
	n := &wire.CancelResult{RequestID: c.RequestID, Result: "too_late", State: wireState(r.State)}
	switch {
	case r.Cancelled:
		n.Result = "cancelled"
	case r.Reversing:
		n.Result = "reversing"
	}
	return till.Send(wire.TypeCancelled, f.ID, n)
}

// inquiry says how a payment stands.
func (t *Terminal) inquiry(till *session.Till, f wire.Frame) error {
	var q wire.PaymentStatus
	if err := wire.Decode(f.Body, &q); err != nil {
		return err
	}
	s, err := t.engine.Status(payment.Till{POS: till.PosID}, q.RequestID)
	if err != nil {
		return err
	}
	n := &wire.PaymentState{RequestID: q.RequestID, State: wireState(s.State), Sending: wireState(s.Sending), HostCode: hostCode(s.HostCode)}
	if s.Final != nil {
		n.Final = t.final(&s)
	}
	return till.Send(wire.TypePayState, f.ID, n)
}

// ack notes that a till knows the outcome. It is not answered: a till that hears nothing of it says it again.
func (t *Terminal) ack(till *session.Till, a *wire.PaymentAck) {
	if err := t.engine.Ack(payment.Till{POS: till.PosID}, a.RequestID); err != nil {
		t.c.Log.Info("acknowledged in vain", "till", till.PosID, "request", a.RequestID, "error", err.Error())
		return
	}
	t.told.acked(till.PosID, note{request: a.RequestID})
	t.screen.acked(a.RequestID)
	nudge(t.shift.ended)
}

// noted notes that a till knows what the host refused. It is not answered either.
func (t *Terminal) noted(till *session.Till, n *wire.PaymentNoted) {
	if err := t.engine.Note(payment.Till{POS: till.PosID}, n.RequestID); err != nil {
		t.c.Log.Info("noted in vain", "till", till.PosID, "request", n.RequestID, "error", err.Error())
		return
	}
	t.told.acked(till.PosID, note{n.RequestID, true})
}
