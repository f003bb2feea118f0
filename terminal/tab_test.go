package terminal_test

import (
	"testing"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/wire"
)

// TestTabOfAnotherTill: an order that one till has left is taken up by another one, which counts its revisions itself. What
// the first till has sent of it, be it the highest revision there is, does not keep it off the display.
func TestTabOfAnotherTill(t *testing.T) {
	s, one := counter(t, "US", nil)
	first := one.terminal(s)
	s.page.do(t, display.Action{Kind: display.ActOpen})
	s.screen(display.Settings)
	s.page.do(t, display.Action{Kind: display.ActRestore})
	two := s.till("till-2")
	second := s.pair(two)
	must[wire.Lease](t)(first.TakeLease(within(t), true))
	if err := first.SendCart(cart(wire.MaxSeq, 300)); err != nil {
		t.Fatal(err)
	}
	one.shownCart(t, wire.MaxSeq)
	must[wire.Lease](t)(second.TakeLease(within(t), true))
	if err := second.SendCart(cart(1, 300, 450)); err != nil {
		t.Fatal(err)
	}
	two.shownCart(t, 1)
	if st := s.screen(display.Cart); st.Cart.Total != "$7.50" {
		t.Errorf("%+v", st.Cart)
	}
}
