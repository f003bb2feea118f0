package terminal_test

import (
	"strings"
	"testing"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/journal/journaltest"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/wire"
)

// TestDiskFull: the disk is full while a customer is asked for a card, or when the card is there. The terminal does not go
// on asking; it says what is wrong to the customer and to tills, and after a start the till hears how the payment ended.
func TestDiskFull(t *testing.T) {
	for name, at := range map[string]int{"card in": 1, "commit": 3} {
		t.Run(name, func(t *testing.T) {
			disk := journaltest.New()
			s, k := counter(t, "US", func(s *shop) { s.config.FS = disk })
			paid := s.pay(k.terminal(s), s.sale("order-1", 1250))
			s.screen(display.Present)
			disk.FullAt(at)
			s.hands.Tap(s.card("visa-credit"), nil)
			if st := s.screen(display.Error); !strings.Contains(st.Code, payment.CodeJournalFailed) || st.Text == "" {
				t.Errorf("%+v", st)
			}
			until(t, "tills hear of it", func() bool {
				st := k.List()[0].Status
				return st.State == "not_ready" && st.Cause == payment.CodeJournalFailed
			})
			s.hands.Leave()
			s.again()
			s.wants(paid, wire.Failed, payment.CodePowerLoss)
			s.charged(0)
		})
	}
}
