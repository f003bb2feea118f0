package display_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/wire"
)

// refused returns the code that an error carries.
func refused(err error) string {
	var r *display.Refusal
	var w *wire.Error
	switch {
	case errors.As(err, &r):
		return r.Code
	case errors.As(err, &w):
		return string(w.Code)
	case err != nil:
		return err.Error()
	}
	return ""
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// After a start nothing prompts (P4), and every scene of the catalogue is reached.
func TestScenes(t *testing.T) {
	var m display.Machine
	if s := m.State(); s.Screen != display.Welcome || s.Request != "" || s.Revision != 0 {
		t.Errorf("a new machine shows %+v", s)
	}
	seen := map[display.Screen]bool{}
	for _, sc := range scenes() {
		for _, language := range []string{"en", "sv", "fr"} {
			state := sc.start(t, language).State()
			seen[state.Screen] = true
			if state.Language != language {
				t.Errorf("%s is in %s", sc.name, state.Language)
			}
			b, err := json.Marshal(state)
			if err != nil || strings.Contains(string(b), "{") && strings.Contains(string(b), "{register}") {
				t.Errorf("%s: %s, %v", sc.name, b, err)
			}
		}
	}
	for _, s := range display.Screens() {
		if !seen[s] {
			t.Errorf("no scene shows %s", s)
		}
	}
}

// One payment at a time: what belongs to another one does not get to the screen (P3).
func TestOnePayment(t *testing.T) {
	d := plain(t, display.Config{})
	must(t, d.Step(paired))
	must(t, d.Step(display.Prompt{Request: "A", Amount: usd(100), Methods: []display.Method{display.Tap}}))
	for _, e := range []display.Event{
		display.Prompt{Request: "B", Amount: usd(100), Methods: []display.Method{display.Tap}},
		display.Accepted{Request: "B", Amount: usd(100)},
		display.Failed{Request: "B", Code: "E_NO_ANSWER"},
		display.Cancelled{Request: "B"},
		display.Failed{Code: "E_LOST"},
	} {
		if got := refused(d.Step(e)); got != "E_BUSY" {
			t.Errorf("%T: %q", e, got)
		}
	}
	for _, e := range []display.Event{display.Pair{Text: "X"}, display.Note{Text: "updating"}, display.OpenSettings{}, display.Expire{}} {
		if got := refused(d.Step(e)); got != "E_STATE" {
			t.Errorf("%T: %q", e, got)
		}
	}
	if s := d.State(); s.Screen != display.Present || s.Request != "A" || s.Swipe {
		t.Errorf("%+v", s)
	}
	must(t, d.Step(display.Accepted{Request: "A", Amount: usd(100)}))
	for _, e := range []display.Event{display.Choose{Request: "A", Labels: []string{"x"}}, display.PINProgress{Request: "A"}} {
		if got := refused(d.Step(e)); got != "E_STATE" {
			t.Errorf("after the payment, %T: %q", e, got)
		}
	}
}

// The panel opens on idle screens only (S56), and gives way to a payment.
func TestPanel(t *testing.T) {
	for _, sc := range scenes() {
		d := sc.start(t, "en")
		screen := d.State().Screen
		if screen == display.Settings {
			continue
		}
		may := !screen.Paying()
		if d.State().Swipe != may {
			t.Errorf("%s: swipe is %v", sc.name, !may)
		}
		if err := d.Step(display.OpenSettings{}); (err == nil) != may {
			t.Errorf("%s: %v", sc.name, err)
		}
		if !may {
			continue
		}
		if s := d.State(); s.Screen != display.Settings || s.Under != screen || s.Panel == nil {
			t.Errorf("%s: %s over %s", sc.name, s.Screen, s.Under)
		}
		must(t, d.Step(display.CloseSettings{}))
		if got := d.State().Screen; got != screen {
			t.Errorf("%s: closed to %s", sc.name, got)
		}
		must(t, d.Step(display.OpenSettings{}))
		must(t, d.Step(display.Prompt{Request: request, Amount: usd(1), Methods: []display.Method{display.Tap}}))
		if got := d.State(); got.Screen != display.Present || got.Panel != nil {
			t.Errorf("%s: the payment is behind the panel", sc.name)
		}
	}
}

// What was pressed on a screen that is gone counts for nothing, and an answer counts once.
func TestActions(t *testing.T) {
	var m display.Machine
	must(t, m.Step(paired))
	must(t, m.Step(display.AskTip{Request: "A", Amount: usd(1000), Options: []display.TipOption{{Percent: 15, Tip: 150}}, Other: true, Most: 500}))
	since := m.State().Since
	for _, c := range []struct {
		action display.Action
		code   string
		amount int64
	}{
		{display.Action{Kind: display.ActTip, Since: since - 1, Request: "A"}, "E_STALE", 0},
		{display.Action{Kind: display.ActTip, Since: since, Request: "B"}, "E_STALE", 0},
		{display.Action{Kind: display.ActTip, Since: since, Request: "A", Choice: 1}, "E_REQUEST", 0},
		{display.Action{Kind: display.ActTip, Since: since, Request: "A", Choice: -1, Amount: 501}, "E_REQUEST", 0},
		{display.Action{Kind: display.ActTip, Since: since, Request: "A", Choice: -1, Amount: -1}, "E_REQUEST", 0},
		{display.Action{Kind: display.ActConfirm, Since: since, Request: "A"}, "E_REQUEST", 0},
		{display.Action{Kind: display.ActOpen, Since: since, Request: "A"}, "E_STATE", 0},
		{display.Action{Kind: display.ActTip, Since: since, Request: "A", Choice: 0}, "", 150},
		{display.Action{Kind: display.ActTip, Since: since, Request: "A", Choice: 0}, "E_STALE", 0}, // twice
		{display.Action{Kind: display.ActCancel, Since: since, Request: "A"}, "E_STALE", 0},
	} {
		told, tell, err := m.Act(c.action)
		if refused(err) != c.code || tell != (c.code == "") || tell && told.Amount != c.amount {
			t.Errorf("%+v: %+v, %v, %v", c.action, told, tell, err)
		}
	}
}

// A result stays for its time, then the base is there again; a screen that came in between is left alone.
func TestHold(t *testing.T) {
	var ends []func()
	d := plain(t, display.Config{AfterFunc: func(_ time.Duration, f func()) func() bool {
		ends = append(ends, f)
		return func() bool { return false } // as late as a timer can be
	}})
	must(t, d.Step(paired))
	must(t, d.Step(display.Accepted{Request: "A", Amount: usd(1), Hold: time.Second}))
	must(t, d.Step(display.Refused{Request: "B", Amount: usd(1), Hold: time.Second}))
	ends[0]()
	if got := d.State().Screen; got != display.Declined {
		t.Errorf("the first time took the second result away: %s", got)
	}
	must(t, d.Step(display.OpenSettings{}))
	ends[1]()
	if s := d.State(); s.Screen != display.Settings || s.Under != display.Standby {
		t.Errorf("%s over %s", s.Screen, s.Under)
	}
	if len(ends) != 2 {
		t.Errorf("%d timers", len(ends))
	}
	d.Close()
	if got := refused(d.Step(paired)); got != "E_CLOSED" {
		t.Errorf("closed: %q", got)
	}
}

// While a payment is on the screen its cart stays, whatever the till sends (P3, P14).
func TestCartStaysDuringPayment(t *testing.T) {
	d := plain(t, display.Config{})
	must(t, d.Step(paired))
	must(t, d.CartSet(lunch()))
	_, before, err := d.ShownCart()
	must(t, err)
	must(t, d.Step(display.Prompt{Request: "A", Amount: usd(4404), Methods: []display.Method{display.Tap}}))
	other := long(3)
	must(t, d.CartSet(other))
	if _, got, err := d.ShownCart(); err != nil || got != before || d.State().Screen != display.Present {
		t.Errorf("the cart changed under the payment: %v", err)
	}
	must(t, d.Step(display.Cancelled{Request: "A"}))
	want, err := display.CartHash(other)
	must(t, err)
	if _, got, err := d.ShownCart(); err != nil || got != want {
		t.Errorf("the new cart is not there afterwards: %v", err)
	}
}

func TestCartFaults(t *testing.T) {
	d := plain(t, display.Config{})
	must(t, d.Step(paired))
	if _, _, err := d.ShownCart(); refused(err) != "E_NOT_FOUND" {
		t.Errorf("no cart: %v", err)
	}
	wrong := lunch()
	wrong.Total++
	if got := refused(d.CartSet(wrong)); got != "E_CART_SUM" {
		t.Errorf("a wrong total: %q", got)
	}
	if s := d.State(); s.Screen != display.Cart || !s.Cart.Faulty || !strings.Contains(s.Code, "E_CART_SUM") {
		t.Errorf("a wrong total is not shown: %+v", s)
	}
	if _, _, err := d.ShownCart(); refused(err) != "E_CART_SUM" {
		t.Errorf("it can be paid: %v", err)
	}
	right := lunch()
	right.Rev++
	must(t, d.CartSet(right))
	if _, _, err := d.ShownCart(); err != nil {
		t.Error(err)
	}
	bad := lunch()
	bad.Rev, bad.Lines[0].ID = 9, "2"
	if got := refused(d.CartSet(bad)); got != "E_BAD_MESSAGE" {
		t.Errorf("an id twice: %q", got)
	}
	if resync, err := d.CartPatch(&wire.CartPatch{CartID: "c1", Base: 20, Rev: 21, Ops: nil}); !resync || err != nil {
		t.Errorf("a patch of what is not here: %v, %v", resync, err)
	}
	if resync, err := d.CartPatch(&wire.CartPatch{CartID: "c1", Base: 6, Rev: 7}); resync || err != nil {
		t.Errorf("a patch that is late: %v, %v", resync, err)
	}
	must(t, d.Step(display.Link{State: display.Lost}))
	if got := d.State().Screen; got != display.Standby {
		t.Errorf("the till is gone and %s is shown", got)
	}
}

// Revisions may be lost, doubled and swapped: the newest one that came is shown, and after the whole of the last one
// it is that, line by line.
func TestCartRevisionsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := []*wire.CartSet{{CartID: "c", Rev: 1, Currency: "JPY", Locale: "ja", Lines: []wire.CartLine{}}}
		var frames []any
		for range rapid.IntRange(1, 15).Draw(t, "changes") {
			last := history[len(history)-1]
			p := &wire.CartPatch{CartID: "c", Base: last.Rev, Rev: last.Rev + uint64(rapid.IntRange(1, 3).Draw(t, "by"))}
			for range rapid.IntRange(1, 3).Draw(t, "ops") {
				id := fmt.Sprint(rapid.IntRange(1, 6).Draw(t, "id"))
				if slices.ContainsFunc(p.Ops, func(o wire.Op) bool { return o.ID == id || o.Line != nil && o.Line.ID == id }) {
					continue
				}
				there := slices.ContainsFunc(last.Lines, func(l wire.CartLine) bool { return l.ID == id })
				if there && rapid.Bool().Draw(t, "remove") {
					p.Ops = append(p.Ops, wire.Op{Op: "remove", ID: id})
				} else {
					a := int64(rapid.IntRange(0, 9999).Draw(t, "amount"))
					p.Ops = append(p.Ops, wire.Op{Op: "put", Line: &wire.CartLine{ID: id, Name: "n" + id, Qty: "1", Unit: a, Amount: a}})
				}
			}
			next := model(last, p)
			p.Subtotal, p.Total = next.Subtotal, next.Total
			history = append(history, next)
			frames = append(frames, p, next)
		}
		last := history[len(history)-1]
		frames = append(frames, any(history[0]))
		order := rapid.SliceOfN(rapid.IntRange(0, len(frames)-1), 0, 40).Draw(t, "arrivals")

		var m display.Machine
		must2(t, m.Step(paired))
		highest := uint64(0)
		for _, i := range append(order, slices.Index(frames, any(last))) {
			revision := m.State().Revision
			switch f := frames[i].(type) {
			case *wire.CartSet:
				must2(t, m.CartSet(f))
				highest = max(highest, f.Rev)
			case *wire.CartPatch:
				base := highest == f.Base
				if resync, err := m.CartPatch(f); err != nil || resync != (!base && f.Rev > highest) {
					t.Fatalf("patch %d on %d at %d: %v, %v", f.Rev, f.Base, highest, resync, err)
				} else if base {
					highest = f.Rev
				}
			}
			if s := m.State(); s.Cart != nil && s.Cart.Rev != highest {
				t.Fatalf("revision %d is shown, the newest is %d", s.Cart.Rev, highest)
			}
			if m.State().Revision < revision {
				t.Fatal("the display went back")
			}
		}
		_, got, err := m.ShownCart()
		want, err2 := display.CartHash(last)
		if err != nil || err2 != nil || got != want {
			t.Fatalf("the last cart is not shown: %v, %v", err, err2)
		}
	})
}

// model applies a patch in another way than the terminal does: line by line on a list.
func model(c *wire.CartSet, p *wire.CartPatch) *wire.CartSet {
	n := *c
	n.Rev, n.Lines = p.Rev, slices.Clone(c.Lines)
	for _, o := range p.Ops {
		i := slices.IndexFunc(n.Lines, func(l wire.CartLine) bool { return l.ID == o.ID || o.Line != nil && l.ID == o.Line.ID })
		switch {
		case o.Op == "remove":
			n.Lines = slices.Delete(n.Lines, i, i+1)
		case i >= 0:
			n.Lines[i] = *o.Line
		default:
			n.Lines = append(n.Lines, *o.Line)
		}
	}
	n.Subtotal = 0
	for _, l := range n.Lines {
		n.Subtotal += l.Amount
	}
	n.Total = n.Subtotal
	return &n
}

func must2(t *rapid.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Any events in any order: no panic, refusals change nothing, a payment is on the screen exactly while its id is, the
// panel never lies over one, and every state is one that the page can draw.
func TestAnyEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m display.Machine
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			before, err := json.Marshal(m.State())
			must2(t, err)
			e := event(t)
			var failed error
			switch e := e.(type) {
			case display.Event:
				failed = m.Step(e)
			case *wire.CartSet:
				failed = m.CartSet(e)
			case display.Action:
				_, _, failed = m.Act(e)
			}
			s := m.State()
			after, err := json.Marshal(s)
			must2(t, err)
			if failed != nil && refused(failed) != "E_CART_SUM" && string(before) != string(after) {
				t.Fatalf("%T was refused with %v and changed\n%s\nto\n%s", e, failed, before, after)
			}
			if s.Screen.Paying() != (s.Request != "") || s.Screen.Paying() && s.Panel != nil || s.Swipe && s.Screen.Paying() {
				t.Fatalf("after %T: %s", e, after)
			}
			if (s.Screen == display.Settings) != (s.Panel != nil) || s.Title == "" && s.Screen != display.Message {
				t.Fatalf("after %T: %s", e, after)
			}
			on := s.Screen
			if on == display.Settings {
				on = s.Under
			}
			for screen, part := range map[display.Screen]bool{
				display.QR: s.QR != nil, display.PIN: s.PIN != nil, display.Cart: s.Cart != nil, display.Welcome: s.Steps != nil,
				display.Present: s.Entry != nil,
			} {
				if (on == screen) != part {
					t.Fatalf("%s after %T: %s", screen, e, after)
				}
			}
		}
	})
}

// event draws something that may happen.
func event(t *rapid.T) any {
	id := rapid.SampledFrom([]string{"A", "B"}).Draw(t, "request")
	link := rapid.SampledFrom([]display.LinkState{display.Unpaired, display.Connected, display.Connected, display.Lost}).Draw(t, "link")
	methods := rapid.SliceOfN(rapid.SampledFrom([]display.Method{display.Tap, display.Insert, display.Swipe, display.Manual, "x"}), 0, 4).Draw(t, "methods")
	cart := long(rapid.IntRange(0, 3).Draw(t, "lines"))
	cart.CartID, cart.Rev = id, uint64(rapid.IntRange(1, 5).Draw(t, "rev"))
	cart.Total += int64(rapid.IntRange(0, 1).Draw(t, "wrong"))
	return rapid.SampledFrom([]any{
		display.Link{State: link, Register: "R", Cause: "E_LOST"},
		display.Pair{Text: "X"},
		display.Paired{Register: "R"},
		cart,
		display.CartCleared{},
		display.AskTip{Request: id, Amount: usd(1), Options: []display.TipOption{{Tip: 1}}},
		display.AskConfirm{Request: id, Total: usd(1)},
		display.Prompt{Request: id, Amount: usd(1), Methods: methods, Notice: "insert-instead"},
		display.Choose{Request: id, Labels: []string{"a"}},
		display.PINProgress{Request: id, Entered: len(methods)},
		display.Working{Request: id, Step: display.Reading},
		display.TakeCard{Request: id},
		display.Accepted{Request: id, Amount: usd(1)},
		display.Refused{Request: id},
		display.Cancelled{Request: id},
		display.Note{Text: "updating", Done: true},
		display.Failed{Request: id, Code: "E_X"},
		display.OpenSettings{},
		display.CloseSettings{},
		display.Expire{},
		display.Speak{Wanted: "frsv"},
		display.Appearance{Language: "sv"},
		facts,
		display.Action{Kind: display.ActOpen},
		display.Action{Kind: display.ActTip, Since: uint64(len(methods)), Request: id},
	}).Draw(t, "event")
}
