package host

import (
	"strings"

	"github.com/moov-io/iso8583/encoding"
	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/padding"
	"github.com/moov-io/iso8583/prefix"
)

// The fields that the client knows by number. ISO 8583:1987, 4.
const (
	fieldProcessing = 3
	fieldAmount     = 4
	fieldSent       = 7
	fieldSTAN       = 11
	fieldTime       = 12
	fieldDate       = 13
	fieldEntry      = 22
	fieldSequence   = 23
	fieldCondition  = 25
	fieldRRN        = 37
	fieldApproval   = 38
	fieldCode       = 39
	fieldTerminal   = 41
	fieldMerchant   = 42
	fieldCurrency   = 49
	fieldSettled    = 50
	fieldAdditional = 54
	fieldChip       = 55
	fieldText       = 63
	fieldMAC        = 64
	fieldBalance    = 66
	fieldNetwork    = 70
	fieldOriginal   = 90
	fieldMAC2       = 128
)

const maxField = 128

// definition is a field of a dialect.
type definition struct {
	name      string
	kind      string // one of kinds
	length    int    // characters or bytes; the most where prefix is not 0
	prefix    int    // digits of the length before a value, 0 for a fixed length
	sensitive bool   // never printed
}

// kinds are the types of ISO 8583:1987, 4.2, and the characters that each has. "b" has any byte.
var kinds = map[string]func(c byte) bool{
	"n":   isDigit,
	"a":   isLetter,
	"an":  func(c byte) bool { return isDigit(c) || isLetter(c) || c == ' ' }, // padded with spaces
	"ans": func(c byte) bool { return c >= 0x20 && c <= 0x7E },
	"z":   func(c byte) bool { return c >= '0' && c <= '?' }, // ISO/IEC 7813, 6 bits a character: digits, separators
	"x+n": isDigit,                                           // behind a sign, C or D
	"b":   func(byte) bool { return true },
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

// check holds a value to its field.
func (f *definition) check(n int, v []byte) error {
	switch {
	case f.prefix == 0 && len(v) != f.length, len(v) > f.length, len(v) == 0:
		return &Error{Code: CodeField, Field: n, Text: "has not the field's length"}
	}
	if f.kind == "x+n" {
		if v[0] != 'C' && v[0] != 'D' {
			return &Error{Code: CodeField, Field: n, Text: "has neither C nor D as its sign"}
		}
		v = v[1:]
	}
	good := kinds[f.kind]
	for _, c := range v {
		if !good(c) {
			return &Error{Code: CodeField, Field: n, Text: "has a character that is not of its type"}
		}
	}
	return nil
}

// fill makes a text as long as a fixed field: numbers from the left with zeros, others from the right with spaces.
// ISO 8583:1987, 4.2.
func (f *definition) fill(s string) string {
	if f.prefix != 0 || len(s) >= f.length {
		return s
	}
	gap := f.length - len(s)
	if f.kind == "n" {
		return strings.Repeat("0", gap) + s
	}
	return s + strings.Repeat(" ", gap)
}

// encodings are how a dialect writes characters and lengths.
type encodings struct {
	mti, digits, text encoding.Encoder
	lengths           prefix.Prefixers
	bitmap            encoding.Encoder
}

// spec describes the field to the codec. Padding is the caller's: values go in and come out as they are.
func (f *definition) spec(e *encodings) field.Field {
	s := &field.Spec{Length: f.length, Description: f.name, Enc: e.text, Pref: prefix.ASCII.Fixed, Pad: padding.None}
	switch f.prefix {
	case 1:
		s.Pref = e.lengths.L
	case 2:
		s.Pref = e.lengths.LL
	case 3:
		s.Pref = e.lengths.LLL
	}
	switch f.kind {
	case "b":
		s.Enc = encoding.Binary
		return field.NewBinary(s)
	case "n":
		s.Enc = e.digits
	}
	return field.NewString(s)
}
