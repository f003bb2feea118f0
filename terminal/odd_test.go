package terminal_test

import (
	"context"
	"testing"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/wire"
)

// odd is a host that answers with one code, whatever it is.
type odd struct {
	payment.Host
	code, auth string
}

func (o *odd) Authorise(context.Context, *payment.Authorisation) (payment.Answer, error) {
	return payment.Answer{Code: o.code, AuthCode: o.auth}, nil
}

// TestOddAnswer: an outcome reaches its till whatever characters the host has put into its answer, and what a receipt can
// show of it is on the receipt.
func TestOddAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		host   odd
		result wire.Result
		reason string
	}{
		"code":     {odd{code: "5/"}, wire.Declined, payment.CodeHostDeclined},
		"approval": {odd{code: "00", auth: "12 45*"}, wire.Approved, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, k := counter(t, "US", func(s *shop) {
				c.host.Host = s.config.Host
				s.config.Host = &c.host
			})
			paid := s.pay(k.terminal(s), s.sale("order-1", 1250))
			s.screen(display.Present)
			s.hands.Tap(s.card("visa-credit"), nil)
			f := s.wants(paid, c.result, c.reason)
			if f.HostCode == c.host.code != (name == "approval") || f.Receipt == nil || f.Receipt.MaskedPAN == "" || f.Receipt.AuthCode != "" {
				t.Errorf("%+v %+v", f, f.Receipt)
			}
		})
	}
}
