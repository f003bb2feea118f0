package reader_test

import (
	"encoding/hex"
	"testing"

	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/tlv"
)

// withFloor is a country whose cards may approve up to 50.00 by themselves.
func withFloor(s *shop) {
	s.Helper()
	s.profile(`"floor": 0`, `"floor": 5000`)
	for _, a := range s.config.Profile.Applications {
		if a.Contact != nil {
			a.Contact.Floor = 5000
		}
	}
}

// TestApprovedByTheCardAlone gives what it takes to clear an approval without the host, where the order allows one, and
// goes online where it does not, whatever the floor limits are.
func TestApprovedByTheCardAlone(t *testing.T) {
	for _, c := range []struct {
		card, brand string
		entry       payment.Entry
		kind        kernel.Kind
	}{
		{"visa-offline", "visa", payment.Tap, kernel.Approved},
		{"mastercard-offline", "mastercard", payment.Tap, kernel.Approved},
		{"jcb-offline", "jcb", payment.Tap, kernel.Approved},
		{"contact-offline", "visa", payment.Insert, kernel.ApprovedOffline},
	} {
		for _, allowed := range []bool{true, false} {
			t.Run(c.card, func(t *testing.T) {
				open(t, "US", func(s *shop) {
					withFloor(s)
					s.order.Offline = allowed
				}, func(s *shop) {
					presented := s.card(c.card)
					if c.entry == payment.Insert {
						s.insert(presented)
					} else {
						s.tap(presented)
					}
					if !allowed {
						taken := s.wants(kernel.ApprovedOnline, c.entry, c.brand)
						if s.asked(1); taken.Chip != nil || taken.Sealed != nil {
							t.Errorf("%+v", taken)
						}
						return
					}
					taken := s.wants(c.kind, c.entry, c.brand)
					s.asked(0)
					s.cleared(&taken)
				})
			})
		}
	}
}

// cleared has the issuer verify a TC, with the card number that the host opens.
func (s *shop) cleared(taken *payment.Taken) {
	s.Helper()
	for _, tag := range []tlv.Tag{0x57, 0x5A, 0x5F20, 0x9F6B} {
		if _, ok := tlv.Find(taken.Chip, tag); ok {
			s.Errorf("%v is in the clear", tag)
		}
	}
	values, err := host.ParseValues(taken.Sealed)
	if err != nil {
		s.Fatal(err)
	}
	chip := append([]byte(nil), taken.Chip...)
	for _, v := range values {
		var clear p2pe.Clear
		if err := s.keys.host().Open(&clear, v, v.Content); err != nil {
			s.Fatal(err)
		}
		switch v.Content {
		case p2pe.PAN:
			digits := string(clear.Bytes())
			secret(digits)
			if len(digits)%2 == 1 {
				digits += "F"
			}
			number, err := hex.DecodeString(digits)
			if err != nil {
				s.Fatal(err)
			}
			chip = tlv.Append(chip, 0x5A, number)
		case p2pe.Track2Equivalent:
			chip = tlv.Append(chip, 0x57, clear.Bytes())
		default:
		}
	}
	if v, err := s.desk.issuer.VerifyClearing(chip); err != nil || !v.Valid {
		s.Errorf("the issuer does not believe it: %+v, %v", v, err)
	}
}
