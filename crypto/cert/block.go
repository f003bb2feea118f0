package cert

import "github.com/cardwright/emv/crypto/capk"

// The fixed bytes of every recovered block (Book 2, Tables 6, 7, 13, 14, 17).
const (
	recoveredHeader  = 0x6A
	recoveredTrailer = 0xBC
)

// Algorithm indicators (Book 2, Annexes B2 and B3).
const (
	hashSHA1     = 0x01
	algorithmRSA = 0x01
)

// hashStart is how far the hash result begins before the end of a block: 20 bytes and the trailer.
const hashStart = 21

// frameCodes are the failures that all five kinds of block have in common.
type frameCodes struct{ length, trailer, header, format Code }

// checkFrame performs steps 2 to 4 of every section. A block shorter than its fixed fields is of the wrong length.
func checkFrame(block []byte, least int, format byte, c *frameCodes) error {
	switch {
	case len(block) < least:
		return c.length
	case block[len(block)-1] != recoveredTrailer: // step 2
		return c.trailer
	case block[0] != recoveredHeader: // step 3
		return c.header
	case block[1] != format: // step 4
		return c.format
	}
	return nil
}

// hashed is the part of a block that enters the hash: all but header, hash result and trailer.
func hashed(block []byte) []byte { return block[1 : len(block)-hashStart] }

// joinCodes are the failures of putting a key together.
type joinCodes struct{ keyLength, remainderLength, exponent Code }

// join concatenates the leftmost digits of a modulus and its remainder in dst (Book 2, 6.3 step 12 and 6.4 step 11)
// and copies the exponent there.
//
//	length    bytes of the modulus, as the certificate says; at most limit, the certifier's (Book 2, Annex B2.1)
//	expLength bytes of the exponent, as the certificate says
func join(dst *keyBuffer, leftmost, remainder, exp []byte, length, limit, expLength int, c *joinCodes) (PublicKey, error) {
	if length == 0 || length > limit {
		return PublicKey{}, c.keyLength
	}
	first := min(length, len(leftmost)) // what is left of the field is padding
	if len(remainder) != length-first {
		return PublicKey{}, c.remainderLength
	}
	if _, ok := exponent(exp); !ok || len(exp) != expLength {
		return PublicKey{}, c.exponent
	}
	modulus := dst.modulus[:length]
	copy(modulus, leftmost[:first])
	copy(modulus[first:], remainder)
	return PublicKey{Modulus: modulus, Exponent: dst.exponent[:copy(dst.exponent[:], exp)]}, nil
}

// dateCodes are the failures of a Certificate Expiration Date.
type dateCodes struct{ date, expired Code }

// checkExpiry verifies that the last day of the month MMYY is today or later (Book 2, 6.3 step 9 and 6.4 step 9).
// Years are read as Book 4, 6.7.3 says. An expiration date that is no date is not later than any day; it has its
// own code so that a trace shows which it was.
func checkExpiry(mmyy [2]byte, today capk.Date, c *dateCodes) error {
	if !today.Valid() {
		return CodeToday
	}
	last := capk.Date{mmyy[1], mmyy[0], 0x31} // no day of the month is later
	if !last.Valid() {
		return c.date
	}
	if last.Before(today) {
		return c.expired
	}
	return nil
}
