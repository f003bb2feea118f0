package issuer

import (
	"crypto/cipher"

	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/mask"
)

// maxKey is the length of the longest key: AES-256.
const maxKey = 32

// Key is a secret key of 16, 24 or 32 bytes: an issuer master key, an ICC master key or a session key. TDES keys here
// are double-length, 16 bytes. The zero Key is no key: everything refuses it.
//
// A Key prints, logs and marshals as "[key]". As a field that fmt can't reach by a method, in a struct where it is
// unexported, it does not: such a struct masks itself.
type Key struct {
	mask.Key
	bytes [maxKey]byte
	size  int
}

// NewKey copies a key of 16, 24 or 32 bytes. The error is CodeKeyLength.
func NewKey(b []byte) (Key, error) {
	var k Key
	switch len(b) {
	case 16, 24, 32:
		k.size = copy(k.bytes[:], b)
		return k, nil
	}
	return k, &Error{Code: CodeKeyLength, N: len(b)}
}

// Bytes returns the key's bytes, of which it is not a copy: they are gone after Wipe.
func (k *Key) Bytes() []byte { return k.bytes[:k.size] }

// Wipe overwrites the key; it is the zero Key then.
func (k *Key) Wipe() { *k = Key{} }

// KCV returns the key check value of a TDES key: the leftmost three bytes of the zero block enciphered, of
// which some lists show two. The errors are CodeKeyLength and mac.CodeCipher.
func (k *Key) KCV() ([3]byte, error) {
	block, err := k.tdes()
	if err != nil {
		return [3]byte{}, err
	}
	var b [tdesBlock]byte
	block.Encrypt(b[:], b[:])
	return [3]byte(b[:]), nil
}

const (
	tdesBlock = 8
	tdesKey   = 16
)

// tdes returns TDES under a double-length key.
func (k *Key) tdes() (cipher.Block, error) {
	if k.size != tdesKey {
		return nil, &Error{Code: CodeKeyLength, N: k.size}
	}
	return mac.NewTDES(k.Bytes())
}

// deriveTDES makes dst the 16-byte key of which the halves are left and right, each enciphered under k with TDES.
// The key is built in place, so that no copy of it is left behind.
func (k *Key) deriveTDES(dst *Key, left, right [tdesBlock]byte) error {
	block, err := k.tdes()
	if err != nil {
		return err
	}
	dst.Wipe()
	dst.size = tdesKey
	l, r := dst.bytes[:tdesBlock], dst.bytes[tdesBlock:tdesKey]
	copy(l, left[:])
	copy(r, right[:])
	block.Encrypt(l, l)
	block.Encrypt(r, r)
	return nil
}
