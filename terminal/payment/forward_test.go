package payment

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/journal/journaltest"
)

// allowing lets a world's terminal store payments.
func allowing(w *world) { w.config.Policy.Forward = forwarding() }

// offline returns a sale that may be stored.
func (w *world) offline(order string, amount uint64) Request {
	r := w.sale(order, amount)
	r.Offline.Allow = true
	return r
}

// status asks how a payment stands.
func (w *world) status(t *testing.T, r Request) Status {
	t.Helper()
	s, err := w.engine.Status(w.lease.till(), r.RequestID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAlone is what becomes of a card that approves without its host: when it is taken, and when not.
func TestAlone(t *testing.T) {
	policy := func(change func(*ForwardPolicy)) func(*world) {
		return func(w *world) { change(&w.config.Policy.Forward) }
	}
	card := func(c Card) func(*world) { return func(w *world) { w.reader.card = c } }
	for _, c := range []struct {
		name    string
		card    cardDoes
		host    []hostDoes
		prepare func(*world)
		max     uint64
		code    string
		arc     string // of what is stored
	}{
		{"by itself", cardOffline, nil, nil, 0, CodeApprovedAlone, "Y1"},
		{"the host is not reached", cardStandsIn, []hostDoes{hostUnreached}, nil, 0, CodeApprovedAlone, "Y3"},
		{"the till's limit", cardOffline, nil, nil, 1250, CodeApprovedAlone, "Y1"},
		{"above the till's limit", cardOffline, nil, nil, 1249, CodeOfflineLimit, ""},
		{"above the till's limit, unreached", cardStandsIn, []hostDoes{hostUnreached}, nil, 1249, CodeOfflineLimit, ""},
		{"above the policy's limit", cardOffline, nil, policy(func(f *ForwardPolicy) { f.Max = 1249 }), 0, CodeOfflineLimit, ""},
		{"above the policy's sum", cardOffline, nil, policy(func(f *ForwardPolicy) { f.Sum = 1249 }), 0, CodeOfflineLimit, ""},
		{"an ARQC", cardPretends, []hostDoes{hostUnreached}, nil, 0, CodeUnreachable, ""},
		{"the card does not want to", cardInserted, []hostDoes{hostUnreached}, nil, 0, CodeUnreachable, ""},
		{"silence of the host", cardStandsIn, []hostDoes{hostLosesAsk}, nil, 0, CodeNoAnswer, ""},
		{"silence after it was booked", cardStandsIn, []hostDoes{hostLosesAnswer}, nil, 0, CodeNoAnswer, ""},
		{"the host said no", cardStandsIn, []hostDoes{hostDeclines}, nil, 0, CodeHostDeclined, ""},
		{"Interac", cardOffline, nil, card(Card{Entry: Insert, Brand: "interac"}), 0, CodeOfflineRefused, ""},
		{"a stripe", cardOffline, nil, card(Card{Entry: Swipe, Brand: "visa"}), 0, CodeOfflineRefused, ""},
		{"a number that was typed in", cardOffline, nil, card(Card{Entry: Manual, Brand: "visa"}), 0, CodeOfflineRefused, ""},
		{"a tap", cardOffline, nil, card(Card{Entry: Tap, Brand: "visa"}), 0, CodeApprovedAlone, "Y1"},
		{
			"a tap where only the slot will do", cardOffline, nil, func(w *world) {
				w.reader.card = Card{Entry: Tap, Brand: "visa"}
				w.config.Policy.Forward.Entries = []Entry{Insert}
			}, 0, CodeOfflineRefused, "",
		},
		{"a PIN for the host", cardOffline, nil, card(Card{Entry: Insert, Brand: "visa", CVM: "online-pin"}), 0, CodeOfflineRefused, ""},
		{"the same by its results", cardOffline, nil, card(Card{Entry: Insert, Brand: "visa", CVMResults: "420300"}), 0, CodeOfflineRefused, ""},
		{"without the PIN that is wanted", cardOffline, nil, policy(func(f *ForwardPolicy) { f.PIN = true }), 0, CodeOfflineRefused, ""},
		{
			"with it", cardOffline, nil, func(w *world) {
				w.config.Policy.Forward.PIN = true
				w.reader.card = Card{Entry: Insert, Brand: "visa", CVM: "offline-pin"}
			}, 0, CodeApprovedAlone, "Y1",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				allowing(w)
				if c.prepare != nil {
					c.prepare(w)
				}
			}, func(t *testing.T, w *world) {
				w.reader.presents(c.card)
				w.host.will(c.host...)
				r := w.offline("order-1", 1250)
				r.Offline.Max = c.max
				f := w.pay(t, r)
				if f.Code != c.code {
					t.Errorf("%s, want %s", f.Code, c.code)
				}
				taken := c.arc != ""
				if approved := f.Result == Approved; approved != taken {
					t.Errorf("approved: %t", approved)
				}
				if taken && (!f.Receipt.Offline || f.Receipt.STAN == 0 || len(f.Receipt.RRN) != 12 || f.Receipt.AuthCode != "") {
					t.Errorf("receipt: %+v", f.Receipt)
				}
				time.Sleep(time.Hour)
				if _, charged := w.host.charged()[1250]; charged != taken {
					t.Errorf("charged: %t", charged)
				}
				s := w.status(t, r)
				if s.Offline != taken || taken && s.Sending != SAFDone {
					t.Errorf("%+v", s)
				}
				if taken && w.host.arcs[0] != c.arc {
					t.Errorf("%s, want %s", w.host.arcs[0], c.arc)
				}
				if p := w.engine.Pending(); p != nil {
					t.Errorf("still pending: %+v", p)
				}
			})
		})
	}
}

// TestAloneStates is the order of the records of both ways, and that there is one trace from COMMIT to the end.
func TestAloneStates(t *testing.T) {
	inWorld(t, allowing, func(t *testing.T, w *world) {
		first := w.offline("order-1", 100)
		w.reader.presents(cardOffline)
		f := w.pay(t, first)
		time.Sleep(time.Minute)
		want := []State{Accepted, Prompting, CardIn, Commit, SAFStored, Finished}
		if got := w.states(first.RequestID); !slices.Equal(got[:len(want)], want) || !slices.Contains(got, SAFDone) {
			t.Errorf("%v", got)
		}
		if b := w.host.line(0); b.stan != f.Receipt.STAN {
			t.Errorf("%d on the receipt, %d at the host", f.Receipt.STAN, b.stan)
		}
		second := w.offline("order-2", 200)
		w.reader.presents(cardStandsIn)
		w.host.will(hostUnreached)
		f = w.pay(t, second)
		time.Sleep(time.Minute)
		want = []State{Accepted, Prompting, CardIn, Commit, AuthSent, HostAnswered, GAC2Done, SAFStored, Finished}
		if got := w.states(second.RequestID); !slices.Equal(got[:len(want)], want) {
			t.Errorf("%v", got)
		}
		if b := w.host.line(1); b.stan != f.Receipt.STAN {
			t.Errorf("%d on the receipt, %d at the host", f.Receipt.STAN, b.stan)
		}
	})
}

// TestNotStored: without the policy, the currency or the till's word nothing is; and the reader is told beforehand.
func TestNotStored(t *testing.T) {
	inWorld(t, allowing, func(t *testing.T, w *world) {
		till := w.lease.till()
		r := w.offline("order-1", 100)
		r.Currency = 124
		_, err := w.engine.Accept(till, r)
		wantRefusal(t, err, CodeOffline)
		r = w.offline("order-1", 100)
		r.Kind = Preauth
		_, err = w.engine.Accept(till, r)
		if wantRefusal(t, err, CodeInvalid).Field != "offline" {
			t.Error(err)
		}
		w.reader.presents(cardOffline)
		wantFinal(t, w.pay(t, w.sale("order-1", 100)), Failed, CodeOfflineRefused) // the till has not said so
		if w.reader.order().Offline {
			t.Error("the reader may approve what the till has not allowed")
		}
		w.reader.presents(cardStandsIn)
		w.host.will(hostUnreached)
		wantFinal(t, w.pay(t, w.sale("order-1", 100)), Failed, CodeUnreachable)
		w.pay(t, w.offline("order-1", 100))
		if !w.reader.order().Offline {
			t.Error("the reader was not told that the card may approve")
		}
	})
	for _, change := range []func(*ForwardPolicy){
		func(f *ForwardPolicy) { f.Max = 0 }, func(f *ForwardPolicy) { f.Sum = 0 }, func(f *ForwardPolicy) { f.Count = 0 },
		func(f *ForwardPolicy) { f.Age = 0 }, func(f *ForwardPolicy) { f.Currency = 0 },
	} {
		inWorld(t, func(w *world) { allowing(w); change(&w.config.Policy.Forward) }, func(t *testing.T, w *world) {
			_, err := w.engine.Accept(w.lease.till(), w.offline("order-1", 100))
			wantRefusal(t, err, CodeOffline)
		})
	}
}

// TestQueue: what the heartbeats tell, and the caps of number, sum and age.
func TestQueue(t *testing.T) {
	inWorld(t, func(w *world) {
		w.config.Policy.Forward = ForwardPolicy{Currency: 840, Max: 1000, Sum: 1700, Count: 3, Age: 4 * time.Hour}
	}, func(t *testing.T, w *world) {
		if q := w.engine.Queue(); q != (Queue{}) {
			t.Errorf("%+v", q)
		}
		w.host.goes(true)
		pay := func(n int, amount uint64) string {
			w.reader.presents(cardOffline)
			return w.pay(t, w.offline(fmt.Sprint("order-", n), amount)).Code
		}
		if got := pay(1, 1001); got != CodeOfflineLimit {
			t.Error(got)
		}
		began := time.Now()
		for n, want := range []string{CodeApprovedAlone, CodeOfflineLimit, CodeApprovedAlone, CodeApprovedAlone, CodeOfflineLimit} {
			amount := []uint64{1000, 701, 500, 100, 1}[n] // 1701, and a fourth one, are too much
			if got := pay(10+n, amount); got != want {
				t.Errorf("%d: %s, want %s", n, got, want)
			}
		}
		q := w.engine.Queue()
		if q.Count != 3 || q.Sum != 1600 || q.Currency != 840 || !q.Full || q.Oldest.Before(began.Add(-time.Second)) || q.Oldest.After(began.Add(4*time.Second)) {
			t.Errorf("%+v", q)
		}
		if err := w.crash(journaltest.Synced, nil); err != nil { // a start does not change it
			t.Fatal(err)
		}
		if again := w.engine.Queue(); again.Count != 3 || again.Sum != 1600 || !again.Oldest.Equal(q.Oldest) {
			t.Errorf("%+v", again)
		}
		w.host.goes(false)
		time.Sleep(time.Hour)
		if q := w.engine.Queue(); q != (Queue{}) {
			t.Errorf("%+v", q)
		}
		// The oldest is too old: nothing more, though there is room.
		w.host.goes(true)
		if got := pay(20, 10); got != CodeApprovedAlone {
			t.Error(got)
		}
		time.Sleep(4 * time.Hour)
		if got := pay(21, 10); got != CodeOfflineLimit || !w.engine.Queue().Full {
			t.Error(got)
		}
	})
}

// TestHostIsBack: what waits does not wait for the end of its pause when the host answers something else, or is known to be
// back.
func TestHostIsBack(t *testing.T) {
	inWorld(t, allowing, func(t *testing.T, w *world) {
		for n, back := range []func(){
			func() { w.pay(t, w.sale("other", 7)) },
			w.engine.Forward,
		} {
			w.host.goes(true)
			w.reader.presents(cardOffline)
			r := w.offline(fmt.Sprint("order-", n), uint64(100+n))
			w.pay(t, r)
			time.Sleep(5 * time.Hour) // the pauses are of 15 minutes by now
			w.host.goes(false)
			back()
			time.Sleep(time.Second)
			if s := w.status(t, r); s.Sending != SAFDone {
				t.Errorf("%d: %+v", n, s)
			}
		}
	})
}

// drain stores payments while nobody reaches the host, and then sends them through everything that can happen: answers that
// are lost, slow ones, the key pressed again and again, losses of power. It returns what is wrong.
func drain(t *testing.T, random *rand.Rand, m mutant) (fault string) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.config.Policy.Forward = ForwardPolicy{Currency: 840, Max: 10_000, Sum: 1_000_000, Count: 100, Age: 48 * time.Hour}
		switch m {
		case newIDOnDrain:
			w.newIDOnDrain()
		case twoDrains:
			w.drains = 2
		default:
		}
		if err := w.start(); err != nil {
			t.Fatal(err)
		}
		const orders = 8
		w.host.goes(true)
		requests := make([]Request, orders)
		for n := range requests {
			w.reader.presents([]cardDoes{cardOffline, cardStandsIn}[n%2])
			requests[n] = w.offline(fmt.Sprint("order-", n), uint64(1000+n))
			if f := w.pay(t, requests[n]); f.Code != CodeApprovedAlone {
				t.Fatal(f.Code)
			}
		}
		w.host.goes(false)
		for range 30 {
			does := make([]hostDoes, random.IntN(4))
			for i := range does {
				does[i] = []hostDoes{hostSlow, hostSlow, hostLosesAnswer, hostLosesAsk, hostMangles, hostUnreached}[random.IntN(6)]
			}
			w.host.willAside(does...)
			for range random.IntN(3) {
				w.engine.Forward()
				time.Sleep(time.Duration(random.IntN(3000)) * time.Millisecond)
			}
			if random.IntN(4) == 0 {
				if err := w.crash(journaltest.Kept(random.IntN(3)), random); err != nil {
					t.Fatal(err)
				}
			}
		}
		w.host.willAside()
		time.Sleep(2 * time.Hour)
		switch taken := w.host.charged(); {
		case w.host.doubled() != nil:
			fault = fmt.Sprintf("%v were taken twice", w.host.doubled())
		case len(taken) != orders:
			fault = fmt.Sprintf("%d orders, and %d charges", orders, len(taken))
		case w.host.overlaps > 0:
			fault = "one was sent while it was being sent"
		case len(w.host.told) != orders:
			fault = fmt.Sprintf("%d orders, and %d traces", orders, len(w.host.told))
		}
		for _, r := range requests {
			if s := w.status(t, r); s.Sending != SAFDone && fault == "" {
				fault = fmt.Sprintf("%+v", s)
			}
		}
		_ = w.engine.Close()
	})
	return fault
}

// TestDrainNeverDoubles: however a queue of stored payments is sent, each is charged once, by one trace, and one at a time; and
// engines that are wrong in it on purpose are found.
func TestDrainNeverDoubles(t *testing.T) {
	const rounds = 40
	for seed := range uint64(rounds) {
		if fault := drain(t, rand.New(rand.NewPCG(seed, 1)), sane); fault != "" {
			t.Fatalf("round %d: %s", seed, fault)
		}
	}
	for m, name := range map[mutant]string{newIDOnDrain: "a new id for each try", twoDrains: "two drains"} {
		found := 0
		for seed := range uint64(rounds) {
			if drain(t, rand.New(rand.NewPCG(seed, 1)), m) != "" {
				found++
			}
		}
		if found < rounds/4 {
			t.Errorf("%s was found in %d of %d rounds", name, found, rounds)
		}
	}
}

// TestForwardRecovery loses power right after each record of a stored payment.
func TestForwardRecovery(t *testing.T) {
	for _, c := range []struct {
		last   State
		card   cardDoes
		result Result
		code   string
		states []State // what follows at the start
	}{
		{CardIn, cardOffline, Failed, CodePowerLoss, []State{Finished}},
		{Commit, cardOffline, Failed, CodePowerLoss, []State{Finished}},
		{HostAnswered, cardStandsIn, Failed, CodeUnreachable, []State{Finished}},
		{GAC2Done, cardStandsIn, Failed, CodeUnreachable, []State{Finished}},
		{SAFStored, cardOffline, Approved, CodeApprovedAlone, []State{Finished, SAFSent, SAFDone}},
		{SAFStored, cardStandsIn, Approved, CodeApprovedAlone, []State{Finished, SAFSent, SAFDone}},
		{Finished, cardOffline, Approved, CodeApprovedAlone, []State{SAFSent, SAFDone}},
		{SAFSent, cardOffline, Approved, CodeApprovedAlone, []State{SAFSent, SAFDone}},
		{SAFDone, cardOffline, Approved, CodeApprovedAlone, nil},
	} {
		t.Run(fmt.Sprintf("%s %d", c.last, c.card), func(t *testing.T) {
			inWorld(t, func(w *world) {
				allowing(w)
				told := w.config.Notify
				w.config.Notify = func(e Event) {
					if told(e); e.State == c.last {
						w.fs.Crash()
					}
				}
			}, func(t *testing.T, w *world) {
				w.reader.presents(c.card)
				if c.card == cardStandsIn {
					w.host.will(hostUnreached)
				}
				r := w.offline("order-1", 1250)
				_, _ = w.engine.Accept(w.lease.till(), r)
				time.Sleep(3 * time.Minute)
				if !w.fs.Dead() {
					t.Fatal("it never got there")
				}
				w.host.power = func() bool { return true }
				before := len(w.states(r.RequestID))
				w.config.Notify = newRecorder(w)
				if err := w.crash(journaltest.Synced, nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				if got := w.states(r.RequestID)[before:]; !slices.Equal(got, c.states) {
					t.Errorf("%v", got)
				}
				wantFinal(t, w.final(t, r.RequestID), c.result, c.code)
				if _, charged := w.host.charged()[1250]; charged != (c.result == Approved) || w.host.doubled() != nil {
					t.Errorf("charged: %t", charged)
				}
			})
		})
	}
}

// TestLateDecline: the host refuses what was stored. The Final stands, the till is told until it has taken note, nobody is
// charged, and the order may be paid again.
func TestLateDecline(t *testing.T) {
	inWorld(t, func(w *world) { allowing(w); w.config.CompactAt = 1 }, func(t *testing.T, w *world) {
		till := w.lease.till()
		w.host.goes(true)
		w.reader.presents(cardOffline)
		r := w.offline("order-1", 100)
		w.pay(t, r)
		if err := w.engine.Note(till, r.RequestID); kernel.CodeOf(err) != CodeInvalid {
			t.Errorf("noted before it was refused: %v", err)
		}
		w.host.willAside(hostRefuses)
		w.host.goes(false)
		w.host.willAside(hostRefuses)
		time.Sleep(time.Hour)
		want := Event{POS: "till-1", RequestID: r.RequestID, State: SAFDeclined, HostCode: "05"}
		w.mu.Lock()
		told := slices.Contains(w.events, want)
		w.mu.Unlock()
		if !told {
			t.Error("nobody was told")
		}
		for range 3 { // over starts and compactions, too
			if u := w.engine.Refused("till-1"); len(u) != 1 || u[0] != want {
				t.Errorf("%+v", u)
			}
			s := w.status(t, r)
			if s.Sending != SAFDeclined || s.HostCode != "05" || s.Final.Code != CodeApprovedAlone || s.Final.Result != Approved {
				t.Errorf("%+v", s)
			}
			if err := w.crash(journaltest.Synced, nil); err != nil {
				t.Fatal(err)
			}
		}
		for _, kind := range []Kind{Refund, Void, Adjust} {
			_, err := w.engine.Accept(till, w.about(kind, "order-1", r, 100))
			wantRefusal(t, err, CodeReference)
		}
		wantFinal(t, w.pay(t, w.sale("order-1", 200)), Approved, CodeApproved)
		for range 2 {
			if err := w.engine.Note(till, r.RequestID); err != nil {
				t.Fatal(err)
			}
		}
		if u := w.engine.Refused("till-1"); u != nil {
			t.Errorf("%+v", u)
		}
		if err := w.crash(journaltest.Synced, nil); err != nil {
			t.Fatal(err)
		}
		if s := w.status(t, r); s.Sending != SAFDeclined || s.HostCode != "05" || w.engine.Refused("till-1") != nil {
			t.Errorf("%+v", s)
		}
		if taken := w.host.charged(); len(taken) != 1 || taken[200] != Sale {
			t.Errorf("%v", taken)
		}
	})
}

// TestAboutStored: what may be done with a stored payment before the host has it, and after.
func TestAboutStored(t *testing.T) {
	store := func(t *testing.T, w *world, order string, amount uint64) Request {
		t.Helper()
		w.reader.presents(cardOffline)
		r := w.offline(order, amount)
		wantFinal(t, w.pay(t, r), Approved, CodeApprovedAlone)
		return r
	}
	inWorld(t, allowing, func(t *testing.T, w *world) {
		till := w.lease.till()
		w.host.goes(true)
		r := store(t, w, "order-1", 1000)
		time.Sleep(time.Minute) // it was tried, and not a byte left
		for _, kind := range []Kind{Refund, Adjust} {
			_, err := w.engine.Accept(till, w.about(kind, "order-1", r, 1000))
			wantRefusal(t, err, CodeStored)
		}
		// A void of what the host has not heard of is done at once, and for ever.
		void := w.about(Void, "order-1", r, 0)
		if _, err := w.engine.Accept(till, void); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if s := w.status(t, void); s.Final == nil || s.Final.Result != Approved || s.Sending != NoState {
			t.Errorf("%+v", s)
		}
		w.final(t, void.RequestID)
		if q := w.engine.Queue(); q != (Queue{}) {
			t.Errorf("%+v", q)
		}
		if err := w.crash(journaltest.Synced, nil); err != nil {
			t.Fatal(err)
		}
		w.host.goes(false)
		time.Sleep(time.Hour)
		if len(w.host.told) != 1 || len(w.host.charged()) != 0 || w.host.booked() { // those tries went nowhere
			t.Errorf("%v %v", w.host.told, w.host.charged())
		}
		if s := w.status(t, r); !s.Voided || s.Sending != NoState {
			t.Errorf("%+v", s)
		}

		// The host may have it: the void waits behind it.
		for n, does := range []hostDoes{hostLosesAnswer, hostLosesAsk} {
			w.host.willAside(does)
			r = store(t, w, "order-2", uint64(2000+n))
			time.Sleep(time.Second)
			void = w.about(Void, "order-2", r, 0)
			wantFinal(t, w.pay(t, void), Approved, CodeApproved)
			time.Sleep(time.Hour)
			if b := w.host.line(-1); !b.reversed || b.total != uint64(2000+n) || len(w.host.charged()) != 0 {
				t.Errorf("%+v", b)
			}
		}

		// It is on its way, and does not get out: the void need not wait for the host.
		w.host.goes(true)
		w.host.hang(30 * time.Second)
		r = store(t, w, "order-3", 3000)
		time.Sleep(time.Second)
		void = w.about(Void, "order-3", r, 0)
		if _, err := w.engine.Accept(till, void); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if s := w.status(t, void); s.Final != nil || s.Sending != ReversalDue {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Minute)
		wantFinal(t, w.final(t, void.RequestID), Approved, CodeApproved)
		w.host.hang(0)
		w.host.goes(false)
		time.Sleep(time.Hour)
		if len(w.host.charged()) != 0 || w.engine.Pending() != nil {
			t.Errorf("%v", w.host.charged())
		}

		// The host has it: it is a payment like others.
		r = store(t, w, "order-4", 4000)
		time.Sleep(time.Minute)
		wantFinal(t, w.pay(t, w.about(Adjust, "order-4", r, 4400)), Approved, CodeApproved)
		wantFinal(t, w.pay(t, w.about(Refund, "order-4", r, 400)), Approved, CodeApproved)
		if taken := w.host.charged(); taken[4400] != Sale || taken[400] != Refund || len(taken) != 2 {
			t.Errorf("%v", taken)
		}
		if !w.host.of.Offline || w.host.of.AuthCode != "F1F2F3" {
			t.Errorf("the original was named as %+v", w.host.of)
		}
	})
}

// TestDuplicate: a host that says to a repeat that it has had it has taken it; to a first try that is a no.
func TestDuplicate(t *testing.T) {
	for _, lost := range []bool{true, false} {
		inWorld(t, func(w *world) {
			allowing(w)
			w.config.Host = &duplicates{simHost: w.host, lost: lost}
		}, func(t *testing.T, w *world) {
			w.reader.presents(cardOffline)
			r := w.offline("order-1", 100)
			w.pay(t, r)
			time.Sleep(time.Hour)
			want := map[bool]State{true: SAFDone, false: SAFDeclined}[lost]
			if s := w.status(t, r); s.Sending != want {
				t.Errorf("%+v, want %s", s, want)
			}
		})
	}
}

// duplicates is a host that says 94.
type duplicates struct {
	*simHost
	lost bool // the first time it says nothing
}

func (h *duplicates) Advise(context.Context, *Advice) (Answer, error) {
	if h.lost {
		h.lost = false
		return Answer{}, errNetwork
	}
	return Answer{Code: "94"}, nil
}

// TestUnread: a host that does not know the terminal's key, or half approves, has not decided.
func TestUnread(t *testing.T) {
	for _, answer := range []Answer{{Code: "98"}, {Code: "89"}, {Code: "96"}, {Code: "10", Amount: 99}, {Code: "00", Amount: 99}, {Code: "?"}} {
		inWorld(t, func(w *world) {
			allowing(w)
			w.config.Host = &says{w.host, answer}
		}, func(t *testing.T, w *world) {
			w.reader.presents(cardOffline)
			r := w.offline("order-1", 100)
			w.pay(t, r)
			time.Sleep(3 * time.Hour)
			if s, q := w.status(t, r), w.engine.Queue(); s.Sending != SAFSent || q.Count != 1 || q.Sum != 100 {
				t.Errorf("%+v: %+v %+v", answer, s, q)
			}
		})
	}
}

// says is a host that has one answer to advices.
type says struct {
	*simHost
	answer Answer
}

func (h *says) Advise(context.Context, *Advice) (Answer, error) { return h.answer, nil }

// TestForwardSecrets: of a stored payment the journal has the cryptogram and what is enciphered, and nothing of the card that
// is to be kept from anybody; nor has what the host is told, besides.
func TestForwardSecrets(t *testing.T) {
	inWorld(t, allowing, func(t *testing.T, w *world) {
		w.host.goes(true)
		for n, does := range []cardDoes{cardOffline, cardStandsIn} {
			w.reader.presents(does)
			w.pay(t, w.offline(fmt.Sprint("order-", n), 100))
		}
		time.Sleep(time.Minute)
		var all string
		names, _ := w.fs.List()
		for _, n := range names {
			all += string(w.fs.Bytes(n))
		}
		for _, p := range w.engine.book.live {
			all += fmt.Sprintf("%s%X", p.Stored.Chip, p.Stored.Chip)
			a := p.forwarding(1)
			all += fmt.Sprintf("%v %+v", a, *a)
			for _, tag := range []uint32{0x57, 0x5A, 0x5F20} {
				if v, found := findTag(p.Stored.Chip, tag); found {
					t.Errorf("%X is kept: %X", tag, v)
				}
			}
			if v, _ := findTag(p.Stored.Chip, 0x9F26); len(v) != 8 || string(p.Sent.Sealed) != "sealed" {
				t.Error("what the host needs is not there")
			}
		}
		for _, secret := range []string{plantedPAN, "\x47\x61\x73\x90", "JANE"} {
			if strings.Contains(all, secret) {
				t.Errorf("%q is kept", secret)
			}
		}
	})
}

// TestAloneTooLate: what the host has declined once, and what the till wants to have reversed, is not approved by the card.
func TestAloneTooLate(t *testing.T) {
	inWorld(t, func(w *world) { allowing(w); w.config.Reader = insisting{} }, func(t *testing.T, w *world) {
		w.host.will(hostDeclines, hostUnreached)
		wantFinal(t, w.pay(t, w.offline("order-1", 100)), Failed, CodeUnreachable)
		if q := w.engine.Queue(); q.Count != 0 {
			t.Errorf("%+v", q)
		}
	})
	inWorld(t, allowing, func(t *testing.T, w *world) {
		w.reader.presents(cardStandsIn)
		w.host.will(hostUnreached)
		r := w.offline("order-1", 100)
		if _, err := w.engine.Accept(w.lease.till(), r); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2500 * time.Millisecond) // between the host and the card's last word
		if c, err := w.engine.Cancel(w.lease.till(), r.RequestID, true); err != nil || c.State != HostAnswered || !c.Reversing {
			t.Fatalf("%+v %v", c, err)
		}
		wantFinal(t, w.final(t, r.RequestID), Failed, CodeUnreachable)
		if q := w.engine.Queue(); q.Count != 0 {
			t.Errorf("%+v", q)
		}
	})
}

// insisting is a reader that asks the host twice, and whose card then approves by itself.
type insisting struct{}

func (insisting) Take(ctx context.Context, _ Order, d Desk) (Taken, error) {
	c := Card{Entry: Insert, Brand: "visa"}
	if err := d.CardIn(ctx, c); err != nil {
		return Taken{}, err
	}
	for range 2 {
		if _, err := d.Authorise(ctx, Online{Card: c, Sealed: Sealed("sealed")}); err != nil {
			return Taken{}, err
		}
	}
	return Taken{Kind: kernel.ApprovedOffline, Card: c, Chip: clearingRecord(kernel.TC)}, nil
}

// TestVoidIsQuicker: a void comes between the moment in which the drain picks a stored payment and the one in which it sends.
func TestVoidIsQuicker(t *testing.T) {
	inWorld(t, allowing, func(t *testing.T, w *world) {
		w.host.goes(true)
		w.reader.presents(cardOffline)
		r := w.offline("order-1", 100)
		w.pay(t, r)
		picked := w.engine.book.payments[key{"till-1", r.RequestID}]
		wantFinal(t, w.pay(t, w.about(Void, "order-1", r, 0)), Approved, CodeApproved)
		w.host.goes(false)
		w.engine.try(picked)
		if w.host.booked() || w.status(t, r).Sending != NoState || w.engine.Err() != nil {
			t.Errorf("it was sent: %+v %v", w.status(t, r), w.engine.Err())
		}
	})
}
