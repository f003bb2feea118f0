package session

import (
	"github.com/cardwright/emv/terminal/wire"
)

// receive answers what is the session's own, fences commands, and hands the rest on.
func (t *Till) receive(f wire.Frame) {
	c := &t.server.c
	var err error
	switch f.Type {
	case wire.TypeLeaseAsk:
		var ask wire.LeaseAsk
		if err = wire.Decode(f.Body, &ask); err == nil {
			err = t.lease(f, &ask)
		}
	case wire.TypeLeaseGive:
		var give wire.LeaseGive
		if err = wire.Decode(f.Body, &give); err == nil {
			if err = c.Lease.Give(t.PosID, give.Epoch); err == nil {
				now := c.Lease.Now()
				err = t.Send(wire.TypeLease, f.ID, &now)
			}
		}
	case wire.TypeStatusAsk:
		s := c.Status()
		err = t.Send(wire.TypeStatus, f.ID, &s)
	case wire.TypePay:
		var r wire.PaymentRequest
		if err = wire.Decode(f.Body, &r); err == nil {
			err = c.Lease.Check(t.PosID, r.LeaseEpoch)
		}
	case wire.TypePayCancel:
		var r wire.PaymentCancel
		if err = wire.Decode(f.Body, &r); err == nil {
			err = c.Lease.Check(t.PosID, r.LeaseEpoch)
		}
	case wire.TypeCartSet, wire.TypeCartPatch:
		// A cart carries no epoch: it commands nothing. It is shown for the till that holds the terminal.
		if now := c.Lease.Now(); now.Owner != t.PosID {
			err = &wire.Error{Code: wire.CodeNoLease, Holder: now.Name}
		}
	case wire.TypePayStatus, wire.TypePayAck, wire.TypePayNoted, wire.TypeSessionMove, wire.TypeError:
	default:
		err = wire.Refuse(wire.CodeUnknownType, "type %s", f.Type)
	}
	if err != nil {
		_ = t.Refuse(f, err) // an overflow ends in the till's own deadline
		return
	}
	switch f.Type {
	case wire.TypePay, wire.TypePayCancel, wire.TypeCartSet, wire.TypeCartPatch, wire.TypePayStatus, wire.TypePayAck,
		wire.TypePayNoted:
		c.Handle(t, f)
	default:
	}
}

func (t *Till) lease(f wire.Frame, ask *wire.LeaseAsk) error {
	now, err := t.server.c.Lease.Ask(t.PosID, t.Name, ask.TakeOver)
	if err != nil {
		return err
	}
	return t.Send(wire.TypeLease, f.ID, &now)
}
