package profile

import (
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
)

// The codes of a stripe that is not taken, beside those of a card.
const (
	CodeSwipeNumber  = "swipe.number"  // the check digit of the card number is wrong
	CodeSwipeExpired = "swipe.expired" // the card has expired
	CodeSwipeService = "swipe.service" // the service code does not allow this type of transaction
	CodeSwipePIN     = "swipe.pin"     // the service code asks for a PIN, and there is none
)

// WhyNotSwipe says why a stripe is not taken whatever its card's chip did, nil where nothing stands against it. The errors'
// codes are those above and those of WhyNotBrand (ISO/IEC 7812-1, Annex B; ISO/IEC 7813).
func (p *Profile) WhyNotSwipe(s *magstripe.Swipe, of kernel.TransactionType, now time.Time) error {
	code := s.ServiceCode()
	switch brand, known := p.BrandOfNumber(s.PAN); {
	case !s.PAN.Luhn():
		return &kernel.Error{Code: CodeSwipeNumber, Text: "the check digit of the card number is wrong"}
	case s.Main().Expired(now.Year(), int(now.Month())):
		return &kernel.Error{Code: CodeSwipeExpired, Text: "the card has expired"}
	case !known:
		return &kernel.Error{Code: CodeUnnamed, Text: "the brand of the card number is not known"}
	case of.IsCash() && !code.Cash(), of.IsPurchase() && !code.Goods():
		return &kernel.Error{Code: CodeSwipeService, Text: "the service code does not allow this type of transaction"}
	default:
		return p.WhyNotBrand(brand)
	}
}

// SwipeCVM returns how the cardholder of a stripe is verified: by a PIN where the service code asks for it and the terminal
// takes PINs, otherwise as the country does it. It reports false where a PIN must be and can't (ISO/IEC 7813).
func (p *Profile) SwipeCVM(code magstripe.ServiceCode) (kernel.CVM, bool) {
	switch {
	case code.PIN() && !p.CVM.OnlinePIN:
		return kernel.NotApplicable, false
	case code.PIN(), code.PINPrompt() && p.CVM.OnlinePIN:
		return kernel.OnlinePIN, true
	case p.CVM.Swipe == "signature":
		return kernel.ObtainSignature, true
	}
	return kernel.NoCVM, true
}
