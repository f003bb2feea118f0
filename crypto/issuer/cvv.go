package issuer

import (
	"crypto/des"
	"crypto/subtle"
	"strconv"

	"github.com/cardwright/emv/crypto/mac"
)

// The service codes that stand in place of the card's own in what is not on its stripe.
const (
	serviceICVV = "999" // in the chip's track 2 equivalent data
	serviceCVV2 = "000" // printed on the card
)

// CardValue is a card verification value, with the two blocks that listings of the computation show.
type CardValue struct {
	First [8]byte // the left block, enciphered under the left half of the key
	Final [8]byte // the last block, from which the digits are taken
}

// Digits returns the n leftmost digits, 1 to 16: the decimal digits of Final from the left, and behind them its digits
// 'A' to 'F' from the left, less ten. Visa, card verification value, step 9.
func (v *CardValue) Digits(n int) string {
	var digits [16]byte
	decimalise(&digits, v.Final)
	return string(digits[:min(max(n, 1), len(digits))])
}

// CVV computes Visa's card verification value, which is Mastercard's CVC 1 and others' too. cvk is a pair of keys, 16
// bytes; pan has 1 to 19 digits, expiry 4 in the order that the scheme has (YYMM on the stripe), service 3. The value has
// 3 digits. Visa, Payment Technology Standards Manual, card verification value.
//
// The errors are CodeKeyLength, CodePAN, CodeDigits and mac.CodeCipher.
func CVV(cvk *Key, pan, expiry, service string) (CardValue, error) {
	if len(expiry) != 4 || !decimal(expiry) || len(service) != 3 || !decimal(service) {
		return CardValue{}, &Error{Code: CodeDigits, N: len(expiry) + len(service)}
	}
	return cardValue(cvk, pan, [2]byte{}, false, expiry+service)
}

// ICVV is CVV with the service code 999: of the track 2 equivalent data of a chip. The errors are CVV's.
func ICVV(cvk *Key, pan, expiry string) (CardValue, error) {
	return CVV(cvk, pan, expiry, serviceICVV)
}

// CVV2 is CVV with the service code 000: what is printed on the card (Mastercard's CVC 2 is the same). The order of
// expiry is the scheme's. The errors are CVV's.
func CVV2(cvk *Key, pan, expiry string) (CardValue, error) {
	return CVV(cvk, pan, expiry, serviceCVV2)
}

// DCVV computes the dynamic card verification value of a contactless magnetic stripe transaction: CVV with the ATC's
// four digits in place of the leftmost four of the PAN, under the ICC master key for it. pan has 4 to 19 digits.
// VCPS, dynamic CVV.
//
// The errors are CVV's.
func DCVV(udk *Key, pan, expiry, service string, atc [2]byte) (CardValue, error) {
	if len(expiry) != 4 || !decimal(expiry) || len(service) != 3 || !decimal(service) {
		return CardValue{}, &Error{Code: CodeDigits, N: len(expiry) + len(service)}
	}
	return cardValue(udk, pan, atc, true, expiry+service)
}

// CAVV computes the digits of the cardholder authentication verification value: CVV of the PAN with a transaction's four
// digits in place of the expiry date, and authentication result (1 digit) and second factor (2 digits) in place of the
// service code. Visa, 3-D Secure, CAVV with authentication transaction number (usage 3, version 0).
//
// The errors are CVV's.
func CAVV(cvk *Key, pan, number, result, factor string) (CardValue, error) {
	if len(result) != 1 || len(factor) != 2 {
		return CardValue{}, &Error{Code: CodeDigits, N: len(result) + len(factor)}
	}
	return CVV(cvk, pan, number, result+factor)
}

// cardValue runs the two blocks of pan, in which atc takes the first digits where dynamic says so, and of rest.
func cardValue(key *Key, pan string, atc [2]byte, dynamic bool, rest string) (CardValue, error) {
	var v CardValue
	if len(pan) == 0 || len(pan) > maxPAN || !decimal(pan) || dynamic && len(pan) < 4 {
		return v, &Error{Code: CodePAN, N: len(pan)}
	}
	whole, err := key.tdes()
	if err != nil {
		return v, err
	}
	left, err := des.NewCipher(key.bytes[:tdesBlock])
	if err != nil {
		return v, &mac.Error{Code: mac.CodeCipher, Err: err}
	}
	var blocks [2 * tdesBlock]byte
	for i, d := range []byte(pan + rest) {
		blocks[i/2] |= (d - '0') << (4 * (1 - i%2))
	}
	if dynamic {
		blocks[0], blocks[1] = atc[0], atc[1]
	}
	left.Encrypt(v.First[:], blocks[:tdesBlock])
	subtle.XORBytes(v.Final[:], v.First[:], blocks[tdesBlock:])
	whole.Encrypt(v.Final[:], v.Final[:])
	return v, nil
}

// decimalise writes the digits of block in ASCII: those below ten first, then the others less ten.
func decimalise(dst *[16]byte, block [8]byte) {
	n := 0
	for pass := range byte(2) {
		for i := range 16 {
			d := block[i/2] >> (4 * (1 - i%2)) & 0x0F
			if d/10 == pass {
				dst[n] = '0' + d%10
				n++
			}
		}
	}
}

// CVC3 is Mastercard's dynamic card verification code, a number of two bytes.
type CVC3 uint16

// Digits returns the code in decimal, with five digits: tracks carry as many of them from the right as their bitmap says.
func (c CVC3) Digits() string {
	text := strconv.Itoa(int(c))
	return "00000"[len(text):] + text
}

// IVCVC3 returns the initial vector of CVC3 for static track data: the two rightmost bytes of MAC algorithm 3, with
// padding method 2, over track 1 as ASCII or track 2 as the card holds it (two digits a byte, 'D' as separator, 'F' behind
// an odd number). key is the ICC master key for it, 16 bytes. Mastercard contactless magnetic stripe, IVCVC3.
//
// The errors are CodeKeyLength and mac.CodeCipher.
func IVCVC3(key *Key, track []byte) ([2]byte, error) {
	code, err := TDES.ScriptMAC(key, track)
	return [2]byte(code[6:]), err
}

// ComputeCVC3 returns the code for an initial vector, an unpredictable number and an ATC: the two rightmost bytes of
// DES3(KD)[IVCVC3 || UN || ATC]. Mastercard contactless magnetic stripe, COMPUTE CRYPTOGRAPHIC CHECKSUM.
//
// The errors are CodeKeyLength and mac.CodeCipher.
func ComputeCVC3(key *Key, iv [2]byte, un [4]byte, atc [2]byte) (CVC3, error) {
	block, err := key.tdes()
	if err != nil {
		return 0, err
	}
	b := [tdesBlock]byte{iv[0], iv[1], un[0], un[1], un[2], un[3], atc[0], atc[1]}
	block.Encrypt(b[:], b[:])
	return CVC3(b[6])<<8 | CVC3(b[7]), nil
}
