package terminal_test

import (
	"testing"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/wire"
)

// TestUnpair shuts a till out at the terminal: not in the middle of its payment, at once otherwise, and until it has read a
// new code.
func TestUnpair(t *testing.T) {
	s, k := counter(t, "US", short)
	term, visa := k.terminal(s), s.card("visa-credit")
	if list := s.terminal.Tills(); len(list) != 1 || list[0].ID != "till-1" || list[0].Name != "Till till-1" || !list[0].Connected {
		t.Fatalf("%+v", list)
	}
	wantCode(t, s.terminal.Unpair("till-2"), wire.CodeUnpaired)

	paid := s.pay(term, s.sale("order-1", 1250))
	s.screen(display.Present)
	wantCode(t, s.terminal.Unpair("till-1"), wire.CodeBusy)
	s.hands.Tap(visa, nil)
	s.wants(paid, wire.Approved, "")
	s.hands.Leave()
	s.screen(display.Standby)

	epoch := must[wire.Lease](t)(term.TakeLease(within(t), false)).Epoch
	if err := s.terminal.Unpair("till-1"); err != nil {
		t.Fatal(err)
	}
	if list := s.terminal.Tills(); len(list) != 0 {
		t.Fatalf("%+v", list)
	}
	until(t, "the till is refused", func() bool { return k.offline() == wire.CodeUnpaired })
	s.pair(k) // the code is there by itself
	term = k.terminal(s)
	if n := must[wire.Lease](t)(term.TakeLease(within(t), false)); n.Epoch <= epoch {
		t.Errorf("epoch %d after %d", n.Epoch, epoch)
	}
	paid = s.pay(term, s.sale("order-2", 99))
	s.screen(display.Present)
	s.hands.Tap(visa, nil)
	s.wants(paid, wire.Approved, "")
	s.charged(1349)
}

// TestUnpairUnheard unpairs a till that has gone before it heard of its approval: paired again, it hears of it.
func TestUnpairUnheard(t *testing.T) {
	s, k := counter(t, "US", nil)
	s.pay(k.terminal(s), s.sale("order-1", 1250))
	s.screen(display.Present)
	k.stop()
	until(t, "the till is gone", func() bool { return !s.terminal.Tills()[0].Connected })
	wantCode(t, s.terminal.Unpair("till-1"), wire.CodeBusy)
	s.hands.Tap(s.card("visa-credit"), nil)
	s.screen(display.Approved)
	s.hands.Leave()
	until(t, "the payment is over", func() bool { return s.terminal.Unpair("till-1") == nil })
	k.on(s)
	until(t, "a code can be asked for", func() bool {
		s.page.do(t, display.Action{Kind: display.ActRestore})
		return s.page.state().Screen == display.QR
	})
	s.pair(k)
	k.terminal(s)
	until(t, "the till hears of it", func() bool { return len(k.finals()) != 0 })
	if f := k.finals()[0]; f.Result != wire.Approved || f.Total != 1250 || len(k.config.Book.Open()) != 0 {
		t.Errorf("%+v", f)
	}
	s.charged(1250)
}
