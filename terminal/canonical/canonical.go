// Package canonical writes JSON in the one form of RFC 8785, so that two sides compute the same hash of the same data
// whatever library wrote it: members sorted, no space, shortest numbers, least escapes.
//
// Transform refuses what has no such form or more than one reading: text that is not UTF-8, half a surrogate pair, a
// member that stands twice, a number beyond IEEE 754, anything behind the value. It never panics; nesting is bounded.
package canonical

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds nesting.
const maxDepth = 64

// Error is a refusal; its code is canonical.invalid.
type Error struct{ What string }

func (e *Error) Error() string { return "canonical.invalid: " + e.What }

// ErrorCode returns the stable code.
func (*Error) ErrorCode() string { return "canonical.invalid" }

func refuse(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// Marshal encodes a value as encoding/json does and transforms the result. The error is *Error, or json's.
func Marshal(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return Transform(b)
}

// Hash returns the SHA-256 of a value's canonical form: the cart hash of the protocol. The error is that of Marshal.
func Hash(v any) ([sha256.Size]byte, error) {
	b, err := Marshal(v)
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	return sha256.Sum256(b), nil
}

// Transform rewrites one JSON value. The error is *Error.
func Transform(src []byte) ([]byte, error) {
	if !utf8.Valid(src) {
		return nil, refuse("not UTF-8")
	}
	if err := surrogates(src); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	dst, err := value(nil, d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, refuse("something follows the value")
	}
	return dst, nil
}

// value appends the next value of d.
func value(dst []byte, d *json.Decoder, depth int) ([]byte, error) {
	t, err := d.Token()
	if err != nil {
		return nil, refuse("%v", err)
	}
	if depth > maxDepth {
		return nil, refuse("nested more than %d deep", maxDepth)
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return object(dst, d, depth)
		}
		return array(dst, d, depth)
	case string:
		return text(dst, t), nil
	case json.Number:
		return number(dst, t.String())
	case bool:
		return strconv.AppendBool(dst, t), nil
	default:
		return append(dst, "null"...), nil
	}
}

func array(dst []byte, d *json.Decoder, depth int) ([]byte, error) {
	dst = append(dst, '[')
	for i := 0; d.More(); i++ {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = value(dst, d, depth+1); err != nil {
			return nil, err
		}
	}
	return end(dst, d, ']')
}

func end(dst []byte, d *json.Decoder, c byte) ([]byte, error) {
	if _, err := d.Token(); err != nil {
		return nil, refuse("%v", err)
	}
	return append(dst, c), nil
}

// object appends the rest of an object: members in the order of their names' UTF-16 code units (RFC 8785, 3.2.3).
func object(dst []byte, d *json.Decoder, depth int) ([]byte, error) {
	type member struct {
		name  string
		units []uint16
		value []byte
	}
	var members []member
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, refuse("a member without a name")
		}
		v, err := value(nil, d, depth+1)
		if err != nil {
			return nil, err
		}
		members = append(members, member{name, utf16.Encode([]rune(name)), v})
	}
	slices.SortFunc(members, func(a, b member) int { return slices.Compare(a.units, b.units) })
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			if m.name == members[i-1].name {
				return nil, refuse("member %q stands twice", m.name)
			}
			dst = append(dst, ',')
		}
		dst = append(text(dst, m.name), ':')
		dst = append(dst, m.value...)
	}
	return end(dst, d, '}')
}

const hex = "0123456789abcdef"

// text appends a string with the escapes that must be (RFC 8785, 3.2.2.2).
func text(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ':
			dst = append(dst, c)
		case c == '\b':
			dst = append(dst, `\b`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\f':
			dst = append(dst, `\f`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[c>>4], hex[c&15])
		}
	}
	return append(dst, '"')
}

// number appends a number as ECMAScript writes it (RFC 8785, 3.2.2.3): the shortest digits that read back as the same
// double, with an exponent below 1e-6 and from 1e21.
func number(dst []byte, s string) ([]byte, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, refuse("number %.40s is beyond a double", s)
	}
	if f == 0 {
		return append(dst, '0'), nil // minus zero too
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64), nil
	}
	// Go writes at least two digits of exponent, ECMAScript as many as there are.
	e := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(e, "e")
	dst = append(append(dst, mantissa...), 'e', exponent[0])
	return append(dst, strings.TrimLeft(exponent[1:], "0")...), nil
}

// surrogates refuses an escape that is half a pair: encoding/json would read it as U+FFFD, others as something else.
func surrogates(src []byte) error {
	high := false // the escape before this one is the first half
	for i := 0; i < len(src); i++ {
		unit, escape := -1, src[i] == '\\' && i+1 < len(src)
		if escape && src[i+1] == 'u' && i+6 <= len(src) {
			if u, err := strconv.ParseUint(string(src[i+2:i+6]), 16, 16); err == nil {
				unit = int(u)
			}
		}
		low := unit >= 0xDC00 && unit <= 0xDFFF
		if low != high {
			return refuse("half a surrogate pair")
		}
		high = unit >= 0xD800 && unit <= 0xDBFF
		switch {
		case unit >= 0:
			i += 5
		case escape:
			i++
		}
	}
	return nil
}
