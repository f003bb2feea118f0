package reader_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/reader"
)

// Stripes with a test number, in the layout of ISO/IEC 7813.
const (
	plainStripe  = ";4111111111111111=49121011234567890?" // no chip
	chipStripe   = ";4111111111111111=49122011234567890?"
	pinStripe    = ";4111111111111111=49121201234567890?" // a PIN in any case
	promptStripe = ";4111111111111111=49121261234567890?" // a PIN where there is a PIN pad
	oldStripe    = ";4111111111111111=20121011234567890?"
	wrongStripe  = ";4111111111111112=49121011234567890?"
	cashStripe   = ";4111111111111111=49121041234567890?" // for cash only
	track1       = "%B4111111111111111^DOE/JOHN                  ^49121011234567890?"
)

func init() { secret("4111111111111111") }

// TestSwipes takes a stripe, refuses it or asks for the chip.
func TestSwipes(t *testing.T) {
	for _, c := range []struct {
		name, country, track string
		with                 func(*shop)
		cvm                  string // of an approval, "" for none
		notice               string // what the screen says instead
	}{
		{"without a chip", "US", plainStripe, nil, "signature", ""},
		{"a PIN in any case", "US", pinStripe, nil, "online-pin", ""},
		{"a PIN where there is a pad", "US", promptStripe, nil, "online-pin", ""},
		{"no pad", "US", promptStripe, func(s *shop) { s.config.PINPad = nil }, "signature", ""},
		{"a PIN in any case, and no pad", "US", pinStripe, func(s *shop) { s.config.PINPad = nil }, "", "swipe-refused"},
		{"a PIN in any case, and none for hosts", "GB", pinStripe, nil, "", "swipe-refused"},
		{"refund", "US", pinStripe, func(s *shop) { s.order.Kind = payment.Refund }, "no-cvm", ""},
		{"a chip card", "US", chipStripe, nil, "", "insert-instead"},
		{"expired", "US", oldStripe, nil, "", "swipe-refused"},
		{"check digit", "US", wrongStripe, nil, "", "swipe-refused"},
		{"for cash", "US", cashStripe, nil, "", "swipe-refused"},
		{"unreadable", "US", ";4111", nil, "", "swipe-again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			open(t, c.country, c.with, func(s *shop) {
				s.swipe(c.track)
				if c.cvm == "" {
					s.sees("prompt contact+contactless+stripe " + c.notice)
					s.asked(0)
					return
				}
				taken := s.wants(kernel.ApprovedOnline, payment.Swipe, "visa")
				s.asked(1)
				card := taken.Card
				if card.CVM != c.cvm || card.Number != "************1111" || card.Fallback || len(card.Token) != 64 || card.ARC != "00" {
					t.Errorf("%+v", card)
				}
				if s.desk.numbers[0] != "4111111111111111" || (len(s.desk.pins) == 1) != (c.cvm == "online-pin") {
					t.Errorf("numbers %q, PINs %q", s.desk.numbers, s.desk.pins)
				}
			})
		})
	}
}

// TestSwipePIN ends a swipe whose customer gives up at the PIN pad.
func TestSwipePIN(t *testing.T) {
	open(t, "US", func(s *shop) { s.pad.does = []string{"cancel"} }, func(s *shop) {
		s.swipe(pinStripe)
		s.finished()
		if !errors.Is(s.err, payment.ErrCustomerCancelled) {
			t.Errorf("%+v, %v", s.taken, s.err)
		}
		s.asked(0)
	})
}

// TestBothTracks sends both tracks of a stripe.
func TestBothTracks(t *testing.T) {
	open(t, "US", nil, func(s *shop) {
		if !s.hands.Swipe(track1, plainStripe, "") {
			t.Fatal("nobody waits")
		}
		s.wants(kernel.ApprovedOnline, payment.Swipe, "visa")
		if s.desk.values != 2 {
			t.Errorf("%d values", s.desk.values)
		}
	})
}

// TestEnvelope refuses what another party's key has enciphered: the host link could not carry it.
func TestEnvelope(t *testing.T) {
	var why []string
	open(t, "US", func(s *shop) {
		s.config.Env.Events = func(e kernel.Event) {
			if d, ok := e.(kernel.DecisionEvent); ok {
				why = append(why, d.Code)
			}
		}
	}, func(s *shop) {
		s.hands.SwipeAs(driver.Swipe{Envelope: &driver.Envelope{Kind: "other", Data: []byte{1, 2, 3}}})
		synctest.Wait()
		s.sees("prompt contact+contactless+stripe swipe-refused")
		s.asked(0)
		if !slices.Equal(why, []string{reader.CodeEnvelope}) {
			t.Errorf("%q", why)
		}
		s.swipe(plainStripe)
		s.wants(kernel.ApprovedOnline, payment.Swipe, "visa")
	})
}

// TestChipCardSwiped follows the advice to insert it.
func TestChipCardSwiped(t *testing.T) {
	open(t, "US", nil, func(s *shop) {
		s.swipe(chipStripe)
		s.sees("prompt contact+contactless+stripe insert-instead")
		s.insert(s.card("visa-contact"))
		s.wants(kernel.ApprovedOnline, payment.Insert, "visa")
	})
}

// TestFallback swipes a card whose chip can't be read: once the chip has been tried as often as the country wants, and only
// where it allows that. Of a chip that was declined there is no way to the stripe.
func TestFallback(t *testing.T) {
	for _, c := range []struct {
		country  string
		foreign  bool
		approved bool
	}{{"US", false, true}, {"CA", false, true}, {"GB", false, false}, {"AU", false, false}, {"AU", true, true}} {
		t.Run(fmt.Sprint(c.country, c.foreign), func(t *testing.T) {
			open(t, c.country, func(s *shop) {
				s.config.Foreign = func(bin string) bool { return bin == "411111" && c.foreign }
			}, func(s *shop) {
				for tries := range magstripe.DefaultTries {
					if tries > 0 {
						s.sees("prompt contact+stripe msg.13")
					}
					s.insert(s.card("contact-mute"))
					s.hands.Remove()
					synctest.Wait()
				}
				select {
				case <-s.done:
					if c.approved || s.err != nil || s.taken.Kind != kernel.Fallback {
						t.Errorf("%v because of %v, %v", s.taken.Kind, s.taken.Why, s.err)
					}
					return
				default:
				}
				s.sees("prompt stripe msg.12")
				s.swipe(chipStripe)
				if !c.approved {
					s.sees("prompt stripe swipe-refused")
					return
				}
				taken := s.wants(kernel.ApprovedOnline, payment.Swipe, "visa")
				if !taken.Card.Fallback {
					t.Errorf("%+v", taken.Card)
				}
			})
		})
	}
	open(t, "US", nil, func(s *shop) {
		s.insert(s.card("contact-mute"))
		s.hands.Remove()
		synctest.Wait()
		s.swipe(chipStripe) // too early
		s.sees("prompt contact+stripe insert-instead")
		s.insert(s.card("contact-declines"))
		if taken := s.finished(); taken.Kind != kernel.DeclinedOffline {
			t.Errorf("%v because of %v", taken.Kind, taken.Why)
		}
	})
}
