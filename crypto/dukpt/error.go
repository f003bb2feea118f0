package dukpt

import "strconv"

// Code names what is wrong with the arguments. Codes are stable: programs compare them, vectors name them.
type Code string

// The codes of an Error.
const (
	CodeKeyLength    Code = "dukpt.key_length"     // a key of a length that the algorithm does not take
	CodeKSNLength    Code = "dukpt.ksn_length"     // a key serial number or initial key ID of a wrong length
	CodeCounterBits  Code = "dukpt.counter_bits"   // a KSN whose counter has more one bits than any terminal uses
	CodeCounterZero  Code = "dukpt.counter_zero"   // the KSN of an initial key, which is of no transaction
	CodeUsage        Code = "dukpt.usage"          // a key usage that does not exist, or not for that key type
	CodeKeyType      Code = "dukpt.key_type"       // a key type that does not exist
	CodeKeyStrength  Code = "dukpt.key_strength"   // a working key that were stronger than the key it comes from
	CodeInitialKeyID Code = "dukpt.initial_key_id" // an update to the initial key ID that is in use
	CodeNotLoaded    Code = "dukpt.not_loaded"     // a terminal without an initial key, or a wiped transaction
	CodeExhausted    Code = "dukpt.exhausted"      // a terminal that has used its last key
	CodeState        Code = "dukpt.state"          // a terminal's state that is damaged or of another kind
	CodeCipher       Code = "dukpt.cipher"         // a cipher that the platform refuses (FIPS 140-only mode refuses DES)
)

// Error says which argument a derivation cannot use. It carries no key.
type Error struct {
	Code Code
	N    int   // the length, number of bits, usage or type that was given
	Err  error // for CodeCipher: what the platform said
}

func (e *Error) Error() string {
	switch {
	case e.Err != nil:
		return string(e.Code) + ": " + e.Err.Error()
	case e.N != 0:
		return string(e.Code) + ": " + strconv.Itoa(e.N)
	}
	return string(e.Code)
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
