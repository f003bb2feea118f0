package payment

// Status returns how a payment stands. E_NOT_FOUND means that it was never accepted, and never will be unless the till sends
// it again; where the journal can't prove that, the code is another one. Any till may ask for its own payments, lease or not.
func (e *Engine) Status(till Till, requestID string) (Status, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, err := e.find(till, requestID)
	if err != nil {
		return Status{}, err
	}
	return e.status(p), nil
}

// find returns a till's payment. The lock is held.
func (e *Engine) find(till Till, id string) (*payment, error) {
	p := e.book.payments[key{till.POS, id}]
	switch {
	case p != nil:
		return p, nil
	case !validULID(id):
		return nil, invalid("request_id", "not a ULID")
	case e.broken != nil: // what is behind the damage nobody knows
		return nil, e.usable()
	case e.forgotten(id):
		return nil, refuse(CodeTooOld, "the request id is older than what the journal keeps")
	}
	return nil, refuse(CodeNotFound, "no such request was accepted")
}

// status describes a payment. The lock is held.
func (e *Engine) status(p *payment) Status {
	s := Status{
		POS: p.POS, RequestID: p.ID, OrderRef: p.Order, Kind: p.Kind, State: p.State, Sending: p.Sending, Currency: p.Currency,
		Offline: p.Offline, Refunded: p.Refunded, Captured: p.Captured, Voided: p.Voided,
	}
	if d, err := e.load(p); err == nil {
		s.Amounts, s.Final = d.Amounts, d.Final
		if p.refused() && d.Answer != nil {
			s.HostCode = d.Answer.Code
		}
	} else { // the disk does not give it: what is in memory is true all the same
		s.Amounts = Amounts{Amount: p.Total, Total: p.Total}
		s.Final = &Final{Result: p.Result, Kind: p.Kind, Amounts: s.Amounts, Currency: p.Currency, At: p.Ended}
	}
	return s
}

// Ack says that the till has taken note of a Final. It needs no lease: it only makes known what the till knows. A second Ack
// does nothing.
func (e *Engine) Ack(till Till, requestID string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, err := e.find(till, requestID)
	switch {
	case err != nil:
		return err
	case p.State == Acked:
		return nil
	case !p.finished():
		return refuse(CodeInvalid, "there is no outcome yet")
	}
	return e.write(p, Acked, record{})
}

// Unacked returns the Finals that a till has not taken note of, oldest first: they are told again each time that it
// connects.
func (e *Engine) Unacked(pos string) []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []Event
	for _, p := range e.book.live {
		if p.POS == pos && p.State == Finished {
			list = append(list, Event{POS: p.POS, RequestID: p.ID, State: Finished, Final: p.Final})
		}
	}
	return list
}

// Pending returns the payments of which something is still to be sent to the host, oldest first.
func (e *Engine) Pending() []Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []Status
	for _, p := range e.book.live {
		if p.Sending.pending() {
			list = append(list, e.status(p))
		}
	}
	return list
}
