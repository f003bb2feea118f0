package mac

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
)

// NewTDES returns TDES in EDE mode under a key of 16 bytes (K1 K2, then K1 again) or 24 bytes (K1 K2 K3). Parity bits
// are ignored. ISO/IEC 18033-3, 4.2; Book 2, B1.1.
//
// The errors are CodeKeyLength and CodeCipher.
func NewTDES(key []byte) (cipher.Block, error) {
	var ede [24]byte
	switch len(key) {
	case 16:
		copy(ede[copy(ede[:], key):], key[:8])
	case 24:
		copy(ede[:], key)
	default:
		return nil, &Error{Code: CodeKeyLength, N: len(key)}
	}
	block, err := des.NewTripleDESCipher(ede[:])
	clear(ede[:])
	if err != nil {
		return nil, &Error{Code: CodeCipher, Err: err}
	}
	return block, nil
}

// NewAES returns AES under a key of 16, 24 or 32 bytes. ISO/IEC 18033-3, 5.2; Book 2, B1.2.
//
// The errors are CodeKeyLength and CodeCipher.
func NewAES(key []byte) (cipher.Block, error) {
	switch len(key) {
	case 16, 24, 32:
	default:
		return nil, &Error{Code: CodeKeyLength, N: len(key)}
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, &Error{Code: CodeCipher, Err: err}
	}
	return block, nil
}

// newDES returns single DES under a key of 8 bytes: half of a retail MAC key.
func newDES(key []byte) (cipher.Block, error) {
	block, err := des.NewCipher(key)
	if err != nil {
		return nil, &Error{Code: CodeCipher, Err: err}
	}
	return block, nil
}

// checkBlock holds a cipher to the block sizes of DES and AES.
func checkBlock(b cipher.Block) error {
	if n := b.BlockSize(); n != 8 && n != maxBlock {
		return &Error{Code: CodeBlockSize, N: n}
	}
	return nil
}
