package terminal_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// in changes the currency of a country's profile, as a file of one's own would have it.
func in(t *testing.T, country, currency string) *profile.Profile {
	t.Helper()
	file := must[[]byte](t)(os.ReadFile("profile/data/" + country + ".json"))
	const was = `{"alpha": "USD", "numeric": "840", "exponent": 2,`
	if bytes.Count(file, []byte(was)) != 1 {
		t.Fatal("the profile has its currency elsewhere")
	}
	return must[*profile.Profile](t)(profile.Load(bytes.Replace(file, []byte(was), []byte(currency), 1)))
}

// TestExponents asks for a tip and charges the total in currencies without decimals, with two and with three: the numbers are
// ISO 4217's, what is shown has that many decimals, and the host has charged what the customer agreed to. S50
func TestExponents(t *testing.T) {
	for _, c := range []struct {
		name, currency     string
		amount, tip        int64 // 20 % in minor units
		before, tip20, sum string
		numeric            string
	}{
		{"JPY", `{"alpha": "JPY", "numeric": "392", "exponent": 0,`, 2000, 400, "¥2,000", "¥400", "¥2,400", "392"},
		{"USD", `{"alpha": "USD", "numeric": "840", "exponent": 2,`, 2000, 400, "$20.00", "$4.00", "$24.00", "840"},
		{"KWD", `{"alpha": "KWD", "numeric": "414", "exponent": 3,`, 12345, 2469, "KWD\u00a012.345", "KWD\u00a02.469", "KWD\u00a014.814", "414"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, k := counter(t, "US", func(s *shop) { s.config.Profile = in(t, "US", c.currency) })
			r := s.sale("order-1", c.amount)
			r.TipPolicy.Mode = "ask"
			paid := s.pay(k.terminal(s), r)
			st := s.screen(display.Tip)
			if len(st.Choices) != 4 || st.Choices[1].Detail != c.tip20 || st.Amount != c.before {
				t.Errorf("%q, %+v", st.Amount, st.Choices)
			}
			s.page.do(t, display.Action{Kind: display.ActTip, Choice: 1})
			if st = s.screen(display.Confirm); st.Amount != c.sum {
				t.Errorf("%q, want %q", st.Amount, c.sum)
			}
			s.page.do(t, display.Action{Kind: display.ActConfirm})
			if st = s.screen(display.Present); st.Amount != c.sum {
				t.Errorf("%q, want %q", st.Amount, c.sum)
			}
			s.hands.Tap(s.card("visa-credit"), nil)
			if f := s.wants(paid, wire.Approved, ""); f.Amount != c.amount || f.Tip != c.tip || f.Total != c.amount+c.tip || f.Currency != c.name {
				t.Errorf("%+v", f)
			}
			if got, n := s.server.Charged(c.numeric); got != c.amount+c.tip || n != 1 {
				t.Errorf("charged %d by %d entries: %+v", got, n, s.server.Ledger())
			}
			if st = s.screen(display.Approved); !strings.Contains(st.Amount, c.sum) {
				t.Errorf("%q, want %q", st.Amount, c.sum)
			}
		})
	}
}

// TestTipAndChip keeps the tip when the host wants the chip after a tap: the customer is not asked again, and the second
// request is for the total. S50, P26
func TestTipAndChip(t *testing.T) {
	s, k := counter(t, "US", nil)
	s.server.Misbehave(iso.Fault{Kind: iso.Decline, MTI: "0200", Times: 1, Code: "65"})
	r := s.sale("order-1", 2000)
	r.TipPolicy.Mode = "ask"
	paid := s.pay(k.terminal(s), r)
	s.screen(display.Tip)
	s.page.do(t, display.Action{Kind: display.ActTip, Choice: 1})
	s.screen(display.Confirm)
	s.page.do(t, display.Action{Kind: display.ActConfirm})
	s.screen(display.Present)
	s.hands.Tap(s.card("mastercard-credit"), nil)
	until(t, "the terminal wants the chip", func() bool {
		st := s.page.state()
		return st.Screen == display.Present && len(st.Entry) == 1
	})
	if st := s.page.state(); st.Amount != "$24.00" {
		t.Errorf("%q", st.Amount)
	}
	s.hands.Leave()
	s.present("mastercard-contact")
	f := s.wants(paid, wire.Approved, "")
	if f.Tip != 400 || f.Total != 2400 || f.Receipt.Entry != wire.EntryInsert {
		t.Errorf("%+v", f)
	}
	s.charged(2400)
	tips := 0
	for _, screen := range s.page.screens() {
		if screen == display.Tip {
			tips++
		}
	}
	if tips != 1 {
		t.Errorf("the customer was asked for a tip %d times", tips)
	}
}
