package reader_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
)

// TestUnplugged goes on once the reader is back, as long as the host was not asked.
func TestUnplugged(t *testing.T) {
	open(t, "US", nil, func(s *shop) {
		s.hands.Unplug()
		synctest.Wait()
		s.sees("prompt contact+contactless+stripe reader-lost")
		s.hands.Plug()
		synctest.Wait()
		s.tap(s.card("visa-credit"))
		s.wants(kernel.ApprovedOnline, payment.Tap, "visa")
	})
	for n := range 3 {
		open(t, "US", nil, func(s *shop) {
			s.insert(&pulled{contacts{s.card("visa-contact")}, n, s.hands.Unplug})
			s.hands.Remove()
			s.hands.Plug()
			synctest.Wait()
			s.tap(s.card("visa-credit"))
			s.wants(kernel.ApprovedOnline, payment.Tap, "visa")
			s.asked(1)
		})
	}
	open(t, "US", func(s *shop) { s.desk.ask = s.hands.Unplug }, func(s *shop) { // afterwards it is for the engine
		s.insert(s.card("visa-contact"))
		s.finished()
		if !errors.Is(s.err, driver.ErrGone) {
			t.Errorf("%+v, %v", s.taken, s.err)
		}
		s.asked(1)
	})
}

// TestTorn gives a torn tap its second chance in the same payment.
func TestTorn(t *testing.T) {
	for _, c := range []struct{ card, brand string }{{"mastercard-torn", "mastercard"}, {"jcb-torn", "jcb"}} {
		open(t, "US", nil, func(s *shop) {
			s.tap(s.card(c.card))
			s.wants(kernel.ApprovedOnline, payment.Tap, c.brand)
			s.asked(1)
		})
	}
}

// TestTornAndGivenUp cancels after a tap was torn at each of its commands: what was kept of it is wiped.
func TestTornAndGivenUp(t *testing.T) {
	for _, name := range []string{"mastercard-torn", "jcb-torn"} {
		kept := 0
		for n := range 16 {
			open(t, "US", nil, func(s *shop) {
				s.tap(&leaving{s.card(name), n, s.hands.Leave})
				if s.reader.Held() {
					kept++
				}
			})
		}
		if kept == 0 {
			t.Errorf("%s: nothing was ever kept", name)
		}
	}
}

// leaving is a card that leaves the field at its nth command, and comes back.
type leaving struct {
	kernel.Card
	n    int
	away func()
}

func (c *leaving) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if c.n--; c.n == -1 {
		c.away()
		return dst, kernel.ErrRemoved
	}
	return c.Card.Transmit(ctx, dst, command)
}

// TestTornTap takes the card out of the field at each command of a tap, and brings it again: it is one approval in the end,
// for which the host was asked once.
func TestTornTap(t *testing.T) {
	for _, c := range []struct{ country, card, brand string }{
		{"US", "visa-credit", "visa"},
		{"US", "mastercard-credit", "mastercard"},
		{"US", "jcb-credit", "jcb"},
		{"US", "unionpay-credit", "unionpay"},
		{"CA", "interac-debit", "interac"},
	} {
		for n, more := 0, true; n < 30 && more; n++ {
			open(t, c.country, nil, func(s *shop) {
				torn := &leaving{s.card(c.card), n, s.hands.Leave}
				s.tap(torn)
				if more = torn.n < 0; more {
					if s.asked(0); len(s.hands.Tones()) != 0 && s.hands.Tones()[0] == driver.Success {
						t.Error("the success tone for a card that left")
					}
					s.hands.Leave()
					s.tap(s.card(c.card))
				}
				s.wants(kernel.ApprovedOnline, payment.Tap, c.brand)
				s.asked(1)
			})
		}
	}
}
