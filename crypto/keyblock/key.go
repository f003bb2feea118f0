package keyblock

import (
	"bytes"

	"github.com/cardwright/emv/crypto/mask"
)

// Key is a secret key that came out of a block, or a key that protects one. Copies share their bytes: Wipe of one is
// Wipe of all. The zero Key is no key.
//
// A Key prints, logs and marshals as "[key]". As a field that fmt can't reach by a method, in a struct where it is
// unexported, it does not: such a struct masks itself.
type Key struct {
	mask.Key
	bytes []byte
}

// NewKey copies a key, of any length.
func NewKey(b []byte) Key { return Key{bytes: bytes.Clone(b)} }

// Bytes returns the key's bytes, of which it is not a copy: they are zero after Wipe.
func (k Key) Bytes() []byte { return k.bytes }

// Len returns how many bytes the key has.
func (k Key) Len() int { return len(k.bytes) }

// Wipe overwrites the key; it is the zero Key then.
func (k *Key) Wipe() {
	clear(k.bytes[:cap(k.bytes)])
	k.bytes = nil
}
