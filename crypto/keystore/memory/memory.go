// Package memory is a keystore for tests: it is gone with the process, and its keys are in software.
package memory

import (
	"crypto/rand"
	"maps"
	"slices"
	"time"

	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/internal/vault"
)

// Store is a keystore.Provider.
type Store struct{ *vault.Vault }

// Options are the settings of a Store. The zero value is good.
type Options struct {
	Now func() time.Time // when keys are made; nil is time.Now
}

// New returns an empty store under a random key.
func New(o Options) *Store {
	var key vault.DataKey
	_, _ = rand.Read(key[:]) // never fails
	return &Store{vault.New(vault.NewMaster("memory", &key), records{}, o.Now)}
}

// records is a storage. The vault lets one operation at it at a time.
type records map[string][]byte

func (r records) Read(label string) ([]byte, error) {
	b, ok := r[label]
	if !ok {
		return nil, &keystore.Error{Code: keystore.CodeNotFound, Label: label}
	}
	return b, nil
}

func (r records) Write(label string, b []byte) error {
	r[label] = b
	return nil
}

func (r records) Remove(label string) error {
	delete(r, label)
	return nil
}

func (r records) Labels() ([]string, error) { return slices.Sorted(maps.Keys(r)), nil }

func (r records) Wipe() error {
	clear(r)
	return nil
}

func (r records) Lock() (func(), error) { return func() {}, nil }
