// Package vault is what all stores have in common: records that are sealed together with what their key may do, and the
// operations that enforce it. A store adds where records lie (Storage) and what they are sealed to (Guard).
package vault

import (
	"crypto/ecdsa"
	"sync"
	"time"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
)

// DataKey seals one record.
type DataKey [32]byte

// Guard protects data keys.
type Guard interface {
	Name() string
	Hardware() bool

	// Wrap makes a new random data key and returns the form in which it can be kept.
	Wrap(key *DataKey) (wrapped []byte, err error)

	// Unwrap gives it back. CodeTampered where the form is none of this guard's, CodePolicy.
	Unwrap(key *DataKey, wrapped []byte) error

	// Wipe destroys what every data key is wrapped with.
	Wipe() error

	// Close overwrites what the guard holds in memory.
	Close() error
}

// Counters is a Guard that has monotonic counters. A counter starts at least two above every value that any counter of
// the guard had before.
type Counters interface {
	NewCounter() (index uint32, value uint64, err error)
	Count(index uint32) (uint64, error) // CodeRolledBack where there is no such counter
	Increment(index uint32) error
	DropCounter(index uint32) error // nil where there is no such counter
}

// KeyPairs is a Guard that makes P-256 key pairs and signs with them itself; blob is what it needs to find one again.
type KeyPairs interface {
	NewKeyPair() (blob []byte, public *ecdsa.PublicKey, err error)
	SignDigest(blob, digest []byte) (signature []byte, err error)
}

// Storage keeps records by label.
type Storage interface {
	Read(label string) ([]byte, error) // CodeNotFound
	Write(label string, record []byte) error
	Remove(label string) error
	Labels() ([]string, error)
	Wipe() error

	// Lock keeps other processes from changing the store until unlock is called.
	Lock() (unlock func(), err error)
}

// Vault is a store over a guard and a storage. It implements keystore.Provider.
type Vault struct {
	mu      sync.Mutex
	guard   Guard
	storage Storage
	now     func() time.Time
	closed  bool
	scratch scratch
}

var _ keystore.Provider = (*Vault)(nil)

// scratch is where everything secret lives while an operation runs. It is zero between operations.
type scratch struct {
	data  DataKey
	plain [maxPlain]byte // a payload
	after [maxPlain]byte // the payload that follows it
	key   keyblock.Key
	tdes  dukpt.TDESTerminal
	aes   dukpt.AESTerminal
}

// maxPlain is the length of the longest payload: a secret, or a DUKPT state.
const maxPlain = 4096

// New returns the store.
func New(g Guard, s Storage, now func() time.Time) *Vault {
	if now == nil {
		now = time.Now
	}
	return &Vault{guard: g, storage: s, now: now}
}

// Name returns the provider's name.
func (v *Vault) Name() string { return v.guard.Name() }

// Hardware reports whether the guard is hardware.
func (v *Vault) Hardware() bool { return v.guard.Hardware() }

// read runs an operation that changes nothing, and overwrites what it left in the scratch.
func (v *Vault) read(f func() error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return &keystore.Error{Code: keystore.CodeClosed}
	}
	defer v.scratch.wipe()
	return f()
}

// change runs an operation that writes records, while no other process does.
func (v *Vault) change(f func() error) error {
	return v.read(func() error {
		unlock, err := v.storage.Lock()
		if err != nil {
			return err
		}
		defer unlock()
		return f()
	})
}

func (s *scratch) wipe() {
	clear(s.data[:])
	clear(s.plain[:])
	clear(s.after[:])
	s.key.Wipe()
	s.tdes.Wipe()
	s.aes.Wipe()
}

// List opens every record.
func (v *Vault) List() (infos []keystore.Info, err error) {
	err = v.read(func() error {
		labels, err := v.storage.Labels()
		if err != nil {
			return err
		}
		for _, label := range labels {
			r, err := v.load(label)
			if err == nil {
				_, err = v.open(r)
			}
			info := keystore.Info{Label: label}
			if r != nil {
				info = r.public.info()
				info.Label = label
			}
			info.Fault = err
			infos = append(infos, info)
		}
		return nil
	})
	return infos, err
}

// Delete removes a record, its counter first: a record without its counter gives nothing.
func (v *Vault) Delete(label string) error {
	if err := keystore.CheckLabel(label); err != nil {
		return err
	}
	return v.change(func() error {
		r, err := v.load(label)
		if r == nil {
			return err
		}
		// A record that was tampered with can be deleted too; its counter then stays until the store is wiped.
		if _, err := v.open(r); err == nil && r.public.Counter != 0 {
			if c, ok := v.guard.(Counters); ok {
				if err := c.DropCounter(r.public.Counter); err != nil {
					return err
				}
			}
		}
		return v.storage.Remove(label)
	})
}

// Wipe destroys what everything is sealed to, then the records.
func (v *Vault) Wipe() error {
	return v.change(func() error {
		if err := v.guard.Wipe(); err != nil {
			return err
		}
		if err := v.storage.Wipe(); err != nil {
			return err
		}
		v.closed = true
		return v.guard.Close()
	})
}

// Close overwrites what is in memory.
func (v *Vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return nil
	}
	v.closed = true
	v.scratch.wipe()
	return v.guard.Close()
}
