package pos

import "github.com/cardwright/emv/terminal/wire"

// noted stores that the host has refused a payment later, and tells the terminal that it is known here. It returns the
// refusal if the book did not have it. Not stored is not noted.
func (t *Terminal) noted(l *wire.PaymentLate) (fresh *wire.PaymentLate, err error) {
	stored, err := t.register.c.Book.refuse(t.id, l)
	if err != nil {
		return nil, err
	}
	if stored {
		fresh = l
	}
	body, err := wire.Encode(&wire.PaymentNoted{RequestID: l.RequestID})
	if err != nil {
		return fresh, err
	}
	return fresh, t.stream.Add(wire.TypePayNoted, "", body)
}

// waiting takes what a heartbeat tells, and tells of it when it has changed.
func (t *Terminal) waiting(h wire.Heartbeat) {
	h.Time = 0
	t.mu.Lock()
	was := t.waits
	t.waits = h
	t.mu.Unlock()
	was.OldestAge, was.Time = h.OldestAge, 0 // it grows by itself
	if was != h {
		t.register.event(Event{Terminal: t.id, Waits: &h})
	}
}
