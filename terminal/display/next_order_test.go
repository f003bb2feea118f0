package display_test

import (
	"testing"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/wire"
)

// A till that goes on with the cart that was paid, under the same id, as the last card is read: its revision may come before
// the outcome or just after it. The customer sees the outcome in both cases, and then the cart. S64
func TestOutcomeBeforeTheNextRevision(t *testing.T) {
	for _, early := range []bool{true, false} {
		d := plain(t, display.Config{})
		must(t, d.Step(paired))
		order := func(rev uint64) {
			must(t, d.CartSet(&wire.CartSet{
				CartID: "one", Rev: rev, Currency: "USD", Exponent: 2, Locale: "en", Subtotal: 310, Total: 310,
				Lines: []wire.CartLine{{ID: "1", Name: "Tea", Qty: "1", Unit: 310, Amount: 310}},
			}))
		}
		order(1)
		must(t, d.Step(display.Working{Request: request, Amount: usd(310)}))
		if early {
			order(2)
		} else {
			must(t, d.Step(display.CartCleared{})) // as it is when the outcome is there
		}
		must(t, d.Step(display.Accepted{Request: request, Amount: usd(310)}))
		if !early {
			order(2)
		}
		if got := d.State().Screen; got != display.Approved {
			t.Errorf("early %v: on %s", early, got)
		}
		must(t, d.Step(display.Expire{}))
		if got := d.State(); got.Screen != display.Cart || got.Cart == nil {
			t.Errorf("early %v: on %s after the outcome", early, got.Screen)
		}
	}
}

// A till begins its next order, which is empty, when it has the outcome: the customer goes on seeing the outcome, then
// standby, and no cart without anything in it. S63, S76
func TestTheNextOrderIsEmpty(t *testing.T) {
	d := plain(t, display.Config{})
	must(t, d.Step(paired))
	order := func(id string, rev uint64, lines ...wire.CartLine) {
		t.Helper()
		c := &wire.CartSet{CartID: id, Rev: rev, Currency: "USD", Exponent: 2, Locale: "en", Lines: append([]wire.CartLine{}, lines...)}
		for _, l := range lines {
			c.Subtotal += l.Amount
		}
		c.Total = c.Subtotal
		must(t, d.CartSet(c))
	}
	on := func(want display.Screen) {
		t.Helper()
		if got := d.State().Screen; got != want {
			t.Errorf("on %s, want %s", got, want)
		}
	}
	tea := wire.CartLine{ID: "1", Name: "Tea", Qty: "1", Unit: 310, Amount: 310}
	order("one", 1, tea)
	on(display.Cart)
	order("one", 2)
	on(display.Standby)
	if shown, _, err := d.ShownCart(); err != nil || shown.Rev != 2 {
		t.Errorf("the till is told of %+v, %v", shown, err)
	}
	order("one", 3, tea)
	on(display.Cart)
	must(t, d.Step(display.Working{Request: request, Amount: usd(310)}))
	must(t, d.Step(display.Accepted{Request: request, Amount: usd(310), CardIn: true}))
	if got := d.State().Notice; got != "Remove your card" {
		t.Errorf("the notice is %q", got)
	}
	order("two", 1)
	on(display.Approved)
	must(t, d.Step(display.Expire{}))
	on(display.Standby)
	order("two", 2, tea)
	on(display.Cart)
}
