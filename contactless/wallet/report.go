package wallet

import (
	"fmt"
	"log/slog"
)

// Kind is what presented itself.
type Kind string

// The kinds.
const (
	UnknownKind Kind = "unknown"
	Card        Kind = "card"
	Handheld    Kind = "device" // whatever is no card: phones, watches, rings, key fobs
)

// Device is the form of it.
type Device string

// The forms that schemes tell apart.
const (
	UnknownDevice Device = "unknown"
	PlainCard     Device = "card"
	Phone         Device = "phone"
	Tablet        Device = "tablet"
	Watch         Device = "watch" // and other devices at the wrist where a scheme has one value for both
	Wristband     Device = "wristband"
	KeyFob        Device = "key-fob"
	Sticker       Device = "sticker"
	Case          Device = "case" // of a phone
	Jewellery     Device = "jewellery"
	Other         Device = "other" // a device by what the card says, of a form that has no name here
)

// Brand is a wallet.
type Brand string

// The wallets.
const (
	UnknownBrand Brand = "unknown"
	ApplePay     Brand = "apple-pay"
	GooglePay    Brand = "google-pay"
	SamsungPay   Brand = "samsung-pay"
)

// Verification is whether the owner was verified on the device (consumer device or on-device CVM).
type Verification string

// The answers.
const (
	UnknownVerification Verification = "unknown"
	Done                Verification = "done"
	NotDone             Verification = "not-done"
	Failed              Verification = "failed"
)

// Answer is whether something is so.
type Answer string

// The answers.
const (
	Unknown Answer = "unknown"
	Yes     Answer = "yes"
	No      Answer = "no"
)

// PAR is a Payment Account Reference (9F24): 29 characters, the same for the card and for all tokens of an account. It
// masks itself but for the four that name who gave it out.
type PAR struct {
	b  [29]byte
	ok bool
}

// Present reports whether the tap had one of the right length.
func (p PAR) Present() bool { return p.ok }

// Unmasked returns the reference, "" for none.
func (p PAR) Unmasked() string {
	if !p.ok {
		return ""
	}
	return string(p.b[:])
}

// String returns the first four characters and a mask.
func (p PAR) String() string {
	if !p.ok {
		return ""
	}
	return string(p.b[:4]) + "*************************"
}

// Format writes the masked form, whatever the verb.
func (p PAR) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

// MarshalText returns the masked form.
func (p PAR) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// LogValue returns the masked form.
func (p PAR) LogValue() slog.Value { return slog.StringValue(p.String()) }

// Token is what a tap says of a token in the place of a card number.
type Token struct {
	Is        Answer // the number of the tap is a token
	Requestor string // Token Requestor ID (9F19), 11 digits; "" for none
	Provider  string // the token service by the first three digits of it; "" where it is not known
	PAR       PAR    // Payment Account Reference (9F24)
	LastFour  string // of the number that the cardholder knows (9F25), 4 digits; "" for none
}

// Report is what Examine found. Printed, it shows no more than may be shown.
type Report struct {
	Kind   Kind
	Device Device
	Brand  Brand
	CDCVM  Verification
	Token  Token

	evidence [maxEvidence]Evidence
	n        int
}

// Evidence returns what the answers stand on, in the order in which it was found.
func (r *Report) Evidence() []Evidence { return r.evidence[:r.n] }

// maxEvidence is more than any scheme's rules give.
const maxEvidence = 24

// Implication is what a finding means for the counter.
type Implication string

// The implications.
const (
	// ReceiptLastFour: the receipt's digits for the cardholder are those of 9F25. Those of the number itself are the
	// token's, which no card shows.
	ReceiptLastFour Implication = "receipt.last_four"
	// ReceiptTokenDigits: the number is a token and the tap does not say what the cardholder's own ends with.
	ReceiptTokenDigits Implication = "receipt.token_digits"
	// RefundSameDevice: a refund that takes the number by tap wants the same device: the card, and every other device of
	// the account, has another number.
	RefundSameDevice Implication = "refund.same_device"
	// RefundByPAR: purchase and refund belong to one account where their Payment Account References are the same,
	// whatever was presented.
	RefundByPAR Implication = "refund.par"
	// RefundByReference: neither number nor PAR will find the purchase from another device: use its reference.
	RefundByReference Implication = "refund.reference"
)

// Implications returns what the token means for receipt and refund; nil where the number is not known to be a token.
func (r *Report) Implications() []Implication {
	switch {
	case r.Token.Is != Yes:
		return nil
	case r.Token.LastFour != "" && r.Token.PAR.Present():
		return []Implication{ReceiptLastFour, RefundSameDevice, RefundByPAR}
	case r.Token.LastFour != "":
		return []Implication{ReceiptLastFour, RefundSameDevice, RefundByReference}
	case r.Token.PAR.Present():
		return []Implication{ReceiptTokenDigits, RefundSameDevice, RefundByPAR}
	}
	return []Implication{ReceiptTokenDigits, RefundSameDevice, RefundByReference}
}
