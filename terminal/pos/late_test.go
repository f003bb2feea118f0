package pos_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// A host that refuses later what the card had approved: the till keeps that before it says that it knows, tells its app once,
// and lets the order be paid again. P5
func TestLate(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	path := filepath.Join(t.TempDir(), "book.json")
	c.Book = must[*pos.Book](t)(pos.OpenBook(path))
	h := &heard{}
	c.Events = h.hear
	r, stop := start(t, c)
	term := pair(t, r, d)
	d.set(func() { d.offline = true })
	allowed := sale("o-1", 1250)
	allowed.Offline = wire.Offline{Mode: "allow", Max: 2000}
	f := must[*wire.Final](t)(term.Pay(within(t), allowed))
	if !f.Offline {
		t.Fatalf("%+v", f)
	}
	_, err := term.Pay(within(t), allowed)
	wantCode(t, err, wire.CodeOrderHasOutcome)
	stop()

	// The till's disk refuses: what is not stored is not noted.
	d.set(func() {
		d.late[f.RequestID] = &wire.PaymentLate{RequestID: f.RequestID, OrderRef: "o-1", HostCode: "51", Total: 1250, Currency: "GBP"}
	})
	broken := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(broken, 0o700); err != nil {
		t.Fatal(err)
	}
	text := must[[]byte](t)(os.ReadFile(path))
	if err := os.WriteFile(filepath.Join(broken, "book.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Book = must[*pos.Book](t)(pos.OpenBook(filepath.Join(broken, "book.json")))
	if err := os.RemoveAll(broken); err != nil {
		t.Fatal(err)
	}
	_, stop = start(t, c)
	until(t, "the till says that it can't keep it", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return len(h.bad) > 0 })
	stop()
	if d.set(func() {
		if d.noted[f.RequestID] {
			t.Error("noted, and not kept")
		}
	}); h.lates() != 0 {
		t.Error("told, and not kept")
	}

	// With its disk it keeps it, and says so; a second time it says so again, and its app hears nothing.
	c.Book = must[*pos.Book](t)(pos.OpenBook(path))
	_, stop = start(t, c)
	until(t, "the till has noted it", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.noted[f.RequestID] })
	stop()
	if h.lates() != 1 || h.late[0].HostCode != "51" || h.late[0].OrderRef != "o-1" {
		t.Errorf("%+v", h.late)
	}
	c.Book = must[*pos.Book](t)(pos.OpenBook(path))
	e, ok := c.Book.Find(f.RequestID)
	if !ok || e.Late == nil || e.Late.Total != 1250 || e.Final == nil || e.Final.Result != wire.Approved || e.Paid() {
		t.Fatalf("%+v", e)
	}
	d.set(func() { d.noted, d.offline = map[string]bool{}, false }) // the terminal has lost the note
	r, _ = start(t, c)
	until(t, "it is noted again", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.noted[f.RequestID] })
	if h.lates() != 1 {
		t.Errorf("told %d times", h.lates())
	}
	again := must[*wire.Final](t)(must[*pos.Terminal](t)(r.Terminal("")).Pay(within(t), allowed))
	if again.RequestID == f.RequestID || again.Result != wire.Approved || again.Offline {
		t.Errorf("%+v", again)
	}
}

// A late refusal of what the till has no approval of is not noted: somebody has to look.
func TestLateOfNothing(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	h := &heard{}
	c.Events = h.hear
	r, _ := start(t, c)
	term := pair(t, r, d)
	d.set(func() { d.result = wire.Declined })
	f := must[*wire.Final](t)(term.Pay(within(t), sale("o-1", 1250)))
	const unknown = "01JDC3V8Q4ZT5R6Y7W8X9ABCDF"
	d.set(func() {
		for _, id := range []string{f.RequestID, unknown} {
			d.late[id] = &wire.PaymentLate{RequestID: id, OrderRef: "o-1", Total: 1250, Currency: "GBP"}
		}
	})
	d.conns.cut()
	until(t, "both are refused", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return len(h.bad) >= 2 })
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, code := range h.bad {
		if code != wire.CodeNotFound {
			t.Errorf("%s", code)
		}
	}
	if d.set(func() {
		if len(d.noted) != 0 {
			t.Errorf("%v", d.noted)
		}
	}); len(h.late) != 0 {
		t.Errorf("%+v", h.late)
	}
}

// A book whose late refusal is not one is damaged, and not overwritten.
func TestLateDamaged(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	path := filepath.Join(t.TempDir(), "book.json")
	c.Book = must[*pos.Book](t)(pos.OpenBook(path))
	r, stop := start(t, c)
	f := must[*wire.Final](t)(pair(t, r, d).Pay(within(t), sale("o-1", 1250)))
	stop()
	text := string(must[[]byte](t)(os.ReadFile(path)))
	for late, good := range map[string]bool{
		`{"request_id":"` + f.RequestID + `","order_ref":"o-1","total":1250,"currency":"GBP"}`: true,
		`{"request_id":"` + f.RequestID + `","order_ref":"o-1","total":-1,"currency":"GBP"}`:   false,
		`{"request_id":"x","order_ref":"o-1","total":1250,"currency":"GBP"}`:                   false,
	} {
		if err := os.WriteFile(path, []byte(strings.Replace(text, `"final":`, `"late":`+late+`,"final":`, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := pos.OpenBook(path); (err == nil) != good {
			t.Errorf("%s: %v", late, err)
		}
	}
}

// What the terminal's heartbeats tell of its queue is in the list of terminals, and told when it changes.
func TestWaits(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	h := &heard{}
	c.Events = h.hear
	r, _ := start(t, c)
	d.set(func() {
		d.beat = wire.Heartbeat{Queued: 2, QueuedSum: 2500, OldestAge: 60, QueueFull: true, Unanswered: 1}
	})
	pair(t, r, d)
	until(t, "the figures", func() bool {
		w := r.List()[0].Waits
		return w.Queued == 2 && w.QueuedSum == 2500 && w.OldestAge >= 60 && w.QueueFull && w.Unanswered == 1
	})
	d.set(func() { d.beat.OldestAge = 65 }) // alone, that is no change
	until(t, "its age", func() bool { return r.List()[0].Waits.OldestAge == 65 })
	d.set(func() { d.beat = wire.Heartbeat{} })
	until(t, "it is empty", func() bool { return r.List()[0].Waits == wire.Heartbeat{} })
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waits) != 2 || h.waits[0].Queued != 2 || h.waits[1] != (wire.Heartbeat{}) {
		t.Errorf("%+v", h.waits)
	}
}

// A disk that is full for a while: the terminal tells once on each connection, and the till takes it down on this one as soon
// as it can. P5
func TestTakenDownLater(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	folder := filepath.Join(t.TempDir(), "book")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	c.Book = must[*pos.Book](t)(pos.OpenBook(filepath.Join(folder, "book.json")))
	h := &heard{}
	c.Events = h.hear
	r, _ := start(t, c)
	term := pair(t, r, d)
	d.set(func() { d.offline = true })
	allowed := sale("o-1", 1250)
	allowed.Offline = wire.Offline{Mode: "allow", Max: 2000}
	first := must[*wire.Final](t)(term.Pay(within(t), allowed))
	d.set(func() { d.hold = true })
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan struct{})
	go func() { // the app stops waiting for the second
		defer close(left)
		_, _ = term.Pay(ctx, sale("o-2", 99))
	}()
	until(t, "the second", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.asked) == 2 })
	cancel()
	<-left
	second := c.Book.Open()[0].Request.RequestID

	if err := os.Rename(folder, folder+"-away"); err != nil {
		t.Fatal(err)
	}
	till := must[*session.Till](t)(d.server.Till("till-7"))
	d.set(func() {
		late := &wire.PaymentLate{RequestID: first.RequestID, OrderRef: "o-1", HostCode: "51", Total: 1250, Currency: "GBP"}
		d.late[first.RequestID], d.hold = late, false
		if err := errors.Join(till.Send(wire.TypeFinal, "", d.finals[second]), till.Send(wire.TypePayLate, "", late)); err != nil {
			t.Error(err)
		}
	})
	until(t, "the till says that it can't keep them", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return len(h.bad) >= 2 })
	if h.heardOf(second) || h.lates() != 0 {
		t.Error("told, and not kept")
	}
	if err := os.Rename(folder+"-away", folder); err != nil {
		t.Fatal(err)
	}
	until(t, "the terminal knows that it has them", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.acked[second] && d.noted[first.RequestID]
	})
	until(t, "the app has heard", func() bool { return h.heardOf(second) && h.lates() == 1 })
	if e, ok := c.Book.Find(first.RequestID); !ok || e.Late == nil || len(c.Book.Open()) != 0 {
		t.Errorf("%+v", e)
	}
}
