package issuer

import (
	"crypto/cipher"

	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/pin"
)

// pinCipher returns TDES under a PIN verification key, of 16 or 24 bytes.
func (k *Key) pinCipher() (cipher.Block, error) {
	if k.size == 0 {
		return nil, &Error{Code: CodeKeyLength}
	}
	return mac.NewTDES(k.Bytes())
}

// PVV returns Visa's PIN verification value, 4 digits: of the eleven digits of the PAN left of its check digit (zeros on
// the left of a shorter one), the index of the key (0 to 9) and the four leftmost digits of the PIN. pvk has 16 or 24
// bytes. Visa, Payment Technology Standards Manual, PIN verification value.
//
// The errors are CodePAN, CodeDigits, CodePIN, CodeKeyLength and mac.CodeCipher.
func PVV(pvk *Key, pan string, index int, p *pin.PIN) (string, error) {
	switch {
	case len(pan) < 2 || len(pan) > maxPAN || !decimal(pan):
		return "", &Error{Code: CodePAN, N: len(pan)}
	case index < 0 || index > 9:
		return "", &Error{Code: CodeDigits, N: index}
	case p.Len() == 0:
		return "", &Error{Code: CodePIN}
	}
	block, err := pvk.pinCipher()
	if err != nil {
		return "", err
	}
	const account = 11
	var tsp [16]byte // the transformed security parameter, one digit a byte
	digits := pan[:len(pan)-1]
	digits = digits[max(0, len(digits)-account):]
	for i := range digits {
		tsp[account-len(digits)+i] = digits[i] - '0'
	}
	tsp[account] = byte(index)
	var room [pin.MaxLength]byte
	for i, d := range p.AppendDigits(room[:0])[:4] {
		tsp[account+1+i] = d - '0'
	}
	clear(room[:])
	packed := pack(tsp)
	clear(tsp[:])
	block.Encrypt(packed[:], packed[:])
	decimalise(&tsp, packed)
	return string(tsp[:4]), nil
}
