package payment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/journal"
	"github.com/cardwright/emv/terminal/journal/journaltest"
)

// TestRecoveryTable is the table of recover.go: power is lost right after each record of a sale.
func TestRecoveryTable(t *testing.T) {
	for _, c := range []struct {
		last    State
		card    cardDoes
		host    hostDoes
		result  Result
		code    string
		charged bool
		states  []State // what follows at the start
	}{
		{Accepted, cardInserted, hostApproves, Failed, CodePowerLoss, false, []State{Finished}},
		{Prompting, cardInserted, hostApproves, Failed, CodePowerLoss, false, []State{Finished}},
		{CardIn, cardInserted, hostApproves, Failed, CodePowerLoss, false, []State{Finished}},
		{Commit, cardInserted, hostApproves, Failed, CodePowerLoss, false, []State{Finished}},
		{AuthSent, cardInserted, hostApproves, Failed, CodeReversed, false, []State{ReversalDue, ReversalSent, Reversed, Finished}},
		{AuthSent, cardTapped, hostApproves, Failed, CodeReversed, false, []State{ReversalDue, ReversalSent, Reversed, Finished}},
		{HostAnswered, cardInserted, hostApproves, Failed, CodeReversed, false, []State{ReversalDue, ReversalSent, Reversed, Finished}},
		{HostAnswered, cardTapped, hostApproves, Approved, CodeApproved, true, []State{Finished}},
		{HostAnswered, cardInserted, hostDeclines, Declined, CodeHostDeclined, false, []State{Finished}},
		{HostAnswered, cardInserted, hostUnreached, Failed, CodeUnreachable, false, []State{Finished}},
		{HostAnswered, cardInserted, hostApprovesLess, Declined, CodePartial, false, []State{ReversalDue, Finished, ReversalSent, Reversed}},
		{GAC2Done, cardInserted, hostApproves, Approved, CodeApproved, true, []State{Finished}},
		{GAC2Done, cardRemoved, hostApproves, Declined, CodeCardRemoved, false, []State{ReversalDue, Finished, ReversalSent, Reversed}},
		{ReversalDue, cardInserted, hostLosesAnswer, Failed, CodeNoAnswer, false, []State{Finished, ReversalSent, Reversed}},
		{Finished, cardInserted, hostApproves, Approved, CodeApproved, true, nil},
	} {
		t.Run(fmt.Sprintf("%s %d %d", c.last, c.card, c.host), func(t *testing.T) {
			inWorld(t, func(w *world) {
				told := w.config.Notify
				w.config.Notify = func(e Event) {
					if told(e); e.State == c.last {
						w.fs.Crash()
					}
				}
			}, func(t *testing.T, w *world) {
				w.reader.presents(c.card)
				w.host.will(c.host)
				r := w.sale("order-1", 1250)
				_, _ = w.engine.Accept(w.lease.till(), r)
				time.Sleep(3 * time.Minute)
				if !w.fs.Dead() {
					t.Fatal("it never got there")
				}
				w.host.power = func() bool { return true }
				before := len(w.states(r.RequestID))
				w.screen.mu.Lock()
				shown := len(w.screen.shown)
				w.screen.mu.Unlock()
				w.config.Notify = newRecorder(w)
				if err := w.crash(journaltest.Synced, nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				w.screen.mu.Lock()
				for _, s := range w.screen.shown[shown:] {
					if s.About == AboutPresent {
						t.Error("it prompts after a start")
					}
				}
				w.screen.mu.Unlock()
				if got := w.states(r.RequestID)[before:]; !slices.Equal(got, c.states) {
					t.Errorf("%v", got)
				}
				if u := w.engine.Unacked("till-1"); len(u) != 1 {
					t.Fatalf("%+v", u)
				}
				wantFinal(t, w.final(t, r.RequestID), c.result, c.code)
				if _, charged := w.host.charged()[1250]; charged != c.charged {
					t.Errorf("charged: %t", charged)
				}
				// A second start changes nothing.
				if err := w.crash(journaltest.Synced, nil); err != nil {
					t.Fatal(err)
				}
				wantFinal(t, w.final(t, r.RequestID), c.result, c.code)
			})
		})
	}
}

func newRecorder(w *world) func(Event) {
	return func(e Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.events = append(w.events, e)
	}
}

// TestReversalOutlives: a reversal is repeated over several starts, with the same trace, until the host has it.
func TestReversalOutlives(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.host.will(hostLosesAnswer)
		w.host.willAside(slices.Repeat([]hostDoes{hostUnreached}, 50)...)
		r := w.sale("order-1", 100)
		wantFinal(t, w.pay(t, r), Failed, CodeNoAnswer)
		for range 4 {
			time.Sleep(10 * time.Minute)
			if err := w.crash(journaltest.Synced, nil); err != nil {
				t.Fatal(err)
			}
			if p := w.engine.Pending(); len(p) != 1 {
				t.Fatalf("%+v", p)
			}
		}
		due := *w.engine.book.live[0].Due
		w.host.willAside()
		time.Sleep(time.Hour)
		if !w.host.line(0).reversed || w.engine.Pending() != nil {
			t.Errorf("%+v", w.engine.Pending())
		}
		if due.STAN == 0 || due.Of.STAN == due.STAN || due.Reason != NoAnswer {
			t.Errorf("%+v", due)
		}
	})
}

// TestDamaged: what can be read is answered, nothing is taken, and what can't be known is not denied.
func TestDamaged(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		r, lost := w.sale("order-1", 100), w.sale("order-2", 200)
		w.pay(t, r)
		names, _ := w.fs.List()
		name := slices.Max(names)
		before := len(w.fs.Bytes(name))
		w.pay(t, lost)
		_ = w.engine.Close()
		b := w.fs.Bytes(name)
		if len(b) <= before {
			t.Fatal("a new segment began in between: the damage would be elsewhere")
		}
		b[before+20] ^= 1
		w.fs.Put(name, b)
		if err := w.start(); err != nil {
			t.Fatal(err)
		}
		if kernel.CodeOf(w.engine.Err()) != CodeJournalDamaged || !w.screen.saw(AboutDamaged) {
			t.Errorf("%v", w.engine.Err())
		}
		if s, err := w.engine.Status(w.lease.till(), r.RequestID); err != nil || s.Final == nil {
			t.Errorf("%+v %v", s, err)
		}
		_, err := w.engine.Status(w.lease.till(), lost.RequestID)
		wantRefusal(t, err, CodeJournalDamaged)
		_, err = w.engine.Accept(w.lease.till(), w.sale("order-3", 1))
		wantRefusal(t, err, CodeJournalDamaged)
		var out bytes.Buffer
		if err := journal.Export(w.fs, &out); err != nil || !strings.Contains(out.String(), `"verdict":"journal_damaged"`) {
			t.Errorf("%v", err)
		}
	})
}

// TestNoRoom: a disk that is full stops the terminal; nothing that was not written has happened.
func TestNoRoom(t *testing.T) {
	for op := 1; op < 18; op++ {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			if err := w.start(); err != nil {
				t.Fatal(err)
			}
			w.fs.FullAt(op)
			r := w.sale("order-1", 100)
			_, err := w.engine.Accept(w.lease.till(), r)
			time.Sleep(time.Minute)
			_ = w.engine.Ack(w.lease.till(), r.RequestID)
			if code := kernel.CodeOf(w.engine.Err()); code != CodeJournalFailed {
				t.Fatalf("operation %d: %v, %v", op, err, w.engine.Err())
			}
			_, err = w.engine.Accept(w.lease.till(), w.sale("order-2", 1))
			wantRefusal(t, err, CodeJournalFailed)
			_ = w.engine.Close()
			if err := w.start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			s, err := w.engine.Status(w.lease.till(), r.RequestID)
			if err != nil && kernel.CodeOf(err) != CodeNotFound {
				t.Fatal(err)
			}
			_, charged := w.host.charged()[100]
			if approved := s.Final != nil && s.Final.Result == Approved; approved != charged {
				t.Errorf("operation %d: %+v, charged %t", op, s.Final, charged)
			}
			_ = w.engine.Close()
		})
	}
}

// TestSecrets plants a card number, a track and a PIN wherever a hostile card, reader or host can put them, and looks for
// them in the journal, in events, on the screen and in errors.
func TestSecrets(t *testing.T) {
	const pan, pin = "4761739001010119", "PINBLOCK"
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.reader.card = Card{
			Entry: Insert, Number: pan, Label: "VISA " + pan, AID: "A0000000031010", Token: pan + "0", CVM: pan, ARC: pan,
			Brand: "4761 7390 0101 0119", TVR: pan,
		}
		w.reader.chip = []byte{0x5A, 0x08, 0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x01, 0x19}
		w.reader.pin = []byte(pin)
		r := w.sale("order-1", 100)
		f := w.pay(t, r)
		if f.Receipt.Card.AID != "A0000000031010" {
			t.Errorf("%+v", f.Receipt.Card)
		}
		if !bytes.Equal(w.reader.pin, make([]byte, len(pin))) {
			t.Error("the PIN block was not wiped")
		}
		if s := fmt.Sprintf("%v %+v %s", PINBlock{Block: []byte(pin)}, &PINBlock{Block: []byte(pin)}, PINBlock{Block: []byte(pin)}); strings.Contains(s, pin) {
			t.Error(s)
		}
		a := &Authorisation{Chip: w.reader.chip, Sealed: Sealed(pan), PIN: &PINBlock{Block: []byte(pin)}}
		places := map[string]string{"an authorisation": fmt.Sprintf("%v %+v", a, *a)}
		names, _ := w.fs.List()
		for _, n := range names {
			places["the journal"] += string(w.fs.Bytes(n))
		}
		w.mu.Lock()
		events, err := json.Marshal(w.events)
		w.mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		places["events"] = string(events)
		shown, _ := json.Marshal(w.screen.shown)
		places["the screen"] = string(shown)
		for where, text := range places {
			spaced := strings.ReplaceAll(text, " ", "")
			for _, secret := range []string{pan, pan[:12], pin, string(w.reader.chip[2:])} {
				if strings.Contains(spaced, secret) {
					t.Errorf("%s shows %q", where, secret)
				}
			}
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	if _, err := Open(Config{}); err == nil {
		t.Error("an empty configuration was taken")
	}
	fs := journaltest.New()
	j, err := journal.Open(fs, journal.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, payload := range []string{`{`, `{"pos":"a"}`} {
		if _, err := j.Append(journal.Kind(AuthSent), []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	_ = j.Close()
	w := newWorld()
	w.fs = fs
	if err := w.start(); err == nil {
		t.Error("a journal that makes no sense was taken")
	}
}

// FuzzBook folds any records: it never panics, and the book stays one.
func FuzzBook(f *testing.F) {
	f.Add(uint8(1), []byte(`{"pos":"a","id":"1","request":{"order_ref":"o","kind":"sale","amount":1},"hash":"x"}`), uint8(5), []byte(`{"pos":"a","id":"1","sent":{"stan":1}}`))
	f.Add(uint8(18), []byte(`{"summary":{"pos":"a","id":"1"},"details":{}}`), uint8(8), []byte(`{"pos":"a","id":"1","final":{"result":"approved"}}`))
	f.Add(uint8(18), []byte(`{"summary":{"pos":"a","id":"1","state":"ACKED"},"details":{}}`), uint8(17), []byte(`{"pos":"a","id":"1"}`))
	f.Add(uint8(1), []byte(`{"pos":"a","id":"1","request":{"kind":"void"}}`), uint8(10), []byte(`{"pos":"a","id":"1","due":{"stan":2}}`))
	f.Add(uint8(18), []byte(`{"summary":{"pos":"a","id":"1","offline":true,"state":"FINAL"},"details":{}}`), uint8(15), []byte(`{"pos":"a","id":"1","answer":{"code":"00"}}`))
	f.Add(uint8(18), []byte(`{"summary":{"pos":"a","id":"1","kind":"sale"},"details":{}}`), uint8(13), []byte(`{"pos":"a","id":"1","sent":{"stan":2},"stored":{"arc":"Y1"}}`))
	f.Add(uint8(18), []byte(`{"summary":{"pos":"a","id":"1","kind":"sale","offline":true,"state":"ACKED","sending":"SAF_DECLINED"},"details":{"sent":{}}}`), uint8(20), []byte(`{"pos":"a","id":"1"}`))
	f.Fuzz(func(t *testing.T, k1 uint8, p1 []byte, k2 uint8, p2 []byte) {
		b := newBook()
		for _, r := range []journal.Record{{Kind: journal.Kind(k1), Payload: p1}, {Kind: journal.Kind(k2), Payload: p2}, {Kind: journal.Kind(k2), Payload: p2}} {
			if err := b.read(r); err != nil {
				return
			}
		}
		if len(b.all) != len(b.payments) {
			t.Fatalf("%d payments, %d keys", len(b.all), len(b.payments))
		}
	})
}

var errTest = errors.New("test")

func TestReady(t *testing.T) {
	inWorld(t, func(w *world) { w.config.Ready = func() error { return errTest } }, func(t *testing.T, w *world) {
		_, err := w.engine.Accept(w.lease.till(), w.sale("order-1", 1))
		if wantRefusal(t, err, CodeNotReady); !errors.Is(err, errTest) {
			t.Error(err)
		}
	})
	// What may be stored needs everything but the host.
	why := fmt.Errorf("echo: %w", ErrHostAway)
	inWorld(t, func(w *world) { allowing(w); w.config.Ready = func() error { return why } }, func(t *testing.T, w *world) {
		w.host.goes(true)
		for n, c := range []struct {
			allow  bool
			amount uint64
			why    error
			ok     bool
		}{
			{true, 100, why, true},
			{false, 100, why, false},
			{true, forwarding().Max + 1, why, false},
			{true, 100, errTest, false},
		} {
			why = c.why
			r := w.sale(fmt.Sprint("order-", n), c.amount)
			r.Offline.Allow = c.allow
			if !c.ok {
				_, err := w.engine.Accept(w.lease.till(), r)
				wantRefusal(t, err, CodeNotReady)
				continue
			}
			w.reader.presents(cardOffline)
			wantFinal(t, w.pay(t, r), Approved, CodeApprovedAlone)
		}
	})
}
