package ecc

import (
	"fmt"
	"log/slog"
)

// masked stands for a secret wherever one is printed, logged or marshalled.
const masked = "[key]"

// mask gives a type that holds secrets its one way to be printed, logged and marshalled.
type mask struct{}

// Format writes the mask, whatever the verb.
func (mask) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// String returns the mask.
func (mask) String() string { return masked }

// MarshalText returns the mask.
func (mask) MarshalText() ([]byte, error) { return []byte(masked), nil }

// LogValue returns the mask.
func (mask) LogValue() slog.Value { return slog.StringValue(masked) }
