package keyblock

import "strconv"

// Code names what is wrong with a block or with the arguments. Codes are stable: programs compare them, vectors name them.
type Code string

// The codes of an Error.
const (
	CodeLength        Code = "keyblock.length"         // a length field that is no number, or not the length; a block too short or too long
	CodeVersion       Code = "keyblock.version"        // a version that is none of A to E
	CodeField         Code = "keyblock.field"          // a header field of the wrong characters or of an unknown value
	CodeHex           Code = "keyblock.hex"            // a character that is no upper-case hexadecimal digit
	CodeOptionalBlock Code = "keyblock.optional_block" // an optional block that is cut, repeated, misplaced or of wrong content
	CodeAbsent        Code = "keyblock.absent"         // an optional block that was asked for is not there
	CodeMAC           Code = "keyblock.mac"            // the MAC is wrong: another KBPK, or a block that was changed
	CodeKeyLength     Code = "keyblock.key_length"     // the key's length is none of the algorithm's, or more than is there
	CodeKBPK          Code = "keyblock.kbpk"           // a KBPK of a length that the version does not take
	CodeStrength      Code = "keyblock.strength"       // a key that is stronger than the KBPK
	CodeSingleDES     Code = "keyblock.single_des"     // a DES key of 8 bytes
	CodeDeprecated    Code = "keyblock.deprecated"     // a version that X9.143 deprecates
	CodeUsage         Code = "keyblock.usage"          // a key usage that X9.143 does not define
	CodeAlgorithm     Code = "keyblock.algorithm"      // an algorithm that the key usage does not go with
	CodeMode          Code = "keyblock.mode"           // a mode of use that the key usage does not go with
	CodeForbidden     Code = "keyblock.forbidden"      // the header does not allow that use of the key
	CodeExport        Code = "keyblock.export"         // the header does not allow the key to leave
	CodeRandom        Code = "keyblock.random"         // random bytes could not be drawn
)

// Error says what was refused. It carries no key and no part of one.
type Error struct {
	Code  Code
	Field string // the header field, or the ID of the optional block, "" where it is about none
	N     int    // the length or number that was found, 0 where it is about none
	Err   error  // for CodeRandom: what the source said
}

func (e *Error) Error() string {
	text := string(e.Code)
	if e.Field != "" {
		text += " (" + strconv.Quote(e.Field) + ")"
	}
	if e.N != 0 {
		text += ": " + strconv.Itoa(e.N)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is makes errors.Is(err, &Error{Code: c}) true for every Error with that code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Field == "" && t.N == 0 && t.Err == nil
}

// Unwrap returns what the source of random bytes said, nil where it was not asked.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the stable code as text.
func (e *Error) ErrorCode() string { return string(e.Code) }
