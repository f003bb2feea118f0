package pin

// Code names what is wrong with the arguments. Codes are stable: programs compare them, vectors name them.
type Code string

// The codes of an Error.
const (
	CodeLength        Code = "pin.length"               // a PIN that has not 4 to 12 digits
	CodeDigit         Code = "pin.digit"                // a PIN with something that is no decimal digit
	CodePAN           Code = "pin.pan"                  // a PAN that is not 1 to 19 decimal digits
	CodeControl       Code = "pin.control"              // a block whose control field is that of another format
	CodeFill          Code = "pin.fill"                 // a block with fill digits that the format does not have
	CodeFormat        Code = "pin.format"               // a block of a format that must not be enciphered so
	CodeRandom        Code = "pin.random"               // the source of random bytes failed
	CodeRSAKey        Code = "pin.rsa_key"              // an RSA key that Book 2, Annex B2.1 does not allow
	CodeDataLength    Code = "pin.data_length"          // PIN data too short for a PIN block and an unpredictable number
	CodeDataHeader    Code = "pin.data_header"          // PIN data that does not begin with '7F'
	CodeUnpredictable Code = "pin.unpredictable_number" // PIN data with another ICC Unpredictable Number
)

// Error says why a PIN block cannot be made or opened. It carries nothing of the PIN, the PAN or a key.
type Error struct {
	Code Code
	Err  error // for CodeRandom: what the source said
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

// Unwrap returns what the source of random bytes said, nil where it was not asked.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the stable code as text.
func (e *Error) ErrorCode() string { return string(e.Code) }
