package pay

import (
	"context"
	"slices"
	"strconv"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/profile"
)

// swipe takes the payment by the card's stripe: what of it is allowed is the country's fallback rules. It returns the
// interface that the terminal asks for instead, "" for none.
func (s *sale) swipe(ctx context.Context) (profile.Interface, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if s.arrived == nil {
		s.Show(kernel.UIRequest{Message: contact.MsgUseStripe})
	}
	var swiped magstripe.Swipe
	var err, bad error
	if s.order.Real() {
		swiped, err = s.swiped(ctx)
	} else {
		swiped, bad = magstripe.Parse("", s.reader.card.Stripe(), "")
	}
	if err != nil {
		return "", err
	}
	s.present(profile.Stripe)
	s.fillReceipt(kernel.NewData(), nil, "swipe")
	if bad != nil {
		s.ended(kernel.EndApplication, kernel.CodeOf(bad), "ISO/IEC 7813")
		return "", nil
	}
	s.report.Receipt.Card = lastDigits(swiped.PAN.Unmasked())
	code := swiped.ServiceCode()
	s.report.Stripe = &StripeReport{ServiceCode: string(code), Number: swiped.PAN.String()}
	if why := s.unusable(&swiped); why != nil {
		s.refusedBecause(why, "ISO/IEC 7813")
		return "", nil
	}
	verdict, rule := s.judgeTracks(&swiped)
	s.report.Stripe.Verdict, s.report.Stripe.Rule = verdict.String(), rule
	switch verdict {
	case magstripe.UseChip:
		s.ended(kernel.TryAnotherInterface, rule, "country profile")
		if !slices.Contains(s.use, profile.Insert) { // otherwise the slot says so
			s.Show(kernel.UIRequest{Message: kernel.MsgInsertCard})
		}
		return profile.Insert, nil
	case magstripe.Refuse:
		s.ended(kernel.Declined, rule, "country profile")
		return "", nil
	case magstripe.Fallback:
		s.report.Receipt.Entry = "fallback swipe"
	default:
	}
	if !s.verifySwipe(code) {
		return "", nil
	}
	s.Show(kernel.UIRequest{Message: kernel.MsgAuthorising})
	answer := s.askPlainly(0)
	s.decide(answer, "ISO 8583, field 39")
	s.report.Receipt.Response, s.report.Receipt.CVM = s.report.Online.ARC, s.cvm.String()
	s.report.Receipt.Result = result(s.report)
	return "", nil
}

// judgeTracks says what to do with a stripe that was read.
func (s *sale) judgeTracks(swiped *magstripe.Swipe) (magstripe.Verdict, string) {
	brand, _ := s.order.Profile.BrandOfNumber(swiped.PAN)
	return s.judge(magstripe.Situation{ServiceCode: swiped.ServiceCode(), DomesticOnly: brand.Domestic})
}

// judge says what to do with a swipe, with what is known of the chip of this card.
func (s *sale) judge(now magstripe.Situation) (magstripe.Verdict, string) {
	now.ChipReader = !s.order.Real() || s.order.readerOf(profile.Insert) != nil
	now.Chip, now.Failures = s.chip, s.failures
	now.Foreign = s.foreign()
	rules := s.order.Profile.Fallback()
	return rules.Judge(now)
}

// foreign reports whether the card was issued elsewhere. An acquirer knows it by the number; the simulated card says so. Of
// a real one nothing here tells: it counts as domestic, for which the rules are stricter.
func (s *sale) foreign() bool {
	if s.order.Real() {
		return false
	}
	n, err := strconv.ParseUint(s.reader.card.IssuerCountry(), 10, 16)
	return err == nil && uint16(n) != s.order.Profile.Country.Numeric
}

// unusable says what stands against a swipe whatever the chip did, nil for nothing.
func (s *sale) unusable(swiped *magstripe.Swipe) error {
	return s.order.Profile.WhyNotSwipe(swiped, s.order.Type, s.when)
}

// verifySwipe is verification by the service code: a PIN where it must be or can be, otherwise what the country does. It
// reports false when the payment has ended.
func (s *sale) verifySwipe(code magstripe.ServiceCode) bool {
	c, ok := s.order.Profile.SwipeCVM(code)
	if !ok {
		s.ended(kernel.Declined, profile.CodeSwipePIN, "ISO/IEC 7813")
		return false
	}
	if s.cvm = c; c == kernel.OnlinePIN {
		entry := PINPrompt{Use: "online", TriesLeft: -1, Entry: "entered"}
		if len(s.order.PINs) > 0 && slices.Contains(PINWords, s.order.PINs[0]) {
			entry.Entry = s.order.PINs[0]
		}
		s.prompted(entry)
		if entry.Entry != "entered" {
			s.ended(kernel.Declined, profile.CodeSwipePIN, "ISO/IEC 7813")
			return false
		}
	}
	return true
}

// ended notes an outcome of the terminal itself.
func (s *sale) ended(kind kernel.Kind, code, ref string) {
	s.take(&kernel.Outcome{Kind: kind, Why: kernel.Reason{Stage: "swipe", Code: code, Ref: ref}})
	s.report.Receipt.Result = result(s.report)
	if kind == kernel.Declined {
		s.Show(kernel.UIRequest{Message: kernel.MsgNotAuthorised})
	}
}

// refusedBecause ends a swipe that is refused for a reason in words.
func (s *sale) refusedBecause(why error, ref string) {
	s.trouble(why)
	s.ended(kernel.Declined, kernel.CodeOf(why), ref)
}
