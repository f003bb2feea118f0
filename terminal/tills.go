package terminal

import (
	"time"

	"github.com/cardwright/emv/terminal/wire"
)

// Till is a till that is paired with the terminal.
type Till struct {
	ID        string
	Name      string
	Paired    time.Time
	Connected bool
}

// Tills returns the paired tills, in the order in which they were paired.
func (t *Terminal) Tills() []Till {
	there := map[string]bool{}
	for _, till := range t.server.Tills() {
		_, there[till.PosID] = till.Heard()
	}
	records := t.state.records.All()
	list := make([]Till, len(records))
	for i, r := range records {
		list[i] = Till{ID: r.ID, Name: r.Name, Paired: r.Paired, Connected: there[r.ID]}
	}
	return list
}

// Unpair ends the pairing with a till that was sold, lost or stolen: it is disconnected, loses the lease, and is let in
// again only with a new code. Outcomes that it has not acknowledged stay in the journal, for the till that is paired under
// that id next. The errors are CodeUnpaired where there is no such till, CodeBusy while it has a payment under way, and
// CodeInternal.
func (t *Terminal) Unpair(id string) error {
	if _, ok := t.state.records.ByID(id); !ok {
		return wire.Refuse(wire.CodeUnpaired, "no pair record of that name")
	}
	if n := t.lease.Now(); n.Owner == id {
		if err := t.lease.Give(id, n.Epoch); err != nil {
			return err
		}
	}
	if err := t.server.Forget(id); err != nil {
		return err
	}
	t.c.Log.Info("unpaired", "till", id)
	t.relink(nil)
	if len(t.state.records.All()) == 0 {
		t.pairs.ask() // as at the first start
	}
	return nil
}
