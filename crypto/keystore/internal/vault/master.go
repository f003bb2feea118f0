package vault

import (
	"crypto/rand"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/cardwright/emv/crypto/keystore"
)

// Master is a guard in software: data keys are wrapped under a master key that it holds in memory.
type Master struct {
	name string
	key  DataKey
}

// NewMaster returns the guard of that name and takes the key over: it is zero then.
func NewMaster(name string, key *DataKey) *Master {
	m := &Master{name: name, key: *key}
	clear(key[:])
	return m
}

// Name returns the name.
func (m *Master) Name() string { return m.name }

// Hardware is false: who reads the process' memory, or has what the master key comes from, has the keys.
func (m *Master) Hardware() bool { return false }

// Wrap makes a data key and seals it with XChaCha20-Poly1305: nonce, then 48 bytes.
func (m *Master) Wrap(key *DataKey) ([]byte, error) {
	_, _ = rand.Read(key[:]) // never fails
	return m.Seal(key[:])
}

// Seal seals a few bytes under the master key.
func (m *Master) Seal(b []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(m.key[:])
	if err != nil {
		return nil, &keystore.Error{Code: keystore.CodeAlgorithm, Err: err}
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(b)+chacha20poly1305.Overhead)
	_, _ = rand.Read(nonce) // never fails
	return aead.Seal(nonce, nonce, b, []byte(m.name)), nil
}

// Unwrap opens what Wrap sealed. The error is CodeTampered.
func (m *Master) Unwrap(key *DataKey, wrapped []byte) error {
	const n = chacha20poly1305.NonceSizeX
	aead, err := chacha20poly1305.NewX(m.key[:])
	if err != nil || len(wrapped) != n+len(key)+chacha20poly1305.Overhead {
		return &keystore.Error{Code: keystore.CodeTampered}
	}
	if _, err := aead.Open(key[:0], wrapped[:n], wrapped[n:], []byte(m.name)); err != nil {
		clear(key[:])
		return &keystore.Error{Code: keystore.CodeTampered}
	}
	return nil
}

// Wipe overwrites the master key.
func (m *Master) Wipe() error { return m.Close() }

// Close overwrites the master key.
func (m *Master) Close() error {
	clear(m.key[:])
	return nil
}
