package issuer

import (
	"crypto/subtle"

	"github.com/cardwright/emv/crypto/mac"
)

// maxProprietary is the length of the longest Proprietary Authentication Data, in bytes. Book 2, 8.2.2.
const maxProprietary = 8

// ARPC1 returns the authorisation response cryptogram of method 1: the ARQC, XORed with the Authorisation Response Code
// (tag '8A', or two bytes that a scheme puts in its place) on the left, enciphered with TDES under key, of 16 bytes.
// Book 2, 8.2.1.
//
// The errors are CodeKeyLength and mac.CodeCipher.
func ARPC1(key *Key, arqc Cryptogram, arc [2]byte) ([8]byte, error) {
	block, err := key.tdes()
	if err != nil {
		return [8]byte{}, err
	}
	arpc := [8]byte{arc[0], arc[1]} // X := ARC || '00 00 00 00 00 00'
	subtle.XORBytes(arpc[:], arpc[:], arqc[:])
	block.Encrypt(arpc[:], arpc[:])
	return arpc, nil
}

// ARPC2 returns the authorisation response cryptogram of method 2: the leftmost 4 bytes of MAC algorithm 3 under key, of
// 16 bytes, over the ARQC, the Card Status Update and 0 to 8 bytes of Proprietary Authentication Data.
// Book 2, 8.2.2.
//
// The errors are CodeKeyLength, CodeDataLength and mac.CodeCipher.
func ARPC2(key *Key, arqc Cryptogram, csu [4]byte, proprietary []byte) ([4]byte, error) {
	if len(proprietary) > maxProprietary {
		return [4]byte{}, &Error{Code: CodeDataLength, N: len(proprietary)}
	}
	if key.size != tdesKey {
		return [4]byte{}, &Error{Code: CodeKeyLength, N: key.size}
	}
	var room [len(arqc) + len(csu) + maxProprietary]byte
	y := append(append(append(room[:0], arqc[:]...), csu[:]...), proprietary...)
	full, err := mac.Retail(nil, key.Bytes(), mac.Method2, y)
	if err != nil {
		return [4]byte{}, err
	}
	return [4]byte(full), nil
}
