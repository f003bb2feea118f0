package terminal_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// TestVoidOverAStart: a void that the host takes note of only after a start is nobody's at the terminal: the display does not
// say that an amount was approved.
func TestVoidOverAStart(t *testing.T) {
	s, k := counter(t, "US", func(s *shop) { s.config.Times.HostReply = 200 * time.Millisecond })
	term := k.terminal(s)
	sale := s.pay(term, s.sale("order-1", 1250))
	s.screen(display.Present)
	s.hands.Tap(s.card("visa-credit"), nil)
	f := s.wants(sale, wire.Approved, "")
	s.hands.Leave()
	s.server.Misbehave(iso.Fault{Kind: iso.Drop, MTI: "04", Times: 1})
	void := s.sale("order-1", 0)
	void.Kind, void.Reference, void.Entry = wire.KindVoid, f.RequestID, nil
	paid := s.pay(term, void)
	until(t, "the void is on its way", func() bool {
		return len(k.List()) == 1 && s.terminal.Status().State == "ready" && s.log.seen(`"kind":"void"`)
	})
	s.again()
	s.wants(paid, wire.Approved, "")
	until(t, "the terminal is idle", func() bool { return s.page.state().Screen == display.Standby })
	if screens := s.page.screens(); slices.Contains(screens, display.Approved) {
		t.Errorf("after the start the display showed %v", screens)
	}
	s.charged(0)
}
