package cert

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

const tagPAN tlv.Tag = 0x5A

// pad is the digit that fills up a compressed numeric field (Book 3, 4.3).
const pad = 0x0F

// PAN is a primary account number as the ICC certificate holds it: digits, padded with 'F' to 20. It shows itself
// only masked, whatever the verb; its bytes are plain.
type PAN [10]byte

// String returns the first six and the last four digits, the others as asterisks.
func (p PAN) String() string {
	return strings.TrimRight(string(dict.MaskTag(tagPAN, p[:], nil)), "F")
}

// Format writes String for every verb.
func (p PAN) Format(s fmt.State, _ rune) { fmt.Fprint(s, p.String()) }

// MarshalText returns String, for JSON and its like.
func (p PAN) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// LogValue returns String.
func (p PAN) LogValue() slog.Value { return slog.StringValue(p.String()) }

// equals compares with tag 5A, which may be shorter: what is not there is padding.
func (p PAN) equals(pan []byte) bool {
	if len(pan) > len(p) {
		return false
	}
	for i := range 2 * len(p) {
		if digit(p[:], i) != digit(pan, i) {
			return false
		}
	}
	return true
}

// digit returns the i-th digit of a compressed numeric field.
func digit(b []byte, i int) byte {
	switch {
	case i/2 >= len(b):
		return pad
	case i%2 == 0:
		return b[i/2] >> 4
	}
	return b[i/2] & 0x0F
}
