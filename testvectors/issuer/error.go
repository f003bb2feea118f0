package issuer

import "github.com/cardwright/emv/tlv"

// Error is an error with a stable code. It carries no data.
type Error struct {
	Code string
	Tag  tlv.Tag // of the object that it is about, 0 for none
	Err  error   // why, where another package says so
}

// The codes of errors: DE55 can't be read. The verdict that comes with one is not valid.
const (
	CodeSyntax   = "issuer.de55"          // not a sequence of data objects
	CodeRepeated = "issuer.de55_repeated" // an object comes twice
	CodeMissing  = "issuer.de55_missing"  // an object that the cryptogram needs is absent or empty
	CodeLength   = "issuer.de55_length"   // an object of a wrong length
	CodePAN      = "issuer.de55_pan"      // no card number in 57 or 5A, or two that differ
	CodeIAD      = "issuer.de55_iad"      // Issuer Application Data of no known layout or cryptogram version
	CodeConfig   = "issuer.config"        // Config is wrong
)

// What Verdict.Why says of a message that could be read.
const (
	WhyApproved   = "issuer.approved"
	WhyUnable     = "issuer.unable"         // Config.Unable: no answer
	WhyCryptogram = "issuer.cryptogram"     // the cryptogram is not the card's over these data
	WhyKey        = "issuer.key_index"      // the card's derivation key index has no key here
	WhyType       = "issuer.type"           // the CID is not what the Card Verification Results say
	WhyReplay     = "issuer.replay"         // a cryptogram with this counter came before
	WhyDeclined   = "issuer.declined"       // Config.Decline
	WhyCard       = "issuer.card_declined"  // the card itself declined: an AAC
	WhyHotCard    = "issuer.hot_card"       // Config.HotList
	WhyAmount     = "issuer.amount"         // over Config.Limit
	WhyUncleared  = "issuer.not_authorised" // clearing of an ARQC that Decide did not approve
)

func (e *Error) Error() string {
	text := e.Code
	if e.Tag != 0 {
		text += " " + e.Tag.String()
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// ErrorCode returns the stable code.
func (e *Error) ErrorCode() string { return e.Code }

// Unwrap returns the error behind it.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target has the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(interface{ ErrorCode() string })
	return ok && t.ErrorCode() == e.Code
}
