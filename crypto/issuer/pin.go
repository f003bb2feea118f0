package issuer

import (
	"fmt"
	"log/slog"
)

// maskedPIN stands for a PIN wherever one is printed, logged or marshalled.
const maskedPIN = "[pin]"

// ISO 9564-1, 8.1: a PIN has 4 to 12 digits.
const (
	minPIN = 4
	maxPIN = 12
)

// PIN is a PIN of 4 to 12 decimal digits. It prints, logs and marshals as "[pin]". The zero PIN is none.
type PIN struct {
	digits [maxPIN]byte // ASCII
	size   int
}

// NewPIN copies the digits of a PIN, in ASCII. The error is CodePIN.
func NewPIN(digits []byte) (PIN, error) {
	if len(digits) < minPIN || len(digits) > maxPIN || !decimal(digits) {
		return PIN{}, &Error{Code: CodePIN, N: len(digits)}
	}
	p := PIN{size: len(digits)}
	copy(p.digits[:], digits)
	return p, nil
}

// Digits returns the PIN's digits in ASCII, of which it is not a copy: they are gone after Wipe.
func (p *PIN) Digits() []byte { return p.digits[:p.size] }

// Wipe overwrites the PIN; it is the zero PIN then.
func (p *PIN) Wipe() { *p = PIN{} }

// Format writes the mask, whatever the verb.
func (p PIN) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(maskedPIN)) }

// String returns the mask.
func (p PIN) String() string { return maskedPIN }

// MarshalText returns the mask.
func (p PIN) MarshalText() ([]byte, error) { return []byte(maskedPIN), nil }

// LogValue returns the mask.
func (p PIN) LogValue() slog.Value { return slog.StringValue(maskedPIN) }

// decimal reports whether all bytes are ASCII digits.
func decimal[T string | []byte](text T) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
