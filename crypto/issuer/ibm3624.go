package issuer

import "github.com/cardwright/emv/crypto/pin"

// IBM3624 is IBM's method of PINs that a card number gives: the natural PIN is the validation data of the PAN,
// enciphered and decimalised; an offset, which may be public, leads from it to the PIN that the cardholder has.
// IBM 3624 Consumer Transaction Facility, PIN generation algorithm.
type IBM3624 struct {
	Table  string // 16 decimal digits: what each digit '0' to 'F' of the enciphered block becomes
	Offset int    // the validation data begin at this digit of the PAN, from 0
	Length int    // and have so many digits, 1 to 16
	Pad    byte   // the hexadecimal digit that fills the block behind them, 0 to 15
}

// NaturalPIN makes dst the natural PIN of n digits, 4 to 12. pvk has 16 or 24 bytes.
//
// The errors are CodePAN, CodeDigits, CodePIN, CodeKeyLength and mac.CodeCipher; dst is as before then.
func (m *IBM3624) NaturalPIN(dst *pin.PIN, pvk *Key, pan string, n int) error {
	var digits [pin.MaxLength]byte
	defer clear(digits[:])
	if err := m.natural(&digits, pvk, pan, n); err != nil {
		return err
	}
	return pin.Parse(dst, digits[:n])
}

// natural writes the n digits of the natural PIN in ASCII.
func (m *IBM3624) natural(dst *[pin.MaxLength]byte, pvk *Key, pan string, n int) error {
	switch {
	case len(pan) == 0 || len(pan) > maxPAN || !decimal(pan):
		return &Error{Code: CodePAN, N: len(pan)}
	case len(m.Table) != 16 || !decimal(m.Table) || m.Pad > 0x0F:
		return &Error{Code: CodeDigits, N: len(m.Table)}
	case m.Offset < 0 || m.Length < 1 || m.Length > 16 || m.Offset >= len(pan):
		return &Error{Code: CodeDigits, N: m.Length}
	case n < pin.MinLength || n > pin.MaxLength:
		return &Error{Code: CodePIN, N: n}
	}
	block, err := pvk.pinCipher()
	if err != nil {
		return err
	}
	var digits [16]byte
	for i := range digits {
		digits[i] = m.Pad
	}
	for i, d := range []byte(pan[m.Offset:min(m.Offset+m.Length, len(pan))]) {
		digits[i] = d - '0'
	}
	packed := pack(digits)
	block.Encrypt(packed[:], packed[:])
	for i := range n {
		dst[i] = m.Table[packed[i/2]>>(4*(1-i%2))&0x0F]
	}
	clear(packed[:])
	return nil
}

// PIN makes dst the PIN that offset, of 4 to 12 digits, leads to: digit by digit the sum with the natural PIN, modulo
// ten. The errors are NaturalPIN's.
func (m *IBM3624) PIN(dst *pin.PIN, pvk *Key, pan, offset string) error {
	if !decimal(offset) {
		return &Error{Code: CodePIN, N: len(offset)}
	}
	var digits [pin.MaxLength]byte
	defer clear(digits[:])
	if err := m.natural(&digits, pvk, pan, len(offset)); err != nil {
		return err
	}
	for i := range offset {
		digits[i] = '0' + (digits[i]-'0'+offset[i]-'0')%10
	}
	return pin.Parse(dst, digits[:len(offset)])
}

// OffsetOf returns the offset that leads to p: digit by digit the difference to the natural PIN, modulo ten. The errors
// are NaturalPIN's.
func (m *IBM3624) OffsetOf(pvk *Key, pan string, p *pin.PIN) (string, error) {
	var natural, room, offset [pin.MaxLength]byte
	defer clear(natural[:])
	if err := m.natural(&natural, pvk, pan, p.Len()); err != nil {
		return "", err
	}
	for i, d := range p.AppendDigits(room[:0]) {
		offset[i] = '0' + (10+d-natural[i])%10
	}
	clear(room[:])
	return string(offset[:p.Len()]), nil
}
