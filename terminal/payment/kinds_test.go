package payment

import (
	"context"
	"fmt"
	"testing"
	"time"
)

func tokenOf(n int) string { return fmt.Sprintf("%032x", n) }

func (w *world) about(k Kind, order string, of Request, amount uint64) Request {
	return Request{
		RequestID: w.id(), OrderRef: order, Kind: k, Amount: amount, Currency: of.Currency, Original: Original{RequestID: of.RequestID},
	}
}

func TestRefunds(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		till := w.lease.till()
		sale := w.sale("order-1", 1000)
		refund := w.about(Refund, "order-1", sale, 400)
		_, err := w.engine.Accept(till, refund)
		wantRefusal(t, err, CodeReference) // nothing was paid
		w.pay(t, sale)
		calls := w.host.asked()
		wantFinal(t, w.pay(t, refund), Approved, CodeApproved)
		if w.host.asked() != calls+1 || w.reader.order().RequestID != sale.RequestID {
			t.Error("a refund by reference asked for a card, or not the host")
		}
		// A refund that failed gives its part back; one that is under way holds it.
		w.host.will(hostLosesAnswer)
		wantFinal(t, w.pay(t, w.about(Refund, "order-1", sale, 600)), Failed, CodeNoAnswer)
		time.Sleep(time.Minute)
		_, err = w.engine.Accept(till, w.about(Refund, "order-1", sale, 601))
		if wantRefusal(t, err, CodeRemaining).Remaining != 600 {
			t.Error(err)
		}
		wantFinal(t, w.pay(t, w.about(Refund, "order-1", sale, 600)), Approved, CodeApproved)
		_, err = w.engine.Accept(till, w.about(Refund, "order-1", sale, 1))
		if wantRefusal(t, err, CodeRemaining).Remaining != 0 {
			t.Error(err)
		}
		other := w.about(Refund, "order-1", sale, 1)
		other.Currency = 124
		_, err = w.engine.Accept(till, other)
		wantRefusal(t, err, CodeReference)
		// Without a payment: a card, a role, a limit; not twice for an order.
		free := Request{RequestID: w.id(), OrderRef: "order-2", Kind: Refund, Amount: 500, Currency: 840, Role: "manager"}
		wantFinal(t, w.pay(t, free), Approved, CodeApproved)
		if o := w.reader.order(); o.RequestID != free.RequestID || o.Type() != 0x20 {
			t.Errorf("%+v", o)
		}
		free.RequestID = w.id()
		_, err = w.engine.Accept(till, free)
		wantRefusal(t, err, CodeOrder)
	})
}

// TestInterac: money goes back to the card that paid, and to no other.
func TestInterac(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.reader.card = Card{Entry: Insert, Brand: "interac", Token: tokenOf(1), Number: "************4444"}
		sale := w.sale("order-1", 1000)
		w.pay(t, sale)
		refund := w.about(Refund, "order-1", sale, 1000)
		_, err := w.engine.Accept(w.lease.till(), refund)
		wantRefusal(t, err, CodeCardRequired)
		refund.Entry = []Entry{Insert, Tap}
		w.reader.card.Token = tokenOf(2)
		wantFinal(t, w.pay(t, refund), Declined, CodeCardMismatch)
		if w.reader.order().Token != tokenOf(1) {
			t.Errorf("the reader was not told which card: %+v", w.reader.order())
		}
		w.reader.card.Token = tokenOf(1)
		refund.RequestID = w.id()
		wantFinal(t, w.pay(t, refund), Approved, CodeApproved)
		if w.host.asked() != 2 {
			t.Errorf("the host was asked %d times", w.host.asked())
		}
	})
}

func TestVoidCaptureAdjust(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		till := w.lease.till()
		refused := func(code string, r Request) {
			t.Helper()
			_, err := w.engine.Accept(till, r)
			wantRefusal(t, err, code)
		}
		sale := w.sale("order-1", 1000)
		w.pay(t, sale)
		refused(CodeLimit, w.about(Adjust, "order-1", sale, 1201))
		f := w.pay(t, w.about(Adjust, "order-1", sale, 1150))
		wantFinal(t, f, Approved, CodeApproved)
		if s, _ := w.engine.Status(till, sale.RequestID); s.Final.Amounts.Total != 1000 {
			t.Error("a Final has changed")
		}
		refused(CodeReference, w.about(Void, "order-1", sale, 1000)) // it is 1150 now
		refused(CodeReference, w.about(Capture, "order-1", sale, 1000))
		// The host can't be reached: the void is repeated until it can, and does not keep the terminal.
		w.host.willAside(hostUnreached, hostLosesAnswer, hostDeclines)
		void := w.about(Void, "order-1", sale, 0)
		if _, err := w.engine.Accept(till, void); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if s, _ := w.engine.Status(till, void.RequestID); s.Final != nil || s.Sending != ReversalSent {
			t.Errorf("%+v", s)
		}
		refused(CodeReference, Request{
			RequestID: w.id(), OrderRef: "order-9", Kind: Refund, Amount: 1, Currency: 840, Original: Original{RequestID: sale.RequestID},
		})
		wantFinal(t, w.pay(t, w.sale("order-2", 50)), Approved, CodeApproved)
		wantFinal(t, w.final(t, void.RequestID), Approved, CodeApproved)
		refused(CodeReference, w.about(Refund, "order-1", sale, 1))
		refused(CodeReference, w.about(Void, "order-1", sale, 0))

		hold := Request{RequestID: w.id(), OrderRef: "order-3", Kind: Preauth, Amount: 5000, Currency: 840}
		w.pay(t, hold)
		refused(CodeReference, w.about(Refund, "order-3", hold, 1))
		refused(CodeRemaining, w.about(Capture, "order-3", hold, 5001))
		capture := w.about(Capture, "order-3", hold, 4200)
		wantFinal(t, w.pay(t, capture), Approved, CodeApproved)
		refused(CodeReference, w.about(Capture, "order-3", hold, 1))
		refused(CodeReference, w.about(Void, "order-3", hold, 0))
		wantFinal(t, w.pay(t, w.about(Refund, "order-3", capture, 4200)), Approved, CodeApproved)

		w.reader.card.CVM = "online-pin"
		pin := w.sale("order-4", 1000)
		w.pay(t, pin)
		refused(CodeReference, w.about(Adjust, "order-4", pin, 1100))
	})
}

// TestTips: amounts by hand, in currencies with no, two and three decimals.
func TestTips(t *testing.T) {
	percent := TipPolicy{Ask: true, Percent: []uint32{10, 15, 20}, Smart: &SmartTip{Below: 1000, Amounts: []uint64{100, 200}}}
	for _, c := range []struct {
		currency uint16
		amount   uint64
		want     []uint64
	}{
		{840, 1250, []uint64{125, 188, 250}}, // 1.875 is 1.88
		{840, 999, []uint64{100, 200}},       // small: fixed amounts
		{840, 1000, []uint64{100, 150, 200}},
		{392, 1235, []uint64{124, 185, 247}},      // JPY: 123.5 is 124, 185.25 is 185
		{414, 12_345, []uint64{1235, 1852, 2469}}, // KWD 12.345: 1.2345 is 1.235, 1.85175 is 1.852
		{840, 999_999_999_999, []uint64{100000000000, 150000000000, 200000000000}},
	} {
		got := percent.Options(c.amount)
		for i, want := range c.want {
			if len(got) != len(c.want) || got[i].Amount != want {
				t.Errorf("%d of %d: %+v, want %v", c.amount, c.currency, got, c.want)
				break
			}
		}
	}
	inWorld(t, nil, func(t *testing.T, w *world) {
		till := w.lease.till()
		w.screen.tip = 188
		r := w.sale("order-1", 1250)
		r.Tip, r.Surcharge = percent, SurchargePolicy{BasisPoints: 150, Fixed: 5, Max: 20}
		f := w.pay(t, r)
		// 1.5 % of 12.50 is 18.75, 19, and 5 make 24, at most 20.
		if want := (Amounts{1250, 188, 20, 1458}); f.Amounts != want || w.reader.order().Amounts != want {
			t.Errorf("%+v", f.Amounts)
		}
		if _, taken := w.host.charged()[1458]; !taken {
			t.Errorf("%v", w.host.charged())
		}
		// After a decline for want of a PIN the tip is still in the amount.
		w.reader.presents(cardSoft)
		w.host.will(hostDeclines)
		r.RequestID, r.OrderRef = w.id(), "order-2"
		w.pay(t, r)
		if last := w.host.line(-1); last.total != 1458 {
			t.Errorf("%+v", last)
		}
		// A tip that was not offered is not taken.
		w.screen.tip = 189
		r.RequestID, r.OrderRef = w.id(), "order-3"
		wantFinal(t, w.pay(t, r), Failed, CodeAmount)
		// Cancelled while the customer thinks.
		w.screen.tipIn = func(ctx context.Context, _ TipQuestion) (uint64, error) { <-ctx.Done(); return 0, ctx.Err() }
		r.RequestID, r.OrderRef = w.id(), "order-4"
		if _, err := w.engine.Accept(till, r); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if c, err := w.engine.Cancel(till, r.RequestID, false); err != nil || !c.Cancelled {
			t.Fatalf("%+v %v", c, err)
		}
		w.final(t, r.RequestID)
		w.screen.tipIn = func(context.Context, TipQuestion) (uint64, error) { return 0, ErrCustomerCancelled }
		r.RequestID, r.OrderRef = w.id(), "order-5"
		wantFinal(t, w.pay(t, r), Cancelled, CodeByCustomer)
	})
}
