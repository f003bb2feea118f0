package mac

import "strconv"

// Code names what is wrong with the arguments. Codes are stable: programs compare them, vectors name them.
type Code string

// The codes of an Error.
const (
	CodeKeyLength Code = "mac.key_length" // a key of a length that the algorithm does not take
	CodePadding   Code = "mac.padding"    // a padding method that is none of 1, 2 and 3
	CodeBlockSize Code = "mac.block_size" // a block of a size that the algorithm does not take
	CodeCipher    Code = "mac.cipher"     // a cipher that the platform refuses (FIPS 140-only mode refuses DES)
)

// Error says which argument a MAC cannot be computed with. It carries no key and no data.
type Error struct {
	Code Code
	N    int   // the length, method or size that was given
	Err  error // for CodeCipher: what the platform said
}

func (e *Error) Error() string {
	if e.Err != nil {
		return string(e.Code) + ": " + e.Err.Error()
	}
	return string(e.Code) + ": " + strconv.Itoa(e.N)
}

// Is makes errors.Is(err, &Error{Code: c}) true for every Error with that code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.N == 0 && t.Err == nil
}

// Unwrap returns what the platform said, nil where it was not asked.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the stable code as text.
func (e *Error) ErrorCode() string { return string(e.Code) }
