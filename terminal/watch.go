package terminal

import (
	"context"
	"reflect"
	"slices"
	"sync"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/wire"
)

// network is what the interfaces were when they were looked at last.
type network struct {
	mu  sync.Mutex
	now []Interface
}

func (n *network) list() []Interface {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

// set notes the interfaces and reports whether their addresses are others.
func (n *network) set(list []Interface) (changed bool) {
	list = preferred(list)
	n.mu.Lock()
	defer n.mu.Unlock()
	changed = !slices.Equal(addresses(n.now), addresses(list))
	n.now = list
	return changed
}

// sessions is where tills find the terminal, best first.
func (t *Terminal) sessions() []string {
	return dialled(addresses(t.net.list()), t.ports.session.number())
}

// watch looks at interfaces and power, tells tills of a status that has changed, and keeps the settings panel true.
func (t *Terminal) watch(ctx context.Context) {
	var facts display.Facts
	t.announce()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.c.Clock.After(t.c.Times.Watch):
		}
		if t.net.set(t.c.Interfaces()) {
			t.c.Log.Info("addresses", "session", t.sessions())
			t.moved()
		}
		t.power()
		t.refresh(false) // a payment that the journal's failure broke off ends without an event
		t.screen.remind(t.reader.Present().Has(driver.Contact))
		t.relink(nil) // a till that has fallen silent is gone, whatever its connection says
		if t.toldOtherwise() {
			t.announce()
		}
		if n := t.facts(); !reflect.DeepEqual(n, facts) {
			if t.screen.put(n) {
				facts = n
			}
		}
	}
}

// moved tells tills that the terminal has other addresses: they connect there before the old ones end. S32
func (t *Terminal) moved() {
	at := t.sessions()
	for _, till := range t.server.Tills() {
		if err := till.Send(wire.TypeAddrUpdate, "", &wire.AddrUpdate{Addresses: at}); err != nil {
			t.c.Log.Warn("till", "till", till.PosID, "addresses", err.Error())
		}
	}
}

// power reads what feeds the terminal. S92
func (t *Terminal) power() {
	if t.c.Power == nil {
		return
	}
	p, err := t.c.Power()
	if err != nil {
		t.c.Log.Debug("power", "error", err.Error())
		return
	}
	t.host.power.Store(&p)
}
