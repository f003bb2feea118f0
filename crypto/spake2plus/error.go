package spake2plus

// Code names what is wrong. Codes are stable: programs compare them.
type Code string

// The codes of an Error.
const (
	CodeSecret   Code = "spake2plus.secret"   // a secret or record of a wrong length, zero, or wiped
	CodeCost     Code = "spake2plus.cost"     // a cost that argon2id does not have
	CodeRandom   Code = "spake2plus.random"   // the randomness failed
	CodeShare    Code = "spake2plus.share"    // not a point of the curve in the uncompressed form, or one that gives no secret
	CodeConfirm  Code = "spake2plus.confirm"  // the confirmation does not hold: another password, identity or context
	CodeSequence Code = "spake2plus.sequence" // a step before its time, twice, or after a refusal
)

// Error says what an exchange refuses. It carries no secret.
type Error struct {
	Code Code
	Err  error // for CodeRandom: what the reader said
}

func (e *Error) Error() string {
	if e.Err != nil {
		return string(e.Code) + ": " + e.Err.Error()
	}
	return string(e.Code)
}

// Is makes errors.Is(err, &Error{Code: c}) true for every Error with that code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Err == nil
}

// Unwrap returns what the reader of randomness said, nil where it was not asked.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the stable code as text.
func (e *Error) ErrorCode() string { return string(e.Code) }

func refuse(c Code) error { return &Error{Code: c} }
