package pos

import (
	"slices"

	"github.com/cardwright/emv/terminal/wire"
)

// outcome is what a terminal tells once on each connection, until it is acknowledged: a final, or that the host has refused
// later what the card had approved.
type outcome struct {
	final *wire.Final
	late  *wire.PaymentLate
}

// takeDown stores an outcome and acknowledges it; the Event has it if the book did not. What a disk or a queue that is full
// keeps from that is tried again while the connection lasts: the terminal does not tell it before the next one.
func (t *Terminal) takeDown(o outcome) (e Event, err error) {
	e = Event{Terminal: t.id}
	var id string
	if o.final != nil {
		id = o.final.RequestID
		e.Final, err = t.settle(o.final)
	} else {
		id = o.late.RequestID
		e.Late, err = t.noted(o.late)
	}
	if err == nil || slices.ContainsFunc(t.missed, o.same) {
		return e, err
	}
	open := false // a refusal may come before its final is stored
	if entry, ok := t.register.c.Book.Find(id); ok && o.late != nil {
		open = entry.Terminal == t.id && entry.Final == nil
	}
	if open || code(err) != wire.CodeNotFound {
		t.missed = append(t.missed, o)
	}
	return e, err
}

// same reports whether two outcomes are the same one, told twice.
func (o outcome) same(n outcome) bool {
	if o.final != nil {
		return n.final != nil && n.final.RequestID == o.final.RequestID
	}
	return n.late != nil && n.late.RequestID == o.late.RequestID
}

// catchUp takes down what could not be before. That it failed was told then.
func (t *Terminal) catchUp() {
	list := t.missed
	t.missed = nil
	for _, o := range list {
		if e, _ := t.takeDown(o); e != (Event{Terminal: t.id}) {
			t.register.event(e)
		}
	}
}

// settle stores a final, acknowledges it and wakes who waits for it. It returns the final if the book did not have it. Not
// stored is not acknowledged.
func (t *Terminal) settle(f *wire.Final) (fresh *wire.Final, err error) {
	stored, err := t.register.c.Book.settle(t.id, f)
	if err != nil {
		return nil, err
	}
	if stored {
		fresh = f
	}
	t.mu.Lock()
	if c := t.finals[f.RequestID]; c != nil {
		close(c)
		delete(t.finals, f.RequestID)
	}
	if t.cart != nil && t.paid(f) {
		t.cart = nil // the terminal has taken it off its screen: the next connection must not bring it back
	}
	t.mu.Unlock()
	body, err := wire.Encode(&wire.PaymentAck{RequestID: f.RequestID})
	if err != nil {
		return fresh, err
	}
	return fresh, t.stream.Add(wire.TypePayAck, "", body)
}
