package issuer

import (
	"strconv"

	"github.com/cardwright/emv/tlv"
)

// Code names what is wrong with the arguments. Codes are stable: programs compare them, vectors name them.
type Code string

// The codes of an Error.
const (
	CodeKeyLength   Code = "issuer.key_length"   // a key of a length that the algorithm does not take
	CodeOption      Code = "issuer.option"       // a derivation option that is none of those listed
	CodePAN         Code = "issuer.pan"          // a PAN that is not 1 to 19 decimal digits
	CodePSN         Code = "issuer.psn"          // a PAN sequence number that is not two decimal digits
	CodeProfile     Code = "issuer.profile"      // a cryptogram version without a profile, or a profile that contradicts itself
	CodeDataMissing Code = "issuer.data_missing" // a data object that the computation needs is absent or empty
	CodeDataLength  Code = "issuer.data_length"  // a data object of a length that the computation does not take
	CodeIAD         Code = "issuer.iad"          // Issuer Application Data of no known layout
	CodeTree        Code = "issuer.tree"         // a tree of session keys that has no place for every ATC
	CodePIN         Code = "issuer.pin"          // no PIN, or a length or an offset that is not of 4 to 12 decimal digits
	CodeDigits      Code = "issuer.digits"       // an expiry date, service code, key index or table of other than its digits
	CodeMessaging   Code = "issuer.messaging"    // secure messaging that contradicts itself, or a protected text that does not unpad
	CodeCommand     Code = "issuer.command"      // a command header or a command that secure messaging does not take
)

// Error says which argument a computation cannot use. It carries no key, no PAN and no data bytes.
type Error struct {
	Code Code
	Tag  tlv.Tag // of the data object, 0 where it is about none
	N    int     // the length, or the cryptogram version, that was given
}

func (e *Error) Error() string {
	text := string(e.Code)
	if e.Tag != 0 {
		text += " " + e.Tag.String()
	}
	if e.N != 0 {
		text += ": " + strconv.Itoa(e.N)
	}
	return text
}

// Is makes errors.Is(err, &Error{Code: c}) true for every Error with that code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Tag == 0 && t.N == 0
}

// ErrorCode returns the stable code as text.
func (e *Error) ErrorCode() string { return string(e.Code) }
