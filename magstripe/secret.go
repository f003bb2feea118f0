package magstripe

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// PAN is a card number. Printed in any way it shows its first six and last four digits only, or its last four where it
// has fewer than 13.
type PAN struct{ digits string }

// Unmasked returns all digits.
func (p PAN) Unmasked() string { return p.digits }

// Luhn reports whether the last digit is the check digit of the others (ISO/IEC 7812-1, Annex B).
func (p PAN) Luhn() bool {
	sum := 0
	for i := range len(p.digits) {
		d := int(p.digits[len(p.digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return p.digits != "" && sum%10 == 0
}

// String returns the masked digits.
func (p PAN) String() string {
	n := len(p.digits)
	switch {
	case n < 8:
		return strings.Repeat("*", n)
	case n < 13:
		return strings.Repeat("*", n-4) + p.digits[n-4:]
	}
	return p.digits[:6] + strings.Repeat("*", n-10) + p.digits[n-4:]
}

// Format writes the masked digits, whatever the verb.
func (p PAN) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// MarshalText gives the masked digits to JSON and its like.
func (p PAN) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// LogValue gives the masked digits to log/slog.
func (p PAN) LogValue() slog.Value { return slog.StringValue(p.String()) }

// Hidden is text that is never shown: a name, discretionary data. It prints as one '*' a character.
type Hidden struct{ text string }

// Unmasked returns the text.
func (h Hidden) Unmasked() string { return h.text }

// String returns as many '*' as there are characters.
func (h Hidden) String() string { return strings.Repeat("*", len(h.text)) }

// Format writes what String returns, whatever the verb.
func (h Hidden) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, h.String()) }

// MarshalText gives what String returns to JSON and its like.
func (h Hidden) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// LogValue gives what String returns to log/slog.
func (h Hidden) LogValue() slog.Value { return slog.StringValue(h.String()) }
