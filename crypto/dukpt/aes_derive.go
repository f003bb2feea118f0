package dukpt

import (
	"crypto/cipher"
	"encoding/binary"

	"github.com/cardwright/emv/crypto/mac"
)

// derivationData is the block that is enciphered to derive a key. ANSI X9.24-3, 6.3.1, Table 1:
//
//	version '01' | number of the key's block, from 1 | usage, 2 | algorithm, 2 | length of the key in bits, 2 | 8 bytes
//
// of which the last are the initial key ID when the initial key is derived, otherwise the derivation ID, the right half
// of it, and the transaction counter.
type derivationData [aesBlock]byte

const aesBlock = 16

func newDerivationData(u Usage, t KeyType) (d derivationData) {
	d[0] = 0x01
	binary.BigEndian.PutUint16(d[2:], uint16(u))
	binary.BigEndian.PutUint16(d[4:], keyTypes[t].algorithm)
	binary.BigEndian.PutUint16(d[6:], uint16(8*keyTypes[t].size))
	return d
}

// ofInitialKey returns the data of an initial key.
func (d derivationData) ofInitialKey(id InitialKeyID) derivationData {
	copy(d[8:], id[:])
	return d
}

// of returns the data of a key of a transaction.
func (d derivationData) of(ksn AESKSN) derivationData {
	copy(d[8:], ksn[4:])
	return d
}

// derive makes dst the key of a type that comes of the data under base.
func (d derivationData) derive(dst *Key, base cipher.Block, t KeyType) {
	dst.size = t.Size()
	d.fill(&dst.bytes, base, dst.size)
}

// fill puts a key of size bytes into dst, and zeros behind it. The blocks are enciphered where the key is to stand; a key
// of 24 bytes takes one and a half. ANSI X9.24-3, 6.3.2 ("Derive Key").
func (d derivationData) fill(dst *[maxKey]byte, base cipher.Block, size int) {
	clear(dst[:])
	for at := 0; at < size; at += aesBlock {
		d[1]++
		block := dst[at : at+aesBlock]
		copy(block, d[:])
		base.Encrypt(block, block)
	}
	clear(dst[size:])
}

// AESInitialKey makes dst the initial key of a device, of the length of the base derivation key: 16, 24 or 32 bytes.
// ANSI X9.24-3, 6.3.2 ("Derive Initial Key").
//
// The errors are CodeKeyLength and CodeCipher.
func AESInitialKey(dst, bdk *Key, id InitialKeyID) error {
	base, err := newAES(bdk)
	if err != nil {
		return err
	}
	newDerivationData(KeyDerivationInitialKey, aesType(bdk)).ofInitialKey(id).derive(dst, base, aesType(bdk))
	return nil
}

// newAES returns AES, with the errors of this package.
func newAES(k *Key) (cipher.Block, error) {
	if k.size == 0 {
		return nil, &Error{Code: CodeKeyLength}
	}
	b, err := mac.NewAES(k.Bytes())
	if err != nil {
		return nil, &Error{Code: CodeCipher, Err: err}
	}
	return b, nil
}
