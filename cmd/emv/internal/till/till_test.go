package till_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// The customer sees the items while they are rung up, and pays for what was on the screen.
func TestSale(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	s := ring(t, r, "espresso", "espresso", "mug")
	if s.Sums.Total != 2*280+1800 || s.Count != 3 || len(s.Items) != 2 {
		t.Fatalf("%+v", s)
	}
	until(t, "the cart", d.see(func() bool {
		return len(d.carts) > 0 && d.carts[len(d.carts)-1].Total == s.Sums.Total && d.carts[len(d.carts)-1].Lines[0].Qty == "2"
	}))
	until(t, "what is shown", func() bool { return r.View().Sale.OnScreen })
	d.set(func() { d.tip = 200 })
	c := checkout(s)
	c.Tip = true
	p := must[till.Payment](t)(r.Checkout(c))
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := r.View()
	if f := v.Payment.Final; f == nil || f.Result != wire.Approved || f.Total != s.Sums.Total+200 || f.Tip != 200 {
		t.Fatalf("%+v", v.Payment)
	}
	if v.Sale.Order == s.Order || len(v.Sale.Items) != 0 || v.Open != 0 {
		t.Errorf("the next order: %+v", v.Sale)
	}
	until(t, "the acknowledgement", d.see(func() bool { return d.acked[v.Payment.RequestID] }))
}

// A button that is pressed twice, ten times, at once or late: one payment.
func TestDoubleClick(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	s := ring(t, r, "cake")
	d.set(func() { d.hold = true })
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if p, err := r.Checkout(checkout(s)); err != nil || p.Order != s.Order {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
	wg.Wait()
	until(t, "the request", d.see(func() bool { return len(d.asked) == 1 }))
	p := must[till.Payment](t)(r.Checkout(checkout(s)))
	d.release()
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p, err := r.Checkout(checkout(s)); err != nil || p.Final == nil || p.Final.Result != wire.Approved { // it is on the screen
		t.Errorf("%+v, %v", p, err)
	}
	r.Dismiss()
	_, err := r.Checkout(checkout(s)) // and when it is not any more
	if e := wantCode(t, err, wire.CodeOrderHasOutcome); e.Final == nil || e.Final.Total != 465 {
		t.Errorf("%+v", e)
	}
	if len(d.asked) != 1 || d.orders[s.Order] != 1 {
		t.Errorf("asked %v, orders %v", d.asked, d.orders)
	}
}

// The till is closed while the customer looks for the card. It comes back with the same order, and learns how it ended.
func TestRestart(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	o := options(t, t.TempDir())
	r, stop := start(t, o)
	pair(t, r, d)
	s := ring(t, r, "gift", "tea")
	d.set(func() { d.hold = true })
	must[till.Payment](t)(r.Checkout(checkout(s)))
	until(t, "the request", d.see(func() bool { return len(d.asked) == 1 }))
	stop()
	if _, err := r.Checkout(checkout(s)); err == nil {
		t.Error("a till that is closed takes a payment")
	}
	r, stop = start(t, o)
	v := r.View()
	if v.Sale.Order != s.Order || v.Sale.Sums != s.Sums || v.Payment == nil || !v.Payment.Resumed || v.Payment.Order != s.Order || v.Open != 1 {
		t.Fatalf("%+v, payment %+v", v.Sale, v.Payment)
	}
	if err := r.Add("tea"); err == nil {
		t.Error("the order is changed while it is paid for")
	}
	wantCode(t, r.Add("tea"), wire.CodeOrderOpen)
	p := must[till.Payment](t)(r.Checkout(checkout(s))) // the cashier presses again
	online(t, r, d)
	d.release()
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := r.View().Payment.Final; f == nil || f.Result != wire.Approved || f.Total != s.Sums.Total {
		t.Errorf("%+v", f)
	}
	if d.orders[s.Order] != 1 || len(d.finals) != 1 {
		t.Errorf("orders %v", d.orders)
	}
	next := r.View().Sale.Order
	stop()
	r, _ = start(t, o)
	if v := r.View(); v.Sale.Order != next || v.Open != 0 || len(r.Payments()) != 1 {
		t.Errorf("%+v", v.Sale)
	}
}

// The till dies between the final and the next order: the book knows that the order is paid.
func TestPaidOrderIsNotRungUpAgain(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	o := options(t, t.TempDir())
	r, stop := start(t, o)
	pair(t, r, d)
	s := ring(t, r, "gift")
	before := read(t, o.Dir, "sale.json")
	p := must[till.Payment](t)(r.Checkout(checkout(s)))
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop()
	restore(t, o.Dir, "sale.json", before)
	r, _ = start(t, o)
	if v := r.View(); v.Sale.Order == s.Order || len(v.Sale.Items) != 0 {
		t.Errorf("%+v", v.Sale)
	}
}

// Where sale.json was lost the count begins anew: no order gets the number of one that was paid, for it would be refused as
// paid.
func TestLostSale(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	o := options(t, t.TempDir())
	r, stop := start(t, o)
	pair(t, r, d)
	var orders []string
	for range 2 {
		s := ring(t, r, "tea")
		orders = append(orders, s.Order)
		p := must[till.Payment](t)(r.Checkout(checkout(s)))
		if err := p.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := os.Remove(filepath.Join(o.Dir, "sale.json")); err != nil {
		t.Fatal(err)
	}
	r, _ = start(t, o)
	online(t, r, d)
	s := ring(t, r, "mug")
	if slices.Contains(orders, s.Order) {
		t.Errorf("order %s was paid: %v", s.Order, orders)
	}
	p := must[till.Payment](t)(r.Checkout(checkout(s)))
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := r.View().Payment.Final; f == nil || f.Result != wire.Approved || f.Total != 1800 {
		t.Errorf("%+v", r.View().Payment)
	}
}

func TestCancel(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	s := ring(t, r, "soup")
	d.set(func() { d.hold = true })
	p := must[till.Payment](t)(r.Checkout(checkout(s)))
	until(t, "the progress", func() bool { return r.View().Payment.Prompt == "present_card" })
	d.set(func() { d.late = true })
	if result, err := r.Cancel(t.Context(), "cashier"); err != nil || result != "too_late" {
		t.Fatal(result, err)
	}
	if v := r.View(); v.Payment.Done || v.Payment.Cancel != "too_late" {
		t.Errorf("%+v", v.Payment)
	}
	d.set(func() { d.late = false })
	if result, err := r.Cancel(t.Context(), "cashier"); err != nil || result != "cancelled" {
		t.Fatal(result, err)
	}
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := r.View()
	if v.Payment.Final.Result != wire.Cancelled || v.Sale.Order != s.Order || len(v.Sale.Items) != 1 {
		t.Errorf("%+v", v)
	}
	_, err := r.Cancel(t.Context(), "cashier")
	wantCode(t, err, "E_STATE")
	d.set(func() { d.hold = false })
	p = must[till.Payment](t)(r.Checkout(checkout(s))) // the order can be paid, under another id
	if err := p.Wait(t.Context()); err != nil || d.orders[s.Order] != 2 {
		t.Error(err, d.orders)
	}
}

// A customer who pays another way: the card payment is cancelled first, and only then the order is paid. S49
func TestOtherTender(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	s := ring(t, r, "soup")
	d.set(func() { d.hold, d.late = true, true })
	p := must[till.Payment](t)(r.Checkout(checkout(s)))
	until(t, "the request", d.see(func() bool { return len(d.asked) == 1 }))
	if q, err := r.Tender(t.Context(), s.Order, "cash"); err != nil || q.Tender != "" {
		t.Fatalf("too late: %+v, %v", q, err)
	}
	if v := r.View(); v.Sale.Order != s.Order {
		t.Error("the order was closed although the card goes on")
	}
	d.set(func() { d.late = false })
	if _, err := r.Tender(t.Context(), s.Order, "cash"); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := r.View()
	if v.Sale.Order == s.Order || v.Payment.Tender != "cash" || v.Payment.Final.Reason != "other_tender" {
		t.Errorf("%+v", v.Payment)
	}
	until(t, "the empty cart", d.see(func() bool { c := d.carts[len(d.carts)-1]; return c.CartID == v.Sale.Order && len(c.Lines) == 0 }))
	s = ring(t, r, "tea") // and without a card at all
	if q, err := r.Tender(t.Context(), s.Order, "cash"); err != nil || q.Tender != "cash" || !q.Done {
		t.Fatalf("%+v, %v", q, err)
	}
	if q, err := r.Tender(t.Context(), s.Order, "cash"); err != nil || q.Order != s.Order { // pressed twice
		t.Errorf("%+v, %v", q, err)
	}
	if _, err := r.Tender(t.Context(), s.Order, "cheque"); err == nil {
		t.Error("a cheque")
	}
}

// Refunds name how many the cashier saw: one that is pressed twice is one.
func TestRefund(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	s := ring(t, r, "mug")
	p := must[till.Payment](t)(r.Checkout(checkout(s)))
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := r.View().Payment.RequestID
	refund := till.Later{Kind: wire.KindRefund, ID: id, Amount: 800}
	p = must[till.Payment](t)(r.Later(refund))
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d.last.Reference != id || len(d.last.Entry) != 0 || d.last.Amount != 800 {
		t.Errorf("%+v", d.last)
	}
	if q, err := r.Later(refund); err != nil || q.RequestID != r.View().Payment.RequestID { // pressed twice
		t.Errorf("%+v, %v", q, err)
	}
	r.Dismiss()
	_, err := r.Later(refund) // and late
	wantCode(t, err, wire.CodeOrderHasOutcome)
	row, ok := r.Payment(id)
	if !ok || row.Refunded != 800 || row.CanRefund != 1000 || row.Refunds != 1 || row.CanVoid {
		t.Errorf("%+v", row)
	}
	refund.Seen, refund.Amount = 1, 1001
	_, err = r.Later(refund)
	wantCode(t, err, "E_REMAINING")
	refund.Amount = 0 // all that is left
	d.set(func() { d.refuse = wire.CodeCardRequired })
	p = must[till.Payment](t)(r.Later(refund))
	if err := p.Wait(t.Context()); err != nil || r.View().Payment.Error.Code != wire.CodeCardRequired {
		t.Fatal(err, r.View().Payment)
	}
	d.set(func() { d.refuse = "" })
	refund.Card = true // P27
	p = must[till.Payment](t)(r.Later(refund))
	if err := p.Wait(t.Context()); err != nil || len(d.last.Entry) == 0 || d.last.Amount != 1000 {
		t.Errorf("%v, %+v", err, d.last)
	}
	if row, _ := r.Payment(id); row.CanRefund != 0 || row.Refunds != 2 {
		t.Errorf("%+v", row)
	}
	if len(d.asked) != 4 { // the sale, a refund, one that was refused, one with the card
		t.Errorf("asked %v", d.asked)
	}
}

func TestVoidAndCapture(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	s := ring(t, r, "gift")
	c := checkout(s)
	c.Kind = wire.KindPreauth
	p := must[till.Payment](t)(r.Checkout(c))
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	hold := r.View().Payment.RequestID
	if row, _ := r.Payment(hold); !row.CanCapture || !row.CanVoid || row.CanRefund != 0 {
		t.Errorf("%+v", row)
	}
	p = must[till.Payment](t)(r.Later(till.Later{Kind: wire.KindCapture, ID: hold, Amount: 3000}))
	if err := p.Wait(t.Context()); err != nil || d.last.Kind != wire.KindCapture || d.last.Amount != 3000 {
		t.Fatalf("%v, %+v", err, d.last)
	}
	capture := r.View().Payment.RequestID
	if row, _ := r.Payment(hold); row.CanCapture || row.CanVoid || !row.Captured {
		t.Errorf("%+v", row)
	}
	if row, _ := r.Payment(capture); row.CanRefund != 3000 {
		t.Errorf("%+v", row)
	}
	s = ring(t, r, "tea")
	p = must[till.Payment](t)(r.Checkout(checkout(s)))
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	sale := r.View().Payment.RequestID
	p = must[till.Payment](t)(r.Later(till.Later{Kind: wire.KindVoid, ID: sale}))
	if err := p.Wait(t.Context()); err != nil || d.last.Amount != 310 {
		t.Fatalf("%v, %+v", err, d.last)
	}
	if row, _ := r.Payment(sale); !row.Voided || row.CanVoid || row.CanRefund != 0 {
		t.Errorf("%+v", row)
	}
	_, err := r.Later(till.Later{Kind: wire.KindRefund, ID: "01J9Z3Q5W8X4T2B6N7M0K1H3G5"})
	wantCode(t, err, "E_REFERENCE")
	_, err = r.Later(till.Later{Kind: wire.KindSale, ID: sale})
	wantCode(t, err, wire.CodeBadMessage)
}

// Two terminals are ready and the default is away: the cashier chooses, and the cart moves there. S91
func TestTwoTerminals(t *testing.T) {
	a, b := newDevice(t, 1, "Counter 1", "GB"), newDevice(t, 2, "Counter 2", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, a)
	pair(t, r, b)
	ring(t, r, "tea")
	until(t, "the cart at the default", a.see(func() bool { return len(a.carts) > 0 }))
	if len(b.carts) != 0 {
		t.Error("the cart is at the other one too")
	}
	if err := r.Choose(b.id.String()); err != nil {
		t.Fatal(err)
	}
	until(t, "the cart at the other one", b.see(func() bool { return len(b.carts) > 0 && len(b.carts[len(b.carts)-1].Lines) == 1 }))
	until(t, "no cart at the default", a.see(func() bool { return len(a.carts[len(a.carts)-1].Lines) == 0 }))
	p := must[till.Payment](t)(r.Checkout(checkout(r.View().Sale)))
	if err := p.Wait(t.Context()); err != nil || len(b.asked) != 1 || len(a.asked) != 0 {
		t.Fatal(err, a.asked, b.asked)
	}
	id := r.View().Payment.RequestID
	if err := r.SetDefault(b.id.String()); err != nil || r.View().Terminals[0].Name != "Counter 2" {
		t.Errorf("%v, %+v", err, r.View().Terminals)
	}
	if row, _ := r.Payment(id); row.Terminal != b.id.String() {
		t.Errorf("%+v", row)
	}
	if err := r.Forget(a.id.String()); err != nil || len(r.Terminals()) != 1 {
		t.Errorf("%v, %+v", err, r.Terminals())
	}
	_, err := r.Checkout(till.Checkout{Order: r.View().Sale.Order, Rev: r.View().Sale.Rev})
	wantCode(t, err, wire.CodeCartMismatch) // nothing is rung up
}

// Nothing is paired, or what is paired is away.
func TestNoTerminal(t *testing.T) {
	r, _ := start(t, options(t, t.TempDir()))
	s := ring(t, r, "tea")
	_, err := r.Checkout(checkout(s))
	wantCode(t, err, wire.CodeNoReader)
	_, err = r.Checkout(till.Checkout{Order: s.Order, Rev: s.Rev - 1})
	wantCode(t, err, wire.CodeCartMismatch)
	_, err = r.Checkout(till.Checkout{Order: s.Order, Rev: s.Rev, Kind: wire.KindRefund})
	wantCode(t, err, wire.CodeUnsupported)
	_, err = r.Pair(t.Context(), "CARDWRIGHT1:NONSENSE")
	wantCode(t, err, wire.CodeFormat)
	if v := r.View(); v.Pairing.State != "failed" || v.Pairing.Error.Code != wire.CodeFormat {
		t.Errorf("%+v", v.Pairing)
	}
}

// One process at a time has a folder.
func TestFolderInUse(t *testing.T) {
	o := options(t, t.TempDir())
	_, stop := start(t, o)
	_, err := till.Open(o)
	var e *kernel.Error
	if !errors.As(err, &e) || e.Code != till.CodeInUse {
		t.Fatalf("%v", err)
	}
	stop()
	s, err := till.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
}

// A folder with something else in it is left as it is.
func TestDamagedFolder(t *testing.T) {
	for _, name := range []string{"till.json", "sale.json", "book.json", "terminals.json"} {
		o := options(t, t.TempDir())
		_, stop := start(t, o)
		stop()
		restore(t, o.Dir, name, []byte("{"))
		s, err := till.Open(o)
		if err == nil {
			_, err = till.New(s)
			_ = s.Close()
		}
		if err == nil || string(read(t, o.Dir, name)) != "{" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A payment that is cancelled before the terminal is there was never asked for.
func TestCancelledBeforeItWasAsked(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	must[wire.Lease](t)(d.lease.Ask("till-9", "Till 9", false)) // the cart waits: another till has the terminal
	s := ring(t, r, "tea")
	until(t, "the notice", func() bool {
		n := r.View().Notice
		return n != nil && n.Code == wire.CodeLeased && n.Holder == "Till 9"
	})
	p := must[till.Payment](t)(r.Checkout(checkout(s)))
	if _, err := r.Cancel(t.Context(), "cashier"); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := r.View()
	if v.Payment.Final != nil || v.Payment.Error == nil || v.Open != 0 || v.Sale.Order != s.Order || len(d.asked) != 0 {
		t.Errorf("%+v", v.Payment)
	}
	if err := r.Lease(t.Context(), d.id.String(), true, false); err != nil { // P13
		t.Fatal(err)
	}
	p = must[till.Payment](t)(r.Checkout(checkout(s)))
	if err := p.Wait(t.Context()); err != nil || r.View().Payment.Final == nil {
		t.Errorf("%v, %+v", err, r.View().Payment)
	}
}

// The command line's payment: an amount, with a cart of one line.
func TestAmount(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "US")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	if m := r.Market(); m.Currency != "USD" || m.Country != "US" || m.Tax.Rate != 8875 {
		t.Fatalf("%+v", m)
	}
	for i, want := range []wire.Code{"", wire.CodeOrderHasOutcome} {
		p := must[till.Payment](t)(r.Pay(till.Amount{Kind: wire.KindSale, Order: "1042", Amount: 1250}))
		if err := p.Wait(context.Background()); err != nil {
			t.Fatal(err)
		}
		v := r.View().Payment
		if v.Final == nil || v.Final.Total != 1250 || v.Final.Currency != "USD" {
			t.Errorf("%d %s: %+v", i, want, v)
		}
	}
	if d.orders["1042"] != 1 {
		t.Errorf("orders %v", d.orders)
	}
	if c := d.carts[len(d.carts)-1]; c.CartID != "1042" || c.Total != 1250 || len(c.Lines) != 1 {
		t.Errorf("%+v", c)
	}
	// What was paid is not another amount.
	p := must[till.Payment](t)(r.Pay(till.Amount{Kind: wire.KindSale, Order: "1042", Amount: 1300}))
	if err := p.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	if v := r.View().Payment; v.Final != nil || v.Error == nil || v.Error.Code != wire.CodeOrderHasOutcome {
		t.Errorf("13.00 for an order of which 12.50 was paid: %+v", v)
	}
}

// The terminal goes away in the middle of a payment. The till goes on with the next order, and learns the outcome of the
// first when the terminal is back.
func TestTerminalGoesAway(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	s := ring(t, r, "soup")
	d.set(func() { d.hold = true })
	p := must[till.Payment](t)(r.Checkout(checkout(s)))
	until(t, "the progress", func() bool { return r.View().Payment.Prompt == "present_card" })
	wantCode(t, r.Leave(), "E_STATE") // it is there: it can be cancelled
	d.away(true)
	until(t, "the end of the session", func() bool { return r.Terminals()[0].State == "offline" })
	if err := r.Leave(); err != nil {
		t.Fatal(err)
	}
	v := r.View()
	if v.Payment != nil || v.Sale.Order == s.Order || v.Open != 1 {
		t.Errorf("%+v", v)
	}
	next := ring(t, r, "tea")
	if q, err := r.Tender(t.Context(), next.Order, "cash"); err != nil || q.Tender != "cash" {
		t.Errorf("%+v, %v", q, err)
	}
	_, err := r.Tender(t.Context(), s.Order, "cash") // the first one is not paid twice
	wantCode(t, err, wire.CodeOrderOpen)
	d.away(false)
	online(t, r, d)
	d.release()
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rows := r.Payments(); len(rows) != 1 || rows[0].Final == nil || rows[0].Final.Result != wire.Approved || r.View().Open != 0 {
		t.Errorf("%+v", rows)
	}
	if len(d.finals) != 1 {
		t.Errorf("finals %v", d.finals)
	}
}

// The terminal's disk is full: it does not accept the payment, and can neither cancel it nor tell what became of it. The till
// goes on.
func TestTerminalCannotStore(t *testing.T) {
	const failed = "E_JOURNAL_FAILED"
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	s := ring(t, r, "soup")
	d.set(func() { d.full = true })
	must[till.Payment](t)(r.Checkout(checkout(s)))
	until(t, "the request", func() bool { return r.View().Payment.RequestID != "" })
	_, err := r.Cancel(t.Context(), "cashier")
	wantCode(t, err, failed)
	wantCode(t, r.Leave(), "E_STATE") // nothing is known of the terminal yet
	d.set(func() { d.status = wire.Status{State: "not_ready", Cause: failed, Docked: true} })
	d.away(true)
	d.away(false)
	until(t, "the state", func() bool { return r.Terminals()[0].State == "not_ready" })
	if err := r.Leave(); err != nil {
		t.Fatal(err)
	}
	if v := r.View(); v.Payment != nil || v.Sale.Order == s.Order || v.Open != 1 {
		t.Errorf("%+v", v)
	}
	next := ring(t, r, "tea")
	if q, err := r.Tender(t.Context(), next.Order, "cash"); err != nil || q.Tender != "cash" {
		t.Errorf("%+v, %v", q, err)
	}
}

// A cart goes off the screen with the lease, and with a terminal that starts anew: the till does not believe that it is still
// there, and shows it before it asks for the payment. P13, P14
func TestCartIsShownAgain(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	shown := func() bool { return r.View().Sale.OnScreen }
	pay := func(s till.SaleView) {
		t.Helper()
		p := must[till.Payment](t)(r.Checkout(checkout(s)))
		if err := p.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p := r.View().Payment; p.Final == nil || p.Final.Result != wire.Approved {
			t.Errorf("%+v", p)
		}
		r.Dismiss()
	}
	s := ring(t, r, "tea", "mug")
	until(t, "the cart", shown)
	taken := must[wire.Lease](t)(d.lease.Ask("till-9", "Till 9", true))
	d.set(func() { d.carts = nil })
	d.server.Notify(wire.TypeLease, &taken)
	until(t, "the cart is gone", func() bool { return !shown() })
	if err := d.lease.Give("till-9", taken.Epoch); err != nil {
		t.Fatal(err)
	}
	given := d.lease.Now()
	d.server.Notify(wire.TypeLease, &given)
	until(t, "it can be had", func() bool { return r.View().Terminals[0].Holder == "" })
	pay(s)

	s = ring(t, r, "tea")
	until(t, "the next cart", shown)
	d.set(func() { d.carts, d.blind = nil, true })
	d.away(true)
	d.away(false)
	until(t, "the cart is gone", func() bool { return !shown() })
	online(t, r, d)
	d.set(func() { d.blind = false })
	pay(s)
}

// A terminal that was damaged says later how a payment ended, when nobody waits any more: the page says so, and the next order
// begins. P10
func TestOutcomeOfAnOpenPayment(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	s := ring(t, r, "tea")
	d.set(func() { d.hold = true })
	p := must[till.Payment](t)(r.Checkout(checkout(s)))
	until(t, "the request", d.see(func() bool { return len(d.held) == 1 }))
	d.set(func() { d.damaged = true })
	d.away(true)
	d.away(false)
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if v := r.View(); v.Payment.Error == nil || v.Payment.Error.Code != "E_JOURNAL_DAMAGED" || v.Open != 1 || v.Sale.Order != s.Order {
		t.Fatalf("%+v", v.Payment)
	}
	d.set(func() { d.damaged = false })
	d.release()
	until(t, "the outcome", func() bool { return r.View().Open == 0 })
	until(t, "the page says so", func() bool { p := r.View().Payment; return p.Final != nil && p.Error == nil })
	if v := r.View(); v.Payment.Final.Result != wire.Approved || v.Sale.Order == s.Order || len(v.Sale.Items) != 0 {
		t.Errorf("%+v, %+v", v.Payment, v.Sale)
	}
}

// The disk was full when the order was paid, and it stayed on the page: it is not paid in cash as well, and the next thing that
// is rung up is of the next order.
func TestPaidOrderStays(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	o := options(t, t.TempDir())
	r, _ := start(t, o)
	pair(t, r, d)
	file := filepath.Join(o.Dir, "sale.json")
	stays := func() till.SaleView {
		t.Helper()
		s := ring(t, r, "tea")
		if err := errors.Join(os.Remove(file), os.MkdirAll(filepath.Join(file, "full"), 0o700)); err != nil {
			t.Fatal(err)
		}
		p := must[till.Payment](t)(r.Checkout(checkout(s)))
		if err := p.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.Dismiss()
		if v := r.View(); v.Sale.Order != s.Order || v.Notice == nil {
			t.Fatalf("%+v", v.Sale)
		}
		if err := os.RemoveAll(file); err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := stays()
	_, err := r.Tender(t.Context(), s.Order, "cash")
	wantCode(t, err, wire.CodeOrderHasOutcome)
	if n := r.View().Sale; n.Order == s.Order || len(n.Items) != 0 {
		t.Errorf("%+v", n)
	}
	s = stays()
	if n := ring(t, r, "mug"); n.Order == s.Order || len(n.Items) != 1 {
		t.Errorf("%+v", n)
	}
	if err := r.Clear(); err != nil {
		t.Fatal(err)
	}
	s = stays()
	_, err = r.Checkout(checkout(s))
	wantCode(t, err, wire.CodeOrderHasOutcome)
	if n := r.View().Sale; n.Order == s.Order {
		t.Errorf("%+v", n)
	}
}

// patience is a clock by which a till waits for ever for a cart to be on the screen.
type patience struct{ pairing.SystemClock }

func (p patience) After(d time.Duration) <-chan time.Time {
	if d == 3*time.Second {
		return nil
	}
	return p.SystemClock.After(d)
}

// A terminal is not forgotten while a payment begins there, which is not in the book before its cart is on the screen. One that
// is cancelled then is not asked for.
func TestBeforeItIsAsked(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	o := options(t, t.TempDir())
	o.Clock = patience{}
	r, _ := start(t, o)
	pair(t, r, d)
	d.set(func() { d.blind = true })
	s := ring(t, r, "tea")
	p := must[till.Payment](t)(r.Checkout(checkout(s)))
	wantCode(t, r.Forget(d.id.String()), wire.CodeOrderOpen)
	if answer, err := r.Cancel(t.Context(), "cashier"); err != nil || answer != "cancelled" {
		t.Errorf("%s, %v", answer, err)
	}
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d.set(func() {
		if len(d.asked) != 0 {
			t.Errorf("cancelled, and asked for: %v", d.asked)
		}
	}); r.View().Payment.Error == nil {
		t.Errorf("%+v", r.View().Payment)
	}
	if err := r.Forget(d.id.String()); err != nil {
		t.Error(err)
	}
}
