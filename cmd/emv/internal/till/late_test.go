package till_test

import (
	"testing"

	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/terminal/wire"
)

// The card approves what the cashier has allowed, the bank refuses it later: the list says so, nothing can be refunded, and
// the order can be paid again. What waits in the terminal is in the list of terminals.
func TestLate(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	pay := func(a till.Amount) *wire.Final {
		t.Helper()
		p := must[till.Payment](t)(r.Pay(a))
		if err := p.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		f := r.View().Payment.Final
		if f == nil || f.Result != wire.Approved {
			t.Fatalf("%+v", r.View().Payment)
		}
		r.Dismiss()
		return f
	}
	pay(till.Amount{Kind: wire.KindSale, Order: "o-0", Amount: 300})
	if d.last.Offline.Mode != "forbid" {
		t.Errorf("%+v", d.last.Offline)
	}
	d.set(func() { d.beat = wire.Heartbeat{Queued: 1, QueuedSum: 1250, OldestAge: 7200, QueueFull: true} })
	f := pay(till.Amount{Kind: wire.KindSale, Order: "o-1", Amount: 1250, Offline: 2000})
	if d.last.Offline != (wire.Offline{Mode: "allow", Max: 2000}) || !f.Offline {
		t.Errorf("%+v, %+v", d.last.Offline, f)
	}
	until(t, "what waits", func() bool {
		i := r.View().Terminals[0]
		return i.Queued == 1 && i.QueuedSum == 1250 && i.OldestAge == 7200 && i.QueueFull
	})
	before := r.View()
	if row, _ := r.Payment(f.RequestID); before.Late != 0 || row.Late != nil || row.CanRefund != 1250 {
		t.Errorf("%d, %+v", before.Late, row)
	}
	d.set(func() {
		for _, s := range d.tills {
			_ = s.Send(wire.TypePayLate, "", &wire.PaymentLate{RequestID: f.RequestID, OrderRef: "o-1", HostCode: "51", Total: 1250, Currency: "GBP"})
		}
	})
	until(t, "the till has noted it", d.see(func() bool { return d.noted[f.RequestID] }))
	until(t, "the list is fetched anew", func() bool { v := r.View(); return v.Late == 1 && v.Books > before.Books })
	row, ok := r.Payment(f.RequestID)
	if !ok || row.Late == nil || row.Late.HostCode != "51" || row.CanRefund != 0 || row.CanVoid || row.Final.Result != wire.Approved {
		t.Errorf("%+v", row)
	}
	_, err := r.Later(till.Later{Kind: wire.KindRefund, ID: f.RequestID})
	wantCode(t, err, "E_REFERENCE")
	if again := pay(till.Amount{Kind: wire.KindSale, Order: "o-1", Amount: 1250}); again.RequestID == f.RequestID || again.Offline {
		t.Errorf("%+v", again)
	}
}
