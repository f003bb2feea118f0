package kernel

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// PAN is a primary account number, up to 19 digits. It shows its first six and last four digits only, however it is
// printed; Unmasked is the one way to the rest. The zero PAN is none. PANs compare with ==.
type PAN struct {
	digits [19]byte // ASCII
	n      uint8
}

// ParsePAN reads a PAN in format cn, as Application PAN (5A) has it: digits, then 'F' up to the end. It reports false
// when there are no digits, more than 19, or anything else among them.
func ParsePAN(cn []byte) (PAN, bool) {
	p, rest, ok := readPAN(nibbles{b: cn})
	for ok {
		var d byte
		if d, ok = rest.next(); !ok {
			return p, true
		}
		ok = d == 0x0F
	}
	return PAN{}, false
}

// readPAN reads the digits up to the first nibble that is none.
func readPAN(in nibbles) (PAN, nibbles, bool) {
	var p PAN
	for {
		rest := in
		d, ok := in.next()
		if !ok || d > 9 {
			return p, rest, p.n > 0
		}
		if int(p.n) == len(p.digits) {
			return PAN{}, rest, false
		}
		p.digits[p.n] = '0' + d
		p.n++
	}
}

// Unmasked returns all digits: for the host, a lab that asked for them, and nobody else.
func (p PAN) Unmasked() string { return string(p.digits[:p.n]) }

// AppendUnmasked appends all digits: to bytes that can be wiped, as a string can't.
func (p PAN) AppendUnmasked(dst []byte) []byte { return append(dst, p.digits[:p.n]...) }

// AppendCN appends the PAN in format cn, padded with 'F' to whole bytes.
func (p PAN) AppendCN(dst []byte) []byte {
	for i := uint8(0); i < p.n; i += 2 {
		low := byte(0x0F)
		if i+1 < p.n {
			low = p.digits[i+1] - '0'
		}
		dst = append(dst, (p.digits[i]-'0')<<4|low)
	}
	return dst
}

// String returns the masked digits.
func (p PAN) String() string {
	var cn [10]byte
	return string(dict.Mask(dict.Lookup(tagPAN, dict.Common), p.AppendCN(cn[:0]), nil))
}

// Format writes the masked digits, whatever the verb.
func (p PAN) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// MarshalText gives the masked digits to JSON and its like.
func (p PAN) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// LogValue gives the masked digits to log/slog.
func (p PAN) LogValue() slog.Value { return slog.StringValue(p.String()) }

// Track2 is Track 2 Equivalent Data (57): PAN, separator 'D', expiry YYMM, service code, discretionary data. It masks
// itself as PAN does and shows nothing behind the separator.
type Track2 struct {
	PAN         PAN
	Expiry      [2]byte // YYMM, binary coded decimal
	ServiceCode [2]byte // three digits, right justified
	raw         []byte
}

// ParseTrack2 reads Track 2 Equivalent Data (Book 3, Annex A). It reports false when it has no PAN, no separator, or
// no expiry and service code behind it. The result aliases value.
func ParseTrack2(value []byte) (Track2, bool) {
	pan, rest, ok := readPAN(nibbles{b: value})
	if !ok {
		return Track2{}, false
	}
	if d, ok := rest.next(); !ok || d != 0x0D {
		return Track2{}, false
	}
	t := Track2{PAN: pan, raw: value}
	var digits [7]byte
	for i := range digits {
		d, ok := rest.next()
		if !ok || d > 9 {
			return Track2{}, false
		}
		digits[i] = d
	}
	t.Expiry = [2]byte{digits[0]<<4 | digits[1], digits[2]<<4 | digits[3]}
	t.ServiceCode = [2]byte{digits[4], digits[5]<<4 | digits[6]}
	return t, true
}

// Unmasked returns the value as it was read.
func (t Track2) Unmasked() []byte { return t.raw }

// String returns the masked track.
func (t Track2) String() string {
	return string(dict.Mask(dict.Lookup(tagTrack2, dict.Common), t.raw, nil))
}

// Format writes the masked track, whatever the verb.
func (t Track2) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// MarshalText gives the masked track to JSON and its like.
func (t Track2) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue gives the masked track to log/slog.
func (t Track2) LogValue() slog.Value { return slog.StringValue(t.String()) }

const (
	tagPAN    tlv.Tag = 0x5A
	tagTrack2 tlv.Tag = 0x57
)

// nibbles reads half bytes from the left.
type nibbles struct {
	b []byte
	i int
}

func (n *nibbles) next() (byte, bool) {
	if n.i >= 2*len(n.b) {
		return 0, false
	}
	n.i++
	return Nibble(n.b, n.i-1), true
}
