package dukpt

import "github.com/cardwright/emv/crypto/mask"

// maxKey is the length of the longest key: AES-256.
const maxKey = 32

// Key is a secret key of 16, 24 or 32 bytes: a base derivation key, an initial key, a transaction key or a working key.
// The zero Key is no key: everything refuses it. Pass it by pointer: a copy is not wiped with the original.
//
// A Key prints, logs and marshals as "[key]". As a field that fmt can't reach by a method, in a struct where it is
// unexported, it does not: such a struct masks itself.
type Key struct {
	mask.Key
	bytes [maxKey]byte
	size  int
}

// SetKey makes dst a copy of a key of 16, 24 or 32 bytes. On the error, CodeKeyLength, dst is the zero Key.
func SetKey(dst *Key, b []byte) error {
	dst.Wipe()
	switch len(b) {
	case 16, 24, 32:
		dst.size = copy(dst.bytes[:], b)
		return nil
	}
	return &Error{Code: CodeKeyLength, N: len(b)}
}

// Bytes returns the key's bytes, of which it is not a copy: they are gone after Wipe.
func (k *Key) Bytes() []byte { return k.bytes[:k.size] }

// Wipe overwrites the key; it is the zero Key then.
func (k *Key) Wipe() { *k = Key{} }
