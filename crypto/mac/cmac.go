package mac

import (
	"crypto/cipher"
	"crypto/subtle"
)

// CMAC appends the CMAC of data under b to dst: one block of b, which is a cipher of 8- or 16-byte blocks.
// NIST SP 800-38B, 6.2; ISO/IEC 9797-1, MAC algorithm 5.
//
// The error is CodeBlockSize.
func CMAC(dst []byte, b cipher.Block, data []byte) ([]byte, error) {
	if err := checkBlock(b); err != nil {
		return dst, err
	}
	n := b.BlockSize()
	at := len(dst)
	dst = appendZeros(dst, n)
	state := dst[at:]

	// NIST SP 800-38B, 6.1: K1 = 2·L and K2 = 4·L, where L is the zero block enciphered.
	var subkey [maxBlock]byte
	b.Encrypt(state, state)
	copy(subkey[:], state)
	clear(state)
	double(subkey[:n])

	// NIST SP 800-38B, 6.2: K1 goes into a last block that data fills, K2 into one that is padded.
	for len(data) > n {
		subtle.XORBytes(state, state, data[:n])
		b.Encrypt(state, state)
		data = data[n:]
	}
	subtle.XORBytes(state, state, data)
	if len(data) < n {
		state[len(data)] ^= 0x80
		double(subkey[:n])
	}
	subtle.XORBytes(state, state, subkey[:n])
	clear(subkey[:])
	b.Encrypt(state, state)
	return dst, nil
}

// CMACAES appends the CMAC of data with AES under a key of 16, 24 or 32 bytes to dst: 16 bytes.
//
// The errors are CodeKeyLength and CodeCipher.
func CMACAES(dst, key, data []byte) ([]byte, error) {
	b, err := NewAES(key)
	if err != nil {
		return dst, err
	}
	return CMAC(dst, b, data)
}

// CMACTDES appends the CMAC of data with TDES under a key of 16 or 24 bytes to dst: 8 bytes.
//
// The errors are CodeKeyLength and CodeCipher.
func CMACTDES(dst, key, data []byte) ([]byte, error) {
	b, err := NewTDES(key)
	if err != nil {
		return dst, err
	}
	return CMAC(dst, b, data)
}

// double multiplies a block by x in GF(2^64) or GF(2^128), in constant time. NIST SP 800-38B, 5.3 (R64, R128), 6.1.
func double(block []byte) {
	const r64, r128 = 0x1B, 0x87
	r := byte(r64)
	if len(block) == maxBlock {
		r = r128
	}
	var carry byte
	for i := len(block) - 1; i >= 0; i-- {
		next := block[i] >> 7
		block[i] = block[i]<<1 | carry
		carry = next
	}
	block[len(block)-1] ^= -carry & r
}
