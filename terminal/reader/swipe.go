package reader

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/armed"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
)

// judge says what to do with a stripe (armed.Config.Judge): what stands against its card, then the rules of fallback. It
// is called by readers that wait, several at a time, and changes nothing.
func (s *sale) judge(swipe *driver.Swipe) (magstripe.Verdict, string) {
	p := s.r.config.Profile
	if swipe.Envelope != nil {
		return magstripe.Refuse, CodeEnvelope
	}
	if err := p.WhyNotSwipe(&swipe.Tracks, s.tx.Type, s.tx.Time); err != nil {
		return magstripe.Refuse, kernel.CodeOf(err)
	}
	code := swipe.Tracks.ServiceCode()
	if _, ok := s.swipeCVM(code); !ok {
		return magstripe.Refuse, profile.CodeSwipePIN
	}
	brand, _ := p.BrandOfNumber(swipe.Tracks.PAN)
	return s.verdict(magstripe.Situation{ServiceCode: code, DomesticOnly: brand.Domestic, Foreign: s.foreign(&swipe.Tracks)})
}

// verdict is what the country's rules of fallback say, with what is known of the chip.
func (s *sale) verdict(now magstripe.Situation) (magstripe.Verdict, string) {
	now.Chip, now.Failures = s.chip, s.failures
	now.ChipReader = s.allowed.Has(driver.Contact)
	rules := s.r.config.Profile.Fallback()
	return rules.Judge(now)
}

// foreign reports whether the card was issued elsewhere, which the acquirer knows by the first digits of its number.
func (s *sale) foreign(swipe *magstripe.Swipe) bool {
	if number := swipe.PAN.Unmasked(); s.r.config.Foreign != nil && len(number) >= 13 {
		return s.r.config.Foreign(number[:6])
	}
	return false
}

// swipeCVM is how the cardholder of a stripe is verified: not at all where money goes back. It reports false where a PIN
// must be and can't.
func (s *sale) swipeCVM(code magstripe.ServiceCode) (kernel.CVM, bool) {
	if s.tx.Type == kernel.Refund {
		return kernel.NoCVM, true
	}
	c, ok := s.r.config.Profile.SwipeCVM(code)
	if c != kernel.OnlinePIN || s.r.config.PINPad != nil {
		return c, ok
	}
	if code.PIN() {
		return kernel.NotApplicable, false
	}
	if s.r.config.Profile.CVM.Swipe == "signature" { // a PIN is asked for where there is a PIN pad (ISO/IEC 7813)
		return kernel.ObtainSignature, true
	}
	return kernel.NoCVM, true
}

// swipe takes the payment by a stripe that was judged to be good: the host decides.
func (s *sale) swipe(ctx context.Context, e *armed.Entry) step {
	tracks := &e.Swipe.Tracks
	number := []byte(tracks.PAN.Unmasked())
	brand, _ := s.r.config.Profile.BrandOfNumber(tracks.PAN)
	s.card = payment.Card{
		Entry: payment.Swipe, Fallback: e.Verdict == magstripe.Fallback, Brand: brand.Key,
		Number: payment.LastDigits(number), Token: s.token(number),
	}
	if err := s.cardIn(ctx); err != nil {
		return step{err: err}
	}
	s.reading()
	c, _ := s.swipeCVM(tracks.ServiceCode())
	s.card.CVM = c.String()
	if c == kernel.OnlinePIN {
		if ended := s.onlinePIN(ctx, ""); ended != nil {
			return *ended
		}
	}
	answer, err := s.ask(ctx, nil, number, sealStripe(tracks))
	if err != nil {
		return step{err: err}
	}
	return step{taken: s.decided(&answer, "ISO 8583, field 39")}
}
