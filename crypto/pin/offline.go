package pin

import (
	"crypto/subtle"
	"io"

	"filippo.io/bigmod"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
)

// The PIN data of enciphered offline verification: '7F' | PIN block | ICC Unpredictable Number | random padding, as
// long as the modulus. Book 2, 7.2.
const (
	dataHeader    = 0x7F
	blockAt       = 1
	unpredictable = blockAt + 8
	paddingAt     = unpredictable + 8
)

// EncipherOffline appends the enciphered PIN data for VERIFY with VerifyEnciphered to dst: as many bytes as the modulus.
// Book 2, 7.2.
//
//	number  the ICC Unpredictable Number, which the card gave in answer to GET CHALLENGE
//	key     the ICC PIN encipherment public key, or the ICC public key where the card has none (Book 2, 7.1)
//	random  gives the padding: all of the modulus but 17 bytes
//
// No such data has been published with its key: tests hold this to a card's side that is written apart from it.
//
// The PIN data is built where the result is to stand and is overwritten by it. The arithmetic takes a time that depends
// on the key alone. The errors are CodeLength, CodeRSAKey and CodeRandom.
func EncipherOffline(dst []byte, p *PIN, number [8]byte, key cert.PublicKey, random io.Reader) ([]byte, error) {
	exponent, err := checkRSA(key)
	if err != nil {
		return dst, err
	}
	modulus, err := bigmod.NewModulus(key.Modulus)
	if err != nil {
		return dst, &Error{Code: CodeRSAKey}
	}
	var zeros [capk.MaxModulus]byte
	at := len(dst)
	whole := append(dst, zeros[:len(key.Modulus)]...)
	data := whole[at:]

	// Book 2, 7.2: what the terminal enciphers.
	if _, err := io.ReadFull(random, data[paddingAt:]); err != nil {
		clear(data)
		return dst, &Error{Code: CodeRandom, Err: err}
	}
	var block Block
	if err := block.Encode2(p); err != nil {
		clear(data)
		return dst, err
	}
	data[0] = dataHeader
	copy(data[blockAt:], block[:])
	copy(data[unpredictable:], number[:])
	block.Wipe()

	// The RSA recovery function of Book 2, Annexes A2.1.3 and B2.1.
	x, err := bigmod.NewNat().SetBytes(data, modulus)
	if err != nil {
		clear(data)
		return dst, &Error{Code: CodeRSAKey}
	}
	x.ExpShortVarTime(x, exponent, modulus)
	copy(data, x.Bytes(modulus))
	clear(x.Bits())
	return whole, nil
}

// DecodeOffline makes dst the PIN in PIN data that a card has deciphered, as the card checks it: header, unpredictable
// number, PIN block. Simulated cards use it. On an error dst is the zero PIN. Book 2, 7.2.
//
// The errors are CodeDataLength, CodeDataHeader, CodeUnpredictable, CodeControl, CodeLength, CodeDigit and CodeFill.
func DecodeOffline(dst *PIN, data []byte, number [8]byte) error {
	dst.Wipe()
	switch {
	case len(data) < paddingAt:
		return &Error{Code: CodeDataLength}
	case data[0] != dataHeader:
		return &Error{Code: CodeDataHeader}
	case subtle.ConstantTimeCompare(data[unpredictable:paddingAt], number[:]) != 1:
		return &Error{Code: CodeUnpredictable}
	}
	return take(dst, data[blockAt:unpredictable], format2, 0xF, 0xF)
}

// checkRSA holds a key to Book 2, Annex B2.1: a modulus of as many bits as its bytes have, odd, of at least
// capk.MinModulus and at most capk.MaxModulus bytes, and an exponent of 3 or 2^16+1, which it returns.
func checkRSA(key cert.PublicKey) (exponent uint, err error) {
	n := len(key.Modulus)
	if n < capk.MinModulus || n > capk.MaxModulus || key.Modulus[0] < 0x80 || key.Modulus[n-1]&1 == 0 {
		return 0, &Error{Code: CodeRSAKey}
	}
	switch string(key.Exponent) {
	case "\x03":
		return 3, nil
	case "\x01\x00\x01":
		return 1<<16 + 1, nil
	}
	return 0, &Error{Code: CodeRSAKey}
}
