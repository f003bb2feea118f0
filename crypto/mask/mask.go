// Package mask keeps secrets out of what is printed, logged and marshalled.
//
// A struct that holds a secret embeds [Key] or [PIN] as its first field:
//
//	type Key struct {
//		mask.Key
//		bytes [32]byte
//	}
//
// It then has four methods: Format answers every verb of fmt, String who asks for the text, MarshalText encoding/json
// and other encoders, LogValue log/slog. Each gives the mask and nothing else. What is embedded takes no room in front -
// behind the last field it would - and changes neither the zero value nor whether values can be compared.
//
// An array can embed nothing, and a struct that shows more than the mask must not: such types have the four methods of
// their own, and write [KeyText] or [PINText].
//
// A mask does not reach inwards. As a field that fmt can't reach by a method, in a struct where it is unexported, a secret
// prints as what it is: such a struct masks itself.
package mask

import (
	"fmt"
	"log/slog"
)

// What stands for a secret wherever it is printed, logged or marshalled.
const (
	KeyText = "[key]" // a key, or something that holds one
	PINText = "[pin]" // a PIN, or a block that holds one
)

// Key masks the struct that embeds it as KeyText.
type Key struct{}

// Format writes the mask, whatever the verb.
func (Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(KeyText)) }

// String returns the mask.
func (Key) String() string { return KeyText }

// MarshalText returns the mask.
func (Key) MarshalText() ([]byte, error) { return []byte(KeyText), nil }

// LogValue returns the mask.
func (Key) LogValue() slog.Value { return slog.StringValue(KeyText) }

// PIN masks the struct that embeds it as PINText.
type PIN struct{}

// Format writes the mask, whatever the verb.
func (PIN) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(PINText)) }

// String returns the mask.
func (PIN) String() string { return PINText }

// MarshalText returns the mask.
func (PIN) MarshalText() ([]byte, error) { return []byte(PINText), nil }

// LogValue returns the mask.
func (PIN) LogValue() slog.Value { return slog.StringValue(PINText) }
