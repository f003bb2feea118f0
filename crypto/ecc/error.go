package ecc

import "strconv"

// Code names what is wrong. Codes are stable: programs compare them, vectors name them.
type Code string

// The codes of an Error.
const (
	CodeCurve           Code = "ecc.curve"            // a curve that is neither P-256 nor P-521, or not that of the other argument
	CodeSuite           Code = "ecc.suite"            // an Algorithm Suite Indicator that is not known
	CodePointLength     Code = "ecc.point_length"     // a coordinate or an encoded point of a wrong length
	CodePointEncoding   Code = "ecc.point_encoding"   // an encoded point of an unknown form
	CodePoint           Code = "ecc.point"            // not a point of the curve
	CodeInfinity        Code = "ecc.infinity"         // the point at infinity, which is nobody's key
	CodeScalarLength    Code = "ecc.scalar_length"    // a private key of a wrong length
	CodeScalar          Code = "ecc.scalar"           // a private key that is not 1 to n-1
	CodeRandom          Code = "ecc.random"           // the randomness failed
	CodeSignatureLength Code = "ecc.signature_length" // a signature of a wrong length
	CodeSignatureR      Code = "ecc.signature_r"      // r is 0 modulo n
	CodeSignatureS      Code = "ecc.signature_s"      // s is not 1 to n-1
	CodeSignature       Code = "ecc.signature"        // the signature is not of that message by that key
	CodeBlinding        Code = "ecc.blinding"         // the blinded public key is not that of this card and factor
	CodeKeyLength       Code = "ecc.key_length"       // a session key that is not 16 bytes, or a secret that is empty or too long
	CodeCounter         Code = "ecc.counter"          // message counters that are used up, or of which two directions share one
	CodeMessageLength   Code = "ecc.message_length"   // a protected message shorter than its MAC
	CodeMAC             Code = "ecc.mac"              // the MAC of a protected message does not agree
	CodeClosed          Code = "ecc.closed"           // the channel had a wrong MAC, or was wiped
)

// Error says what an operation refuses. It carries no key and no data.
type Error struct {
	Code Code
	N    int   // the length or number that was given, 0 where it says nothing
	Err  error // for CodeRandom: what the reader said
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

// Unwrap returns what the reader of randomness said, nil where it was not asked.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the stable code as text.
func (e *Error) ErrorCode() string { return string(e.Code) }

func refuse(c Code, n int) error { return &Error{Code: c, N: n} }
