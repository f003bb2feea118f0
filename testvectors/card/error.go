package card

// Error is an error with a stable code.
//
// The codes card.removed, card.timeout, card.transmission, card.protocol and card.collision say that the card gave no
// answer, because a fault told it so. They are those of a reader driver: errors.Is(err, target) holds for every target
// that has the same code in a method ErrorCode, whichever package it comes from.
//
// New returns card.profile, card.set and card.fault, for what Config says that this package does not know.
type Error struct {
	Code string
	Text string // what it means, without data
}

// The codes.
const (
	CodeRemoved      = "card.removed"      // the card left the field
	CodeTimeout      = "card.timeout"      // the card did not answer in time
	CodeTransmission = "card.transmission" // the answer was garbled on its way
	CodeProtocol     = "card.protocol"     // the answer broke the transmission protocol
	CodeCollision    = "card.collision"    // more than one card in the field
	CodeProfile      = "card.profile"      // no profile of that name
	CodeSet          = "card.set"          // Config.Set names no valid tag, or a value that is too long
	CodeFault        = "card.fault"        // no fault of that name, or one that is written wrongly
	CodeRandom       = "card.random"       // Config.Rand gave too little
	CodeData         = "card.data"         // a cryptogram or signature can't be computed from the personalised data
)

func (e *Error) Error() string { return e.Code + ": " + e.Text }

// ErrorCode returns the stable code.
func (e *Error) ErrorCode() string { return e.Code }

// Is reports whether target has the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(interface{ ErrorCode() string })
	return ok && t.ErrorCode() == e.Code
}
