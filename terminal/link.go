package terminal

import (
	"slices"
	"sync"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// linked is what the display was told of the tills last.
type linked struct {
	mu    sync.Mutex
	now   display.Link
	cause *wire.Error // why the last pairing failed (S67)
}

// connected is told of every connection of a till: what it has not acknowledged is told again, for it may have lost it.
func (t *Terminal) connected(till *session.Till) {
	t.c.Log.Info("till connected", "till", till.PosID)
	t.told.forget(till.PosID)
	t.relink(nil)
	t.deliver(till)
	t.events.repeat(till.PosID)
}

func (t *Terminal) gone(till *session.Till) {
	t.c.Log.Info("till gone", "till", till.PosID)
	t.relink(nil)
	nudge(t.shift.ended)
}

// relink tells the display how the terminal stands with its tills. A cause stays until a till is paired.
func (t *Terminal) relink(cause *wire.Error) {
	t.linked.mu.Lock()
	defer t.linked.mu.Unlock()
	if cause != nil {
		t.linked.cause = cause
	}
	if t.pairs.showing() {
		return
	}
	n := t.link()
	if n.State != display.Unpaired {
		t.linked.cause = nil
	}
	was := t.linked.now
	if n.State == was.State && n.Register == was.Register && n.Cause == was.Cause && slices.Equal(n.Details, was.Details) && cause == nil {
		return
	}
	t.linked.now = n
	t.screen.put(n)
}

// link is how it stands. The lock is held.
func (t *Terminal) link() display.Link {
	if t.shift.mode() != dock.Docked {
		return display.Link{State: display.Unpaired}
	}
	if err := t.countries(); err != nil { // it takes no till, and says so on its welcome screen. S7
		return display.Link{State: display.Unpaired, Cause: string(wire.CodeCountry)}
	}
	records := t.state.records.All()
	if len(records) == 0 {
		n := display.Link{State: display.Unpaired}
		if c := t.linked.cause; c != nil {
			n.Cause, n.Details = string(c.Code), details(c)
		}
		return n
	}
	holder := t.lease.Now().Owner
	n := display.Link{State: display.Lost, Register: records[0].Name}
	for _, till := range t.server.Tills() {
		if _, listens := till.Heard(); listens && (n.State == display.Lost || till.PosID == holder) {
			n.State, n.Register = display.Connected, till.Name
		}
	}
	return n
}

// leaseChanged is the lease's, whose lock is held: the cart on the display was the last owner's.
func (t *Terminal) leaseChanged(n wire.Lease) {
	t.c.Log.Info("lease", "till", n.Owner, "epoch", n.Epoch)
	t.screen.put(display.CartCleared{Owner: true})
	t.server.Notify(wire.TypeLease, &n)
}

// holds is the lease as the engine asks for it.
type holds struct{ lease *session.Lease }

func (h holds) Holds(pos string, epoch uint64) bool { return h.lease.Check(pos, epoch) == nil }
