package p2pe

import (
	"fmt"
	"log/slog"
)

const maskedClear = "[card data]"

// Clear is a PAN or a track in the clear, on the host's side. It prints, logs and marshals as "[card data]"; Wipe ends it.
type Clear struct {
	size  int
	bytes [maxCiphertext]byte
}

// Bytes returns the data, of which it is not a copy: it is zero after Wipe.
func (c *Clear) Bytes() []byte { return c.bytes[:c.size] }

// Wipe overwrites the data.
func (c *Clear) Wipe() { *c = Clear{} }

// Format writes the mask, whatever the verb.
func (c Clear) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(maskedClear)) }

// String returns the mask.
func (c Clear) String() string { return maskedClear }

// MarshalText returns the mask.
func (c Clear) MarshalText() ([]byte, error) { return []byte(maskedClear), nil }

// LogValue returns the mask.
func (c Clear) LogValue() slog.Value { return slog.StringValue(maskedClear) }
