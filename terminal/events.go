package terminal

import (
	"context"
	"sync"

	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// events are what the engine and the display have to tell tills: they must not wait, so it is queued here.
type events struct {
	mu   sync.Mutex
	list []event
	more chan struct{}
	now  map[string]event // the last of a payment that is under way, by request id
}

// event is a change of a payment, or what its customer sees.
type event struct {
	payment.Event
	prompt string
}

func (e *events) put(n event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	last, live := e.now[n.RequestID]
	switch {
	case n.prompt != "" && !live:
		return
	case n.prompt != "":
		n.Event = last.Event
		e.now[n.RequestID] = n
	case n.Final != nil:
		delete(e.now, n.RequestID)
	case n.State == payment.Accepted || live && n.State < payment.Finished:
		e.now[n.RequestID] = n
	}
	e.list = append(e.list, n)
	nudge(e.more)
}

// repeat tells a till that has connected how its payment stands: what happened before it listened was told to nobody.
func (e *events) repeat(pos string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, n := range e.now {
		if n.POS == pos {
			e.list = append(e.list, n)
		}
	}
	nudge(e.more)
}

func (e *events) take() []event {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := e.list
	e.list = nil
	return list
}

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// notify is the engine's: its lock is held.
func (t *Terminal) notify(e payment.Event) {
	switch {
	case e.State == payment.Accepted:
		t.screen.accepted(e.RequestID)
	case e.Final != nil:
		t.screen.final(e.RequestID, e.Final)
	}
	t.events.put(event{Event: e})
}

// tell carries events to their tills until ctx ends.
func (t *Terminal) tell(ctx context.Context) {
	again := t.c.Clock.After(t.c.Times.Watch)
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.events.more:
			for _, e := range t.events.take() {
				t.progress(e)
			}
		case <-again: // finals for which there was no room in a till's queue
			again = t.c.Clock.After(t.c.Times.Watch)
			for _, till := range t.server.Tills() {
				t.deliver(till)
			}
		}
	}
}

// progress tells one event. What happens on the way is for a till that listens; a Final is told until it is acknowledged.
func (t *Terminal) progress(e event) {
	t.refresh(false)
	nudge(t.shift.ended)
	if e.State == payment.Accepted && e.prompt == "" || e.Final != nil {
		t.announce()
	}
	if e.Final != nil {
		t.c.Log.Info("payment", "request", e.RequestID, "till", e.POS, "result", e.Final.Result.String(), "code", e.Final.Code)
	}
	till, err := t.server.Till(e.POS)
	if err != nil {
		return // it is not paired any more
	}
	if e.Final != nil {
		t.deliver(till)
		return
	}
	if e.State == payment.SAFDeclined {
		t.deliver(till)
	}
	if _, listens := till.Heard(); !listens {
		return
	}
	n := &wire.PaymentEvent{
		RequestID: e.RequestID, State: wireState(e.State), Prompt: e.prompt, Time: t.c.Clock.Now().UnixMilli(),
	}
	if n.State == "" {
		return
	}
	if err := till.Send(wire.TypePayEvent, "", n); err != nil {
		t.c.Log.Warn("till", "till", till.PosID, "progress", err)
	}
}

// told is what was sent over a till's connection, and need not be sent again while it lasts.
type told struct {
	mu   sync.Mutex
	sent map[string]map[note]bool // by till
}

// note is what a till has to take note of: a Final, or that the host has refused later what the card had approved.
type note struct {
	request string
	late    bool
}

func (d *told) forget(pos string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sent, pos)
}

func (d *told) acked(pos string, n note) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sent[pos], n)
}

// deliver sends a till the finals that it has not acknowledged, and what the host has refused later, in this order: a till
// that notes the second knows the first. Without a connection there is no hurry: they are told when the till connects.
// PRODUCT 3.3
func (t *Terminal) deliver(till *session.Till) {
	if _, listens := till.Heard(); !listens {
		return
	}
	t.told.mu.Lock()
	defer t.told.mu.Unlock()
	sent := t.told.sent[till.PosID]
	if sent == nil {
		sent = map[note]bool{}
		t.told.sent[till.PosID] = sent
	}
	send := func(list []payment.Event, late bool) bool {
		for _, e := range list {
			n := note{e.RequestID, late}
			if sent[n] {
				continue
			}
			s, err := t.engine.Status(payment.Till{POS: e.POS}, e.RequestID)
			if err != nil {
				continue
			}
			if late {
				err = till.Send(wire.TypePayLate, "", t.late(&s))
			} else {
				err = till.Send(wire.TypeFinal, "", t.final(&s))
			}
			if err != nil {
				t.c.Log.Warn("till", "till", till.PosID, "late", late, "outcome", err)
				return false
			}
			sent[n] = true
		}
		return true
	}
	_ = send(t.engine.Unacked(till.PosID), false) && send(t.engine.Refused(till.PosID), true)
}
