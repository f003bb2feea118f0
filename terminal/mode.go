package terminal

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/wire"
)

// always is the dock of a terminal that has none: it stands where it stands.
type always struct{}

func (always) Docked() bool { return true }

func (always) Changes(ctx context.Context) <-chan bool {
	c := make(chan bool, 1)
	c <- true
	context.AfterFunc(ctx, func() { close(c) })
	return c
}

// shift is the time between docking and undocking, in which tills are served. S1, S24
type shift struct {
	ended chan struct{} // something ended that a change of the mode may wait for

	mu     sync.Mutex
	is     dock.Mode
	parent context.Context // of Run
	stop   context.CancelFunc
	work   sync.WaitGroup
}

func (s *shift) mode() dock.Mode {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.is
}

// hooks are what a change of the mode does.
type hooks struct{ t *Terminal }

// lastWord is how long tills get to take note of the outcome of a payment before their sessions end with the dock.
const lastWord = 3 * time.Second

// Settle lets a payment come to its end. The customer who was asked for a card may still present it: power and radio are the
// device's own (S30); the payment has its deadline.
func (h hooks) Settle(ctx context.Context, from dock.Mode) {
	if from != dock.Docked {
		return
	}
	t := h.t
	t.leaving.Store(true)
	t.c.Log.Info("leaving the dock", "payment", t.active.id())
	t.announce()
	for t.atWork() {
		select {
		case <-ctx.Done():
			return
		case <-t.shift.ended:
		case <-t.c.Clock.After(t.c.Times.Watch):
		}
	}
	late := t.c.Clock.After(lastWord)
	for t.unheard() {
		select {
		case <-ctx.Done():
			return
		case <-late:
			return
		case <-t.shift.ended:
		}
	}
}

// atWork reports whether a customer is at the terminal.
func (t *Terminal) atWork() bool {
	_, active := t.engine.Active()
	return active
}

// unheard reports whether a till that is connected has not acknowledged a Final.
func (t *Terminal) unheard() bool {
	for _, till := range t.server.Tills() {
		if _, listens := till.Heard(); listens && len(t.engine.Unacked(till.PosID)) > 0 {
			return true
		}
	}
	return false
}

// Stay goes on as before.
func (h hooks) Stay(dock.Mode) {
	h.t.leaving.Store(false)
	h.t.announce()
}

// Leave ends the sessions and closes the ports of the mode.
func (h hooks) Leave(from dock.Mode) {
	t := h.t
	if from != dock.Docked {
		return
	}
	t.shift.mu.Lock()
	stop := t.shift.stop
	t.shift.is = dock.Mobile
	t.shift.mu.Unlock()
	if stop != nil {
		stop()
	}
	t.shift.work.Wait()
	if l := t.lease.Now(); l.Owner != "" {
		_ = t.lease.Give(l.Owner, l.Epoch) // a till that comes back asks for it
	}
}

// Enter begins the mode.
func (h hooks) Enter(to dock.Mode) {
	t := h.t
	t.c.Log.Info("mode", "mode", to.String())
	t.shift.mu.Lock()
	t.shift.is = to
	t.shift.mu.Unlock()
	t.leaving.Store(false)
	if to != dock.Docked {
		t.relink(nil)
		t.screen.put(display.Note{Text: "undocked"})
		return
	}
	if s := t.display.State().Screen; s == display.Message {
		t.screen.put(display.Expire{})
	}
	t.relink(nil)
	t.begin()
}

// begin opens the ports of docked mode, and serves until the mode is left.
func (t *Terminal) begin() {
	s := &t.shift
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, stop := context.WithCancel(s.parent)
	s.stop = stop
	s.work.Go(func() { t.serveSessions(ctx) })
	s.work.Go(func() { t.servePresence(ctx) })
	s.work.Go(func() { t.pairing(ctx) })
	s.work.Go(func() { t.serveDiscovery(ctx) })
}

// said is the status that tills were told last.
type said struct {
	mu  sync.Mutex
	now wire.Status
}

// announce tells tills that the status has changed: one status after the other, so that the last one that they hear is true.
func (t *Terminal) announce() {
	t.said.mu.Lock()
	defer t.said.mu.Unlock()
	t.said.now = t.status()
	t.server.Notify(wire.TypeStatus, &t.said.now)
}

// toldOtherwise reports whether the status is another one than tills were told.
func (t *Terminal) toldOtherwise() bool {
	t.said.mu.Lock()
	defer t.said.mu.Unlock()
	return !reflect.DeepEqual(t.said.now, t.status())
}
