package cert

import (
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/ecc"
)

// eccSignatureLength reports whether a signature of n bytes is one of some curve. Which curve it must be of is known
// when the certifier's key is.
func eccSignatureLength(n int) bool {
	return n == ecc.P256.SignatureSize() || n == ecc.P521.SignatureSize()
}

// eccUsable reports whether a key is a point of the curve of its suite.
func eccUsable(s ecc.Suite, p *ecc.Point) bool {
	c, err := s.Curve()
	return err == nil && p.Curve() == c
}

// eccKey finds the point of a certified x-coordinate.
func eccKey(s ecc.Suite, x []byte) (ECCPublicKey, bool) {
	c, err := s.Curve()
	if err != nil {
		return ECCPublicKey{}, false
	}
	p, err := ecc.FindPoint(c, x)
	return ECCPublicKey{s, p}, err == nil
}

// eccNumber reads digits as hexadecimal, which keeps their order.
func eccNumber(b []byte) (n uint32) {
	for _, d := range b {
		n = n<<8 | uint32(d)
	}
	return n
}

// eccDate reports whether YYYYMMDD is a date: decimal digits, a month and a day of the calendar's range.
func eccDate(d [4]byte) bool {
	return d[0]>>4 <= 9 && d[0]&0x0F <= 9 && capk.Date(d[1:]).Valid()
}

// eccTime reports whether HHMM is a time of day.
func eccTime(t [2]byte) bool {
	return t[0]&0x0F <= 9 && t[0] <= 0x23 && t[1]&0x0F <= 9 && t[1] <= 0x59
}

// eccToday returns the terminal's date as YYYYMMDD. Its years are read as Book 4, 6.7.3 says.
func eccToday(d capk.Date) (uint32, bool) {
	century := byte(0x20)
	if d[0] >= 0x50 {
		century = 0x19
	}
	return eccNumber([]byte{century, d[0], d[1], d[2]}), d.Valid()
}
