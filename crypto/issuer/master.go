package issuer

import "crypto/sha1"

// Option is a way of Book 2, A1.4 to derive an ICC master key from an issuer master key.
type Option string

// The options: A and B give TDES keys, C gives AES keys.
const (
	OptionA Option = "A" // from the rightmost 16 digits of PAN and PSN. Book 2, A1.4.1
	OptionB Option = "B" // as A for a PAN of up to 16 digits, through SHA-1 for a longer one. Book 2, A1.4.2
	OptionC Option = "C" // from all digits of PAN and PSN, with AES. Book 2, A1.4.3

	// OptionBHashed is B without its condition on the length of the PAN: through SHA-1 for every PAN. Some hosts derive
	// the card keys of dynamic card verification values so.
	OptionBHashed Option = "B-hashed"
)

// maxPAN is the length of the longest PAN, in digits: Book 3, Annex A, tag '5A'.
const maxPAN = 19

// MasterKey makes dst the ICC master key of a card. issuer is an issuer master key: for TDES of 16 bytes, which gives 16
// bytes with odd parity; for AES (option C) of 16, 24 or 32 bytes, which gives as many. pan is 1 to 19 decimal
// digits, psn the PAN Sequence Number as in tag '5F34' (two BCD digits), 0 where the card has none. dst may be issuer itself.
//
// The errors are CodeKeyLength, CodeOption, CodePAN, CodePSN and mac.CodeCipher.
func MasterKey(dst, issuer *Key, option Option, pan string, psn byte) error {
	digits, err := panPSN(pan, psn)
	if err != nil {
		return err
	}
	var y [8]byte
	switch {
	case option == OptionA, option == OptionB && len(pan) <= 16:
		y = optionA(digits)
	case option == OptionB, option == OptionBHashed:
		y = optionB(digits)
	case option == OptionC:
		return issuer.deriveAES(dst, optionC(digits), invert)
	default:
		return &Error{Code: CodeOption}
	}
	// Book 2, A1.4.1: ZL := DES3(IMK)[Y], ZR := DES3(IMK)[Y XOR 'FF…FF'].
	var inverted [8]byte
	for i := range y {
		inverted[i] = ^y[i]
	}
	if err := issuer.deriveTDES(dst, y, inverted); err != nil {
		return err
	}
	// Book 2, A1.4.1: the least significant bit of each byte makes its parity odd.
	dst.oddParity()
	return nil
}

// PANDigits returns the digits of a PAN as tag '5A' holds it: format cn, padded on the right with 'F'. The error is
// CodePAN.
func PANDigits(value []byte) (string, error) {
	digits := make([]byte, 0, maxPAN+1)
	ended := false
	for _, b := range value {
		for _, d := range [2]byte{b >> 4, b & 0x0F} {
			switch {
			case d <= 9 && !ended && len(digits) < maxPAN:
				digits = append(digits, '0'+d)
			case d == 0x0F:
				ended = true
			default:
				return "", &Error{Code: CodePAN}
			}
		}
	}
	if len(digits) == 0 {
		return "", &Error{Code: CodePAN}
	}
	return string(digits), nil
}

// panPSN returns the digits of PAN and PSN, one a byte with values 0 to 9.
func panPSN(pan string, psn byte) ([]byte, error) {
	if len(pan) == 0 || len(pan) > maxPAN {
		return nil, &Error{Code: CodePAN, N: len(pan)}
	}
	digits := make([]byte, 0, maxPAN+2)
	for i := range len(pan) {
		if pan[i] < '0' || pan[i] > '9' {
			return nil, &Error{Code: CodePAN}
		}
		digits = append(digits, pan[i]-'0')
	}
	if psn>>4 > 9 || psn&0x0F > 9 {
		return nil, &Error{Code: CodePSN}
	}
	return append(digits, psn>>4, psn&0x0F), nil
}

// optionA returns Y of Book 2, A1.4.1: the rightmost 16 digits of PAN and PSN, with zeros on the left where there are
// fewer.
func optionA(digits []byte) [8]byte {
	if len(digits) > 16 {
		digits = digits[len(digits)-16:]
	}
	var sixteen [16]byte
	copy(sixteen[16-len(digits):], digits)
	return pack(sixteen)
}

// optionB returns Y of Book 2, A1.4.2, which takes the place of option A's for a PAN of more than 16 digits.
func optionB(digits []byte) [8]byte {
	// Step 1: PAN and PSN, and a zero on the left where that leaves half a byte, through SHA-1.
	var text [(maxPAN + 2 + 1) / 2]byte
	at := len(digits) % 2
	for _, d := range digits {
		text[at/2] |= d << (4 * (1 - at%2))
		at++
	}
	hash := sha1.Sum(text[:at/2])
	var nibbles [2 * sha1.Size]byte
	for i, b := range hash {
		nibbles[2*i], nibbles[2*i+1] = b>>4, b&0x0F
	}
	// Step 2: the first 16 decimal digits of the hash, from the left.
	var y [16]byte
	n := 0
	for _, d := range nibbles {
		if d <= 9 && n < len(y) {
			y[n] = d
			n++
		}
	}
	// Step 2, continued: where there are fewer, its other digits from the left, 'A' to 'F' become 0 to 5.
	for _, d := range nibbles {
		if d > 9 && n < len(y) {
			y[n] = d - 0x0A
			n++
		}
	}
	return pack(y)
}

// pack puts two digits in a byte.
func pack(digits [16]byte) (packed [8]byte) {
	for i := range packed {
		packed[i] = digits[2*i]<<4 | digits[2*i+1]
	}
	return packed
}

// decimal reports whether a text has ASCII digits alone.
func decimal(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
