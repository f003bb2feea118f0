package pos_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// Of four terminals one is busy, one has no host and one is away: the list has the default first, then those that can be paid
// at, and tells of each how it is. Only the ready one is taken unasked, and what is paid there is heard of nowhere else. S91
func TestPickerOrder(t *testing.T) {
	r, _ := start(t, config(t))
	var devices []*device
	for n := range byte(4) {
		d := newDevice(t, n+1)
		pair(t, r, d)
		devices = append(devices, d)
	}
	list := func() string {
		var all []string
		for _, i := range r.List() {
			text := i.Name + " " + i.State
			if i.Default {
				text += " default"
			}
			all = append(all, text)
		}
		return strings.Join(all, ", ")
	}
	until(t, "four sessions", func() bool { return strings.Count(list(), " ready") == 4 })
	_ = devices[0].conns.Close()
	devices[0].conns.cut()
	devices[1].server.Notify(wire.TypeStatus, &wire.Status{State: "not_ready", Cause: "E_PROVIDER", Docked: true})
	devices[2].server.Notify(wire.TypeStatus, &wire.Status{State: "busy", RequestID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Docked: true})
	const want = "Counter 1 offline default, Counter 4 ready, Counter 3 busy, Counter 2 not_ready"
	until(t, want, func() bool { return list() == want })
	chosen := must[*pos.Terminal](t)(r.Choose())
	if chosen.ID() != devices[3].id.String() {
		t.Fatalf("chosen is %s", chosen.ID())
	}
	if f, err := chosen.Pay(within(t), sale("o-1", 100)); err != nil || f.Result != wire.Approved {
		t.Fatalf("%+v, %v", f, err)
	}
	for n, d := range devices {
		d.set(func() {
			if got := fmt.Sprint(len(d.asked), len(d.finals)); (got == "1 1") != (n == 3) {
				t.Errorf("Counter %d was asked, and has answered: %s", n+1, got)
			}
		})
	}
	devices[3].server.Notify(wire.TypeStatus, &wire.Status{State: "busy", RequestID: "01ARZ3NDEKTSV4RRFFQ69G5FAW", Docked: true})
	until(t, "nobody is ready", func() bool { return !strings.Contains(list(), " ready") })
	_, err := r.Choose()
	wantCode(t, err, wire.CodeNoReader)
	devices[2].server.Notify(wire.TypeStatus, &wire.Status{State: "ready", Docked: true})
	devices[3].server.Notify(wire.TypeStatus, &wire.Status{State: "ready", Docked: true})
	until(t, "two are ready", func() bool { return strings.Count(list(), " ready") == 2 })
	_, err = r.Choose()
	wantCode(t, err, wire.CodeChoose)
}
