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
	s.Show(kernel.UIRequest{Message: contact.MsgUseStripe})
	s.present(profile.Stripe)
	s.fillReceipt(kernel.NewData(), nil, "swipe")
	swiped, err := magstripe.Parse("", s.reader.card.Stripe(), "")
	if err != nil {
		s.ended(kernel.EndApplication, kernel.CodeOf(err), "ISO/IEC 7813")
		return "", nil
	}
	s.report.Receipt.Card = lastDigits(swiped.PAN.Unmasked())
	code := swiped.ServiceCode()
	s.report.Stripe = &StripeReport{ServiceCode: string(code), Number: swiped.PAN.String()}
	if why := s.unusable(&swiped); why != nil {
		s.refusedBecause(why, "ISO/IEC 7813")
		return "", nil
	}
	brand, _ := s.order.Profile.BrandOfNumber(swiped.PAN)
	verdict, rule := s.judge(magstripe.Situation{ServiceCode: code, DomesticOnly: brand.Domestic})
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

// judge says what to do with a swipe, with what is known of the chip of this card.
func (s *sale) judge(now magstripe.Situation) (magstripe.Verdict, string) {
	now.ChipReader, now.Chip, now.Failures = true, s.chip, s.failures
	now.Foreign = s.foreign()
	rules := s.order.Profile.Fallback()
	return rules.Judge(now)
}

// foreign reports whether the card was issued elsewhere. An acquirer knows it by the number; the simulated card says so.
func (s *sale) foreign() bool {
	n, err := strconv.ParseUint(s.reader.card.IssuerCountry(), 10, 16)
	return err == nil && uint16(n) != s.order.Profile.Country.Numeric
}

// unusable says what stands against a swipe whatever the chip did, nil for nothing.
func (s *sale) unusable(swiped *magstripe.Swipe) error {
	code := swiped.ServiceCode()
	switch brand, known := s.order.Profile.BrandOfNumber(swiped.PAN); {
	case !swiped.PAN.Luhn():
		return &kernel.Error{Code: "swipe.number", Text: "the check digit of the card number is wrong"}
	case swiped.Main().Expired(s.when.Year(), int(s.when.Month())):
		return &kernel.Error{Code: "swipe.expired", Text: "the card has expired"}
	case !known:
		return &kernel.Error{Code: profile.CodeUnnamed, Text: "the brand of the card number is not known"}
	case s.order.Type.IsCash() && !code.Cash(), s.order.Type.IsPurchase() && !code.Goods():
		return &kernel.Error{Code: "swipe.service", Text: "the service code does not allow this type of transaction"}
	default:
		return s.order.Profile.WhyNotBrand(brand)
	}
}

// verifySwipe is verification by the service code: a PIN where it must be or can be, otherwise what the country does. It
// reports false when the payment has ended.
func (s *sale) verifySwipe(code magstripe.ServiceCode) bool {
	rules := s.order.Profile.CVM
	s.cvm = kernel.NoCVM
	if rules.Swipe == "signature" {
		s.cvm = kernel.ObtainSignature
	}
	switch {
	case code.PIN() && !rules.OnlinePIN:
		s.ended(kernel.Declined, "swipe.pin", "ISO/IEC 7813")
		return false
	case code.PIN(), code.PINPrompt() && rules.OnlinePIN:
		entry := PINPrompt{Use: "online", TriesLeft: -1, Entry: "entered"}
		if len(s.order.PINs) > 0 && slices.Contains(PINWords, s.order.PINs[0]) {
			entry.Entry = s.order.PINs[0]
		}
		s.prompted(entry)
		if entry.Entry != "entered" {
			s.ended(kernel.Declined, "swipe.pin", "ISO/IEC 7813")
			return false
		}
		s.cvm = kernel.OnlinePIN
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
