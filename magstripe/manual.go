package magstripe

// EntryMode is how the card number came into the terminal: the first two digits of the point of service entry mode of ISO
// 8583, field 22, and the value of 9F39. Acquirers agree on these three; other modes are the chip's.
type EntryMode string

// The entry modes of a number without a chip.
const (
	EntryManual   EntryMode = "01"
	EntrySwipe    EntryMode = "90" // the whole stripe, unaltered
	EntryFallback EntryMode = "80" // the stripe in place of a chip that the card has
)

// EntryMode returns the entry mode that the host is told of a swipe that was accepted, "" for one that was not.
func (v Verdict) EntryMode() EntryMode {
	switch v {
	case Accept:
		return EntrySwipe
	case Fallback:
		return EntryFallback
	default:
		return ""
	}
}

// ManualRules say when a card number may be typed. The zero value allows none.
type ManualRules struct {
	Allowed      bool
	SecurityCode bool // the security code on the card must be typed too
}

// Manual is a card that was typed. The security code must be forgotten when the online request has been sent (PCI DSS v4,
// 3.3.1): Wipe does so.
type Manual struct {
	PAN          PAN
	Expiry       string // YYMM
	SecurityCode Hidden // three or four digits; empty if there is none
}

// Wipe forgets the security code.
func (m *Manual) Wipe() { m.SecurityCode = Hidden{} }

// What a typed card can be refused for, besides CodePAN and CodeExpiry.
const (
	CodeManual       Code = "magstripe.manual"        // the rules allow no typed numbers
	CodeLuhn         Code = "magstripe.luhn"          // the check digit is wrong: a typing error
	CodeExpired      Code = "magstripe.expired"       // the card is past its expiry
	CodeSecurityCode Code = "magstripe.security_code" // missing, or not of the length that the card has
)

// The fewest digits of a card number in use, and the lengths of the security code: American Express prints four digits.
const (
	minTyped         = 12
	securityCode     = 3
	securityCodeAmex = 4
)

// ParseManual checks a card that was typed: the number with its check digit (ISO/IEC 7812-1), the expiry as it is printed,
// MMYY, and the security code. Blanks and hyphens in the number are passed over. year and month are today's. The error is
// a Code.
func (r ManualRules) ParseManual(number, expiry, code string, year, month int) (Manual, error) {
	if !r.Allowed {
		return Manual{}, CodeManual
	}
	m := Manual{PAN: PAN{typed(number)}}
	switch n := len(m.PAN.digits); {
	case n < minTyped || n > maxPAN || !isDigits(m.PAN.digits):
		return Manual{}, CodePAN
	case !m.PAN.Luhn():
		return Manual{}, CodeLuhn
	}
	if len(expiry) != 4 || !isDigits(expiry) || !isMonth(expiry[:2]) {
		return Manual{}, CodeExpiry
	}
	m.Expiry = expiry[2:] + expiry[:2]
	if (&Track{Expiry: m.Expiry}).Expired(year, month) {
		return Manual{}, CodeExpired
	}
	want := securityCode
	if p := m.PAN.digits[:2]; p == "34" || p == "37" {
		want = securityCodeAmex
	}
	if code == "" && !r.SecurityCode {
		return m, nil
	}
	if len(code) != want || !isDigits(code) {
		return Manual{}, CodeSecurityCode
	}
	m.SecurityCode = Hidden{code}
	return m, nil
}

// typed drops what people put between groups of digits.
func typed(number string) string {
	b := make([]byte, 0, len(number))
	for i := range len(number) {
		if c := number[i]; c != ' ' && c != '-' {
			b = append(b, c)
		}
	}
	return string(b)
}
