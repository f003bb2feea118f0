package mastercard

import (
	"crypto/aes"
	"crypto/des"
	"crypto/subtle"

	"github.com/cardwright/emv/kernel"
)

// errDigest is a DS ID, an operator or an input of which there is no digest.
var errDigest = &kernel.Error{Code: "c2.ids_digest", Text: "no DS Digest H: DS ID, operator or input of a length that they can't have"}

// digestH computes DS Digest H (DF61; C-2, GAC.42): OWHF2 in version 1 of data storage, OWHF2AES in version 2.
func digestH(version byte, id, operator, input []byte) ([8]byte, error) {
	if len(id) < 8 || len(id) > 11 || len(operator) != 8 || len(input) != 8 {
		return [8]byte{}, errDigest
	}
	if version == 2 {
		return owhf2AES(id, [8]byte(operator), [8]byte(input))
	}
	return owhf2(id, [8]byte(operator), [8]byte(input))
}

// owhf2 is the one-way function of data storage version 1: TDES over the operator and the input, under a key of twice the
// decimal values of the DS ID's first and last six bytes and of the operator's second half.
//
//	DSPKL[i] = 2 · decimal(DS ID[i])      KL = DSPKL | OID[5..6]
//	DSPKR[i] = 2 · decimal(DS ID[n-6+i])  KR = DSPKR | OID[7..8]
//	R = TDES(KL, KR, KL)(OID ⊕ PD) ⊕ PD
func owhf2(id []byte, operator, input [8]byte) ([8]byte, error) {
	var key [24]byte
	left, right := id[:6], id[len(id)-6:]
	for i := range left {
		key[i] = (left[i]>>4*10 + left[i]&0x0F) * 2
		key[8+i] = (right[i]>>4*10 + right[i]&0x0F) * 2
	}
	copy(key[6:8], operator[4:6])
	copy(key[14:16], operator[6:8])
	copy(key[16:], key[:8])
	block, err := des.NewTripleDESCipher(key[:])
	clear(key[:])
	if err != nil {
		return [8]byte{}, err
	}
	var r [8]byte
	subtle.XORBytes(r[:], operator[:], input[:])
	block.Encrypt(r[:], r[:])
	subtle.XORBytes(r[:], r[:], input[:])
	return r, nil
}

// owhf2AES is the one-way function of data storage version 2. Readings differ in which half of the result is the digest: the
// left one is taken, which no published vector confirms.
//
//	M = PD | OID      K = DS ID, zeros in front to 11 bytes | OID[5..8] | 3F
//	R = left half of AES(K)(M) ⊕ M
func owhf2AES(id []byte, operator, input [8]byte) ([8]byte, error) {
	var key [16]byte
	copy(key[11-len(id):], id)
	copy(key[11:], operator[4:])
	key[15] = 0x3F
	block, err := aes.NewCipher(key[:])
	clear(key[:])
	if err != nil {
		return [8]byte{}, err
	}
	var m, c [16]byte
	copy(m[:], input[:])
	copy(m[8:], operator[:])
	block.Encrypt(c[:], m[:])
	subtle.XORBytes(c[:], c[:], m[:])
	return [8]byte(c[:8]), nil
}
