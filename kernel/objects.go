package kernel

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/cardwright/emv/tlv/dict"
)

// Objects are TLV data objects, one after the other. Printed in any way they show hexadecimal in which card numbers and
// what else is confidential are hidden; as bytes they are plain.
type Objects []byte

// String returns the masked objects.
func (o Objects) String() string { return string(dict.MaskObjects(o, nil)) }

// Format writes the masked objects, whatever the verb.
func (o Objects) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, o.String()) }

// MarshalText gives the masked objects to JSON and its like.
func (o Objects) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// LogValue gives the masked objects to log/slog.
func (o Objects) LogValue() slog.Value { return slog.StringValue(o.String()) }
