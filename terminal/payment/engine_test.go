package payment

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/journal/journaltest"
)

// inWorld runs a test in a bubble of time, with an engine.
func inWorld(t *testing.T, prepare func(*world), run func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		if prepare != nil {
			prepare(w)
		}
		if err := w.start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = w.engine.Close() }()
		run(t, w)
	})
}

// pay sends a request and waits until it has a Final.
func (w *world) pay(t *testing.T, r Request) *Final {
	t.Helper()
	if _, err := w.engine.Accept(w.lease.till(), r); err != nil {
		t.Fatalf("%s: %v", r.Kind, err)
	}
	return w.final(t, r.RequestID)
}

// final waits for a Final and acknowledges it.
func (w *world) final(t *testing.T, id string) *Final {
	t.Helper()
	for range 1000 {
		s, err := w.engine.Status(w.lease.till(), id)
		if err != nil {
			t.Fatal(err)
		}
		if s.Final != nil {
			if err := w.engine.Ack(w.lease.till(), id); err != nil {
				t.Fatal(err)
			}
			return s.Final
		}
		time.Sleep(time.Second)
	}
	t.Fatalf("%s has no outcome", id)
	return nil
}

func wantFinal(t *testing.T, f *Final, r Result, code string) {
	t.Helper()
	if f.Result != r || f.Code != code {
		t.Errorf("%s/%s, want %s/%s", f.Result, f.Code, r, code)
	}
}

func wantRefusal(t *testing.T, err error, code string) *Refusal {
	t.Helper()
	if got := kernel.CodeOf(err); got != code {
		t.Fatalf("%v, want %s", err, code)
	}
	return err.(*Refusal)
}

// TestOutcomes is what each card and each host come to.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name    string
		card    cardDoes
		host    []hostDoes
		result  Result
		code    string
		charged bool
	}{
		{"insert", cardInserted, nil, Approved, CodeApproved, true},
		{"tap", cardTapped, nil, Approved, CodeApproved, true},
		{"slow host", cardInserted, []hostDoes{hostSlow}, Approved, CodeApproved, true},
		{"declined", cardInserted, []hostDoes{hostDeclines}, Declined, CodeHostDeclined, false},
		{"PIN wanted", cardSoft, []hostDoes{hostDeclines, hostApproves}, Approved, CodeApproved, true},
		{"not sent", cardInserted, []hostDoes{hostUnreached}, Failed, CodeUnreachable, false},
		{"request lost", cardInserted, []hostDoes{hostLosesAsk}, Failed, CodeNoAnswer, false},
		{"answer lost", cardInserted, []hostDoes{hostLosesAnswer}, Failed, CodeNoAnswer, false},
		{"answer lost, tap", cardTapped, []hostDoes{hostLosesAnswer}, Failed, CodeNoAnswer, false},
		{"answer mangled", cardInserted, []hostDoes{hostMangles}, Failed, CodeNoAnswer, false},
		{"less approved", cardInserted, []hostDoes{hostApprovesLess}, Declined, CodePartial, false},
		{"no card", cardNever, nil, Failed, CodeDeadline, false},
		{"card refuses", cardRefuses, nil, Declined, CodeCardDeclined, false},
		{"card approves alone", cardOffline, nil, Failed, CodeOfflineRefused, false},
		{"card removed", cardRemoved, nil, Declined, CodeCardRemoved, false},
		{"second AAC", cardDislikes, nil, Declined, CodeCardDeclined, false},
		{"reader breaks", cardBreaks, nil, Failed, CodeReaderFailed, false},
		{"reader breaks after the answer", cardBreaksAfter, nil, Declined, CodeCardDeclined, false},
		{"reader hangs after the answer", cardHangs, nil, Declined, CodeCardDeclined, false},
		{"customer stops", cardCustomerStops, nil, Cancelled, CodeByCustomer, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, nil, func(t *testing.T, w *world) {
				w.reader.presents(c.card)
				w.host.will(c.host...)
				r := w.sale("order-1", 1250)
				f := w.pay(t, r)
				wantFinal(t, f, c.result, c.code)
				time.Sleep(time.Hour) // reversals
				if _, charged := w.host.charged()[1250]; charged != c.charged {
					t.Errorf("charged: %t", charged)
				}
				if n := w.finals()[r.RequestID]; n != 1 {
					t.Errorf("%d finals", n)
				}
				if p := w.engine.Pending(); p != nil {
					t.Errorf("still pending: %+v", p)
				}
				if booked := w.host.booked(); f.Reversal != (booked && !c.charged || c.code == CodeNoAnswer) {
					t.Errorf("Final.Reversal is %t", f.Reversal)
				}
				if c.charged && (f.Receipt == nil || f.Receipt.AuthCode != "A1B2C3" || f.Receipt.STAN == 0 || len(f.Receipt.RRN) != 12) {
					t.Errorf("receipt: %+v", f.Receipt)
				}
			})
		})
	}
}

// TestStates is the order of the records, as the protocol has it.
func TestStates(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		r := w.sale("order-1", 100)
		w.pay(t, r)
		want := []State{Accepted, Prompting, CardIn, Commit, AuthSent, HostAnswered, GAC2Done, Finished, Acked}
		if got := w.states(r.RequestID); !slices.Equal(got, want) {
			t.Errorf("%v", got)
		}
		w.host.will(hostLosesAnswer)
		w.host.willAside(hostLosesAnswer)
		r = w.sale("order-2", 200)
		w.pay(t, r)
		time.Sleep(time.Minute)
		want = []State{
			Accepted, Prompting, CardIn, Commit, AuthSent, ReversalDue, ReversalSent, Finished, Acked, ReversalSent, Reversed,
		}
		if got := w.states(r.RequestID); len(got) != len(want) || !slices.Contains(got, Reversed) {
			t.Errorf("%v", got)
		}
	})
}

func TestIdempotency(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		till := w.lease.till()
		r := w.sale("order-1", 100)
		f := w.pay(t, r)
		for range 3 {
			s, err := w.engine.Accept(till, r)
			if err != nil || s.Final == nil || s.Final.Result != Approved || !s.Final.At.Equal(f.At) {
				t.Fatalf("%+v %v", s, err)
			}
		}
		other := r
		other.Amount++
		_, err := w.engine.Accept(till, other)
		wantRefusal(t, err, CodeReused)
		again := w.sale("order-1", 100)
		_, err = w.engine.Accept(till, again)
		if refusal := wantRefusal(t, err, CodeOrder); refusal.Outcome.Final == nil || refusal.RequestID != r.RequestID {
			t.Errorf("%+v", refusal)
		}
		again.ForceAdditional = true
		wantFinal(t, w.pay(t, again), Approved, CodeApproved)
		if w.host.asked() != 2 {
			t.Errorf("the host was asked %d times", w.host.asked())
		}
		if _, err := w.engine.Status(till, w.id()); kernel.CodeOf(err) != CodeNotFound {
			t.Error(err)
		}
		if _, err := w.engine.Status(Till{POS: "till-2"}, r.RequestID); kernel.CodeOf(err) != CodeNotFound {
			t.Error(err)
		}
	})
}

// TestKeptThirteenMonths: after 13 months, many compactions and starts, the same request has the same answer; then the
// journal says that it can't know any more.
func TestKeptThirteenMonths(t *testing.T) {
	inWorld(t, func(w *world) { w.config.CompactAt = 1 }, func(t *testing.T, w *world) {
		r := w.sale("order-1", 100)
		f := w.pay(t, r)
		refund := Request{
			RequestID: w.id(), OrderRef: "order-1", Kind: Refund, Amount: 30, Currency: 840, Original: Original{RequestID: r.RequestID},
		}
		w.pay(t, refund)
		for range 13 {
			time.Sleep(30*24*time.Hour + 12*time.Hour)
			w.pay(t, w.sale("other"+w.id(), 5))
			if err := w.crash(journaltest.Synced, nil); err != nil {
				t.Fatal(err)
			}
		}
		s, err := w.engine.Accept(w.lease.till(), r)
		if err != nil || s.Final == nil || s.Final.Receipt == nil || !s.Final.At.Equal(f.At) || s.Refunded != 30 {
			t.Fatalf("%+v %v", s, err)
		}
		p := w.engine.book.payments[key{"till-1", r.RequestID}]
		if p.details != nil {
			t.Error("a settled payment of a year ago is in memory")
		}
		refund.RequestID, refund.Amount = w.id(), 71
		if _, err := w.engine.Accept(w.lease.till(), refund); wantRefusal(t, err, CodeRemaining).Remaining != 70 {
			t.Error(err)
		}
		refund.RequestID, refund.Amount = w.id(), 70
		wantFinal(t, w.pay(t, refund), Approved, CodeApproved)
		time.Sleep(60 * 24 * time.Hour)
		w.pay(t, w.sale("order-3", 5))
		time.Sleep(time.Hour)
		if err := w.crash(journaltest.Synced, nil); err != nil {
			t.Fatal(err)
		}
		_, err = w.engine.Status(w.lease.till(), r.RequestID)
		wantRefusal(t, err, CodeTooOld)
		_, err = w.engine.Accept(w.lease.till(), r)
		wantRefusal(t, err, CodeTooOld)
	})
}

func TestRefusals(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		till := w.lease.till()
		fail := func(code string, change func(*Request)) *Refusal {
			t.Helper()
			r := w.sale("order-1", 100)
			change(&r)
			_, err := w.engine.Accept(till, r)
			return wantRefusal(t, err, code)
		}
		for field, change := range map[string]func(*Request){
			"kind":             func(r *Request) { r.Kind = 0 },
			"request_id":       func(r *Request) { r.RequestID = strings.ToLower(r.RequestID) },
			"order_ref":        func(r *Request) { r.OrderRef = "a\nb" },
			"currency":         func(r *Request) { r.Currency = 1000 },
			"amount":           func(r *Request) { r.Amount = 0 },
			"original":         func(r *Request) { r.Kind = Void },
			"within_ms":        func(r *Request) { r.Within = 600_001 },
			"cart_hash":        func(r *Request) { r.CartHash = "ABC" },
			"entry":            func(r *Request) { r.Entry = []Entry{9} },
			"role":             func(r *Request) { r.Role = strings.Repeat("x", 65) },
			"tip_policy":       func(r *Request) { r.Tip.Ask = true },
			"surcharge_policy": func(r *Request) { r.Surcharge.BasisPoints = 10_001 },
		} {
			if r := fail(CodeInvalid, change); r.Field != field {
				t.Errorf("%s: the refusal names %s", field, r.Field)
			}
		}
		fail(CodeInvalid, func(r *Request) { r.RequestID = ulid(time.Now().Add(25*time.Hour), 1) })
		fail(CodeTooOld, func(r *Request) { r.RequestID = ulid(time.Now().Add(-401*24*time.Hour), 1) })
		fail(CodeOffline, func(r *Request) { r.Offline.Allow = true })
		fail(CodeReference, func(r *Request) { r.Kind, r.Original.RequestID = Void, w.id() })
		fail(CodeNotPermitted, func(r *Request) { r.Kind = Refund })
		fail(CodeLimit, func(r *Request) { r.Kind, r.Role, r.Amount = Refund, "manager", 5001 })
		fail(CodeCart, func(r *Request) { r.CartHash = strings.Repeat("0", 64) })
		for _, x := range []Till{{"till-1", 0}, {"till-1", 2}, {"till-2", 1}} {
			_, err := w.engine.Accept(x, w.sale("o", 1))
			wantRefusal(t, err, CodeFenced)
			_, err = w.engine.Cancel(x, w.id(), false)
			wantRefusal(t, err, CodeFenced)
		}
		w.reader.presents(cardNever)
		first := w.sale("order-1", 100)
		if _, err := w.engine.Accept(till, first); err != nil {
			t.Fatal(err)
		}
		_, err := w.engine.Accept(till, w.sale("order-2", 1))
		if r := wantRefusal(t, err, CodeBusy); r.Holder != "till-1" || r.RequestID != first.RequestID {
			t.Errorf("%+v", r)
		}
		if err := w.engine.Ack(till, first.RequestID); kernel.CodeOf(err) != CodeInvalid {
			t.Errorf("acknowledged before there is an outcome: %v", err)
		}
	})
}

func TestCart(t *testing.T) {
	hash := strings.Repeat("ab", 32)
	for _, c := range []struct {
		name, asked string
		cart        *Cart
		require, ok bool
	}{
		{"none", "", nil, false, true},
		{"the one that is shown", hash, &Cart{hash, true}, false, true},
		{"none, but one is shown", "", &Cart{hash, true}, false, false},
		{"another", strings.Repeat("00", 32), &Cart{hash, true}, false, false},
		{"lines that do not add up", hash, &Cart{hash, false}, false, false},
		{"none, but one is wanted", "", nil, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) { w.config.Policy.RequireCart = c.require }, func(t *testing.T, w *world) {
				w.screen.cart = c.cart
				r := w.sale("order-1", 100)
				r.CartHash = c.asked
				_, err := w.engine.Accept(w.lease.till(), r)
				if want := map[bool]string{true: "", false: CodeCart}[c.ok]; kernel.CodeOf(err) != want {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

func TestCancel(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		till := w.lease.till()
		// Before the card: at once, and for ever.
		w.reader.presents(cardNever)
		r := w.sale("order-1", 100)
		if _, err := w.engine.Accept(till, r); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		for range 2 {
			if c, err := w.engine.Cancel(till, r.RequestID, false); err != nil || !c.Cancelled || c.Final.Code != CodeCancelled {
				t.Fatalf("%+v %v", c, err)
			}
		}
		w.final(t, r.RequestID)
		// The next payment may come while the reader still lets go.
		r = w.sale("order-2", 200)
		w.host.will(hostSlow)
		if _, err := w.engine.Accept(till, r); err != nil {
			t.Fatal(err)
		}
		// With the card read, cancelling still wins.
		time.Sleep(1500 * time.Millisecond)
		if s, _ := w.engine.Status(till, r.RequestID); s.State != CardIn {
			t.Fatalf("%s", s.State)
		}
		if c, err := w.engine.Cancel(till, r.RequestID, false); err != nil || !c.Cancelled {
			t.Fatalf("%+v %v", c, err)
		}
		w.final(t, r.RequestID)
		if w.host.asked() != 0 {
			t.Error("the host was asked")
		}
		// After COMMIT it is too late; the approval stands, unless it is asked for explicitly.
		for _, reverse := range []bool{false, true} {
			r = w.sale("order-3"+w.id(), 300)
			w.host.will(hostSlow)
			if _, err := w.engine.Accept(till, r); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Second)
			c, err := w.engine.Cancel(till, r.RequestID, reverse)
			if err != nil || c.Cancelled || c.State != AuthSent || c.Reversing != reverse {
				t.Fatalf("%+v %v", c, err)
			}
			f := w.final(t, r.RequestID)
			if reverse {
				wantFinal(t, f, Cancelled, CodeReversedAsked)
			} else {
				wantFinal(t, f, Approved, CodeApproved)
			}
		}
		time.Sleep(time.Minute)
		if !w.host.line(1).reversed || w.host.line(0).reversed {
			t.Error("the wrong one was reversed")
		}
		_, err := w.engine.Cancel(till, w.id(), false)
		wantRefusal(t, err, CodeNotFound)
	})
}

func TestDeadline(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.reader.presents(cardNever)
		r := w.sale("order-1", 100)
		r.Within = 2500
		before := time.Now()
		wantFinal(t, w.pay(t, r), Failed, CodeDeadline)
		if d := time.Since(before); d > 4*time.Second {
			t.Errorf("after %s", d)
		}
		// After COMMIT the deadline has nothing to say.
		r = w.sale("order-2", 200)
		r.Within = 2500
		w.host.will(hostSlow)
		wantFinal(t, w.pay(t, r), Approved, CodeApproved)
	})
}

// TestUnclaimed: nothing is voided because the till is silent; the terminal shows it.
func TestUnclaimed(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		r := w.sale("order-1", 100)
		if _, err := w.engine.Accept(w.lease.till(), r); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Second)
		if w.screen.saw(AboutRegisterOffline) {
			t.Error("too early")
		}
		time.Sleep(20 * time.Second)
		if !w.screen.saw(AboutRegisterOffline) {
			t.Error("nobody is told")
		}
		if u := w.engine.Unacked("till-1"); len(u) != 1 || u[0].Final.Result != Approved {
			t.Errorf("%+v", u)
		}
		if _, charged := w.host.charged()[100]; !charged {
			t.Error("it was undone")
		}
		_, err := w.engine.Accept(w.lease.till(), w.sale("order-1", 100))
		wantRefusal(t, err, CodeOrder)
	})
}
