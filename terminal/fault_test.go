package terminal_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/wire"
)

// TestDamagedJournal serves, says what is wrong, and takes no payment.
func TestDamagedJournal(t *testing.T) {
	s, k := counter(t, "US", nil)
	visa := s.card("visa-credit")
	for _, order := range []string{"order-1", "order-2"} {
		paid := s.pay(k.terminal(s), s.sale(order, 1250))
		until(t, "the prompt", func() bool { return s.page.state().Screen == display.Present })
		s.hands.Tap(visa, nil)
		s.wants(paid, wire.Approved, "")
		s.hands.Leave()
	}
	s.off()
	files := must[[]string](t)(filepath.Glob(filepath.Join(s.config.State, "journal", "*")))
	var largest string
	size := 0
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && len(b) > size {
			largest, size = f, len(b)
		}
	}
	b := must[[]byte](t)(os.ReadFile(largest))
	b[size/3] ^= 1
	if err := os.WriteFile(largest, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s.again()
	if st := s.screen(display.Error); !strings.Contains(st.Code, "E_JOURNAL_DAMAGED") {
		t.Errorf("%+v", st)
	}
	if st := s.terminal.Status(); st.State != "not_ready" || st.Cause != "E_JOURNAL_DAMAGED" {
		t.Errorf("%+v", st)
	}
	_, err := k.terminal(s).Status(within(t), "01JDC3V8Q4ZT5R6Y7W8X9ABCDE")
	wantCode(t, err, "E_JOURNAL_DAMAGED")
}

// TestPowerOnThePanel shows how full the battery is, and what somebody should do about it. S27, S92
func TestPowerOnThePanel(t *testing.T) {
	var power atomic.Pointer[dock.Power]
	power.Store(&dock.Power{Battery: true, Percent: 80, Charging: true, External: true, CurrentMax: 2000})
	s := open(t, "US", func(s *shop) {
		s.config.Power = func() (dock.Power, error) { return *power.Load(), nil }
	})
	s.pair(s.till("till-1"))
	s.page.do(t, display.Action{Kind: display.ActOpen})
	shows := func(want string, good bool) {
		t.Helper()
		until(t, want, func() bool {
			p := s.page.state().Panel
			if p == nil {
				return false
			}
			for _, g := range p.Groups {
				for _, r := range g.Rows {
					if r.Label == "Power" && r.Value == want {
						return r.Good != nil && *r.Good == good
					}
				}
			}
			return false
		})
	}
	shows("80 %", true)
	power.Store(&dock.Power{Battery: true, Percent: 19})
	shows("19 % · The battery is low.", false)
	power.Store(&dock.Power{Battery: true, Percent: 80, Charging: true, External: true, CurrentMax: 499})
	shows("80 % · The power source is too weak.", false)
	power.Store(&dock.Power{Battery: true, Percent: 80, External: true, CurrentMax: 2000})
	shows("80 % · The battery is not charging.", false)
}

// TestPower takes no payment with an empty battery, and goes on when the dock gives power. S92
func TestPower(t *testing.T) {
	var external atomic.Bool
	s := open(t, "US", func(s *shop) {
		s.config.Power = func() (dock.Power, error) {
			return dock.Power{Battery: true, Percent: 3, External: external.Load(), Charging: external.Load()}, nil
		}
	})
	k := s.till("till-1")
	term := s.pair(k)
	until(t, "the host has answered, the battery is empty", func() bool { return s.terminal.Status().Cause == dock.CodeBatteryLow })
	_, err := term.Pay(within(t), s.sale("order-1", 1250))
	wantCode(t, err, dock.CodeBatteryLow)
	external.Store(true)
	s.ready()
	until(t, "the till hears of it", func() bool {
		st := k.List()[0].Status
		return st.State == "ready" && st.Battery != nil && *st.Battery == 3 && st.Charging
	})
}
