package capk

import (
	"strconv"
	"strings"
)

// Code names what is wrong with a key or a key file. Codes are stable: programs compare them.
type Code string

// Why a key is refused. In a file these are reported by [Set.Refused]; in [NewSet] they are errors.
const (
	CodeModulus         Code = "capk.modulus"          // even, with a leading zero byte, or not MinModulus to MaxModulus bytes
	CodeExponent        Code = "capk.exponent"         // neither '03' nor '010001'
	CodeChecksum        Code = "capk.checksum"         // the published checksum does not agree with the key
	CodeChecksumMissing Code = "capk.checksum_missing" // no checksum was published
	CodeSuperseded      Code = "capk.superseded"       // the file says that another key under this RID and index is right
)

// What makes a whole set or file an error.
const (
	CodeClash  Code = "capk.clash"  // two keys under one RID and index, and nothing that says which is right
	CodeFile   Code = "capk.file"   // not JSON, not this format, an unknown or a missing field
	CodeRID    Code = "capk.rid"    // not ten hexadecimal digits
	CodeIndex  Code = "capk.index"  // not two hexadecimal digits
	CodeHex    Code = "capk.hex"    // another field that is not hexadecimal, or of the wrong length
	CodeExpiry Code = "capk.expiry" // not a date YYMMDD
	CodeRead   Code = "capk.read"   // the reader given to Load failed
)

// Error is one fault of a set or a key file.
type Error struct {
	Code  Code
	Path  string // the place: "keys[3].modulus"
	RID   RID    // zero where the fault is not of one key
	Index byte
	Text  string
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	if e.Path != "" {
		b.WriteString(" at " + e.Path)
	}
	if e.RID != (RID{}) {
		b.WriteString(" (" + keyName(e.RID, e.Index) + ")")
	}
	if e.Text != "" {
		b.WriteString(": " + e.Text)
	}
	return b.String()
}

// Is makes errors.Is(err, &Error{Code: c}) true for every Error with that code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && *t == Error{Code: e.Code}
}

// ErrorCode returns the stable code as text.
func (e *Error) ErrorCode() string { return string(e.Code) }

// Faults are all that is wrong with a set or a key file, in the order of its keys. It is never empty.
type Faults []*Error

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, e := range f {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives each fault to errors.Is and errors.As.
func (f Faults) Unwrap() []error {
	errs := make([]error, len(f))
	for i, e := range f {
		errs[i] = e
	}
	return errs
}

// ErrorCode returns the code of the first fault.
func (f Faults) ErrorCode() string { return string(f[0].Code) }

// orNil keeps an empty list from becoming a non-nil error.
func (f Faults) orNil() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

func keyName(rid RID, index byte) string {
	s := strconv.FormatUint(uint64(index), 16)
	if len(s) < 2 {
		s = "0" + s
	}
	return rid.String() + "/" + strings.ToUpper(s)
}
