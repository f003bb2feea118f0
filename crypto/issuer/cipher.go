package issuer

import (
	"crypto/cipher"

	"github.com/cardwright/emv/crypto/mac"
)

// Cipher is the block cipher that a card's keys are for. Book 2, B1.
type Cipher uint8

// The ciphers.
const (
	TDES Cipher = iota // blocks of 8 bytes, keys of 16. Book 2, B1.1
	AES                // blocks of 16 bytes, keys of 16, 24 or 32. Book 2, B1.2
)

const aesBlock = 16

// String returns "TDES" or "AES".
func (c Cipher) String() string {
	if c == AES {
		return "AES"
	}
	return "TDES"
}

// blockSize returns the size of a block in bytes.
func (c Cipher) blockSize() int {
	if c == AES {
		return aesBlock
	}
	return tdesBlock
}

// block returns the cipher under a key.
func (c Cipher) block(k *Key) (cipher.Block, error) {
	if c == AES {
		return k.aes()
	}
	return k.tdes()
}

// mac appends the whole MAC of Book 2, A1.2 over data to dst: MAC algorithm 3 of ISO/IEC 9797-1 for TDES, 8 bytes, with
// the padding method given; CMAC for AES, 16 bytes, which pads by itself.
func (c Cipher) mac(dst []byte, k *Key, padding mac.Padding, data []byte) ([]byte, error) {
	if c == AES {
		block, err := k.aes()
		if err != nil {
			return dst, err
		}
		return mac.CMAC(dst, block, data)
	}
	if k.size != tdesKey {
		return dst, &Error{Code: CodeKeyLength, N: k.size}
	}
	return mac.Retail(dst, k.Bytes(), padding, data)
}

func (c Cipher) cryptogram(k *Key, padding mac.Padding, data []byte) (Cryptogram, error) {
	if c == AES {
		return ApplicationCryptogramAES(k, data)
	}
	return ApplicationCryptogram(k, padding, data)
}

func (c Cipher) arpc1(k *Key, arqc Cryptogram, arc [2]byte) ([8]byte, error) {
	if c == AES {
		return ARPC1AES(k, arqc, arc)
	}
	return ARPC1(k, arqc, arc)
}

func (c Cipher) arpc2(k *Key, arqc Cryptogram, csu [4]byte, proprietary []byte) ([4]byte, error) {
	if c == AES {
		return ARPC2AES(k, arqc, csu, proprietary)
	}
	return ARPC2(k, arqc, csu, proprietary)
}
