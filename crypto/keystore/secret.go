package keystore

import "github.com/cardwright/emv/crypto/mask"

// MaxSecret is the length of the longest secret that a store seals, in bytes.
const MaxSecret = 2048

// Secret is what Unseal gives back. It masks itself; Wipe ends it. The zero Secret is none.
type Secret struct {
	mask.Key
	size  int
	bytes [MaxSecret]byte
}

// Set makes s that secret. The error is CodeLength, for none and for more than MaxSecret bytes.
func (s *Secret) Set(b []byte) error {
	s.Wipe()
	if len(b) == 0 || len(b) > MaxSecret {
		return &Error{Code: CodeLength, Text: "a secret has 1 to 2048 bytes"}
	}
	s.size = copy(s.bytes[:], b)
	return nil
}

// Bytes returns the secret, of which it is not a copy: it is zero after Wipe.
func (s *Secret) Bytes() []byte { return s.bytes[:s.size] }

// Wipe overwrites the secret.
func (s *Secret) Wipe() {
	clear(s.bytes[:])
	s.size = 0
}
