package pin

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"

	"github.com/cardwright/emv/crypto/mask"
)

// Block is a PIN block of format 0, 1, 2 or 3 in the clear, 8 bytes. It is as secret as its PIN and masks itself so.
// ISO 9564-1, 9.3.
type Block [8]byte

// Wipe overwrites the block.
func (b *Block) Wipe() { *b = Block{} }

// Control returns the control field, the first digit of the block: the number of its format. ISO 9564-1, 9.2.
func (b *Block) Control() byte { return b[0] >> 4 }

// Format writes the mask, whatever the verb.
func (b Block) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(mask.PINText)) }

// String returns the mask.
func (b Block) String() string { return mask.PINText }

// MarshalText returns the mask.
func (b Block) MarshalText() ([]byte, error) { return []byte(mask.PINText), nil }

// LogValue returns the mask.
func (b Block) LogValue() slog.Value { return slog.StringValue(mask.PINText) }

// The control fields. ISO 9564-1, 9.2.
const (
	format0 = 0x0
	format1 = 0x1
	format2 = 0x2
	format3 = 0x3
	format4 = 0x4
)

// fill are the digits behind a PIN of the shortest length. Of a longer PIN the first ones are not used.
type fill [14 - MinLength]byte

// fillOf returns the same digit everywhere.
func fillOf(digit byte) (f fill) {
	for i := range f {
		f[i] = digit
	}
	return f
}

// drawFill draws digits of least to 15 from 8 bytes of random. They are digits of that number in base 16-least, of
// which none is more likely than another by more than 1 in 2^38.
func drawFill(random io.Reader, least byte) (f fill, err error) {
	var seed [8]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return f, &Error{Code: CodeRandom, Err: err}
	}
	v := binary.BigEndian.Uint64(seed[:])
	base := uint64(16 - least)
	for i := range f {
		f[i] = least + byte(v%base)
		v /= base
	}
	clear(seed[:])
	return f, nil
}

// put writes the PIN field that formats 0 to 4 share: C | N | the digits | fill, 8 bytes. ISO 9564-1, 9.3.1.
func put(field []byte, control byte, p *PIN, f *fill) error {
	if err := p.check(); err != nil {
		return err
	}
	n := p.Len()
	field[0] = control<<4 | byte(n)
	for i := range 14 {
		var d byte
		if i < n {
			d = p.digits[i]
		} else {
			d = f[i-MinLength]
		}
		if i%2 == 0 {
			field[1+i/2] = d << 4
		} else {
			field[1+i/2] |= d
		}
	}
	return nil
}

// take reads what put wrote, with fill digits of least to most, and checks all of it. The time it takes depends on the
// length of the PIN alone. On an error dst is the zero PIN.
//
// The errors are CodeControl, CodeLength, CodeDigit and CodeFill.
func take(dst *PIN, field []byte, control, least, most byte) error {
	dst.Wipe()
	if field[0]>>4 != control {
		return &Error{Code: CodeControl}
	}
	n := int(field[0] & 0xF)
	if n < MinLength || n > MaxLength {
		return &Error{Code: CodeLength}
	}
	digits, filled := 1, 1
	for i := range 14 {
		d := field[1+i/2]
		if i%2 == 0 {
			d >>= 4
		}
		d &= 0xF
		if i < n {
			digits &= subtle.ConstantTimeLessOrEq(int(d), 9)
			dst.digits[i] = d
		} else {
			filled &= subtle.ConstantTimeLessOrEq(int(least), int(d)) & subtle.ConstantTimeLessOrEq(int(d), int(most))
		}
	}
	switch {
	case digits == 0:
		dst.Wipe()
		return &Error{Code: CodeDigit}
	case filled == 0:
		dst.Wipe()
		return &Error{Code: CodeFill}
	}
	dst.size = uint8(n)
	return nil
}
