package pin

import (
	"crypto/subtle"

	"github.com/cardwright/emv/crypto/mask"
)

// The lengths of a PIN in digits. ISO 9564-1, 8.1.
const (
	MinLength = 4
	MaxLength = 12
)

// PIN is a cardholder's PIN of 4 to 12 decimal digits. The zero PIN is none: everything refuses it with CodeLength.
// Pass it by pointer: a copy is not wiped with the original.
//
// A PIN prints, logs and marshals as "[pin]". As a field that fmt can't reach by a method, in a struct where it is
// unexported, it does not: such a struct masks itself.
type PIN struct {
	mask.PIN
	digits [MaxLength]byte // values 0 to 9; zero behind the last digit
	size   uint8
}

// Parse makes dst the PIN that is written in ASCII digits, which the caller wipes. On an error dst is the zero PIN.
//
// The errors are CodeLength and CodeDigit.
func Parse(dst *PIN, digits []byte) error {
	dst.Wipe()
	if len(digits) < MinLength || len(digits) > MaxLength {
		return &Error{Code: CodeLength}
	}
	good := 1
	for i, c := range digits {
		d := c - '0'
		good &= subtle.ConstantTimeLessOrEq(int(d), 9)
		dst.digits[i] = d
	}
	if good == 0 {
		dst.Wipe()
		return &Error{Code: CodeDigit}
	}
	dst.size = uint8(len(digits))
	return nil
}

// Len returns the number of digits, 0 for the zero PIN.
func (p *PIN) Len() int { return int(p.size) }

// AppendDigits appends the PIN in ASCII digits to dst, in the clear. The caller wipes what it gets.
func (p *PIN) AppendDigits(dst []byte) []byte {
	for _, d := range p.digits[:p.size] {
		dst = append(dst, '0'+d)
	}
	return dst
}

// Equal reports whether p and q are the same PIN. The time it takes depends on neither. The zero PIN equals none.
func (p *PIN) Equal(q *PIN) bool {
	same := subtle.ConstantTimeCompare(p.digits[:], q.digits[:]) & subtle.ConstantTimeByteEq(p.size, q.size)
	return same == 1 && p.size != 0
}

// Wipe overwrites the PIN; it is the zero PIN then.
func (p *PIN) Wipe() { *p = PIN{} }

// check refuses the zero PIN.
func (p *PIN) check() error {
	if p.size == 0 {
		return &Error{Code: CodeLength}
	}
	return nil
}
