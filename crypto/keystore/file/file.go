// Package file is a keystore in a folder, sealed under a passphrase. It is software: a terminal without a TPM works with
// it, and Hardware says false. Who has the folder and the passphrase, or can read the process' memory, has the keys; and a
// folder that was copied and is put back works, old DUKPT states included.
//
// The folder has mode 0700, its files 0600; wider ones are refused. The master key comes from the passphrase by Argon2id
// (RFC 9106), and seals the data key of each record.
package file

import (
	"crypto/rand"
	"encoding/json"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/internal/folder"
	"github.com/cardwright/emv/crypto/keystore/internal/vault"
)

// Store is a keystore.Provider.
type Store struct{ *vault.Vault }

// Options are the settings of a Store. The zero value is good.
type Options struct {
	Now func() time.Time // when keys are made; nil is time.Now

	// Time and MemoryKiB are the cost of a passphrase in a new store: 0 is 3 passes over 64 MiB, the second choice of
	// RFC 9106, 4. An open store keeps what it was made with.
	Time, MemoryKiB uint32
}

const (
	format = "cardwright-keystore/1 file"

	defaultTime   = 3
	defaultMemory = 64 << 10
	maxTime       = 64
	maxMemory     = 1 << 20 // KiB: what a changed file can make an opener spend
	threads       = 4
	saltLen       = 16

	// MinPassphrase is the length of the shortest passphrase, in bytes.
	MinPassphrase = 12
)

// parameters is the file store.json.
type parameters struct {
	Provider  string `json:"provider"` // "file"
	Format    string `json:"format"`
	KDF       string `json:"kdf"` // "argon2id"
	Time      uint32 `json:"time"`
	MemoryKiB uint32 `json:"memory_kib"`
	Threads   uint8  `json:"threads"`
	Salt      []byte `json:"salt"`
	Check     []byte `json:"check"` // 32 zero bytes, sealed under the master key
}

// Create makes a store in a folder that has none. The caller wipes the passphrase. The errors are CodeExists,
// CodePassphrase for one that is shorter than MinPassphrase, CodeLength for a cost that is out of bounds, CodePermission and
// CodeStorage.
func Create(dir string, passphrase []byte, o Options) (*Store, error) {
	if len(passphrase) < MinPassphrase {
		return nil, &keystore.Error{Code: keystore.CodePassphrase, Text: "it is shorter than 12 bytes"}
	}
	p := parameters{
		Provider: "file", Format: format, KDF: "argon2id", Time: o.Time, MemoryKiB: o.MemoryKiB, Threads: threads,
		Salt: make([]byte, saltLen),
	}
	if p.Time == 0 {
		p.Time = defaultTime
	}
	if p.MemoryKiB == 0 {
		p.MemoryKiB = defaultMemory
	}
	if !p.sane() {
		return nil, &keystore.Error{Code: keystore.CodeLength, Text: "the cost of the passphrase is out of bounds"}
	}
	_, _ = rand.Read(p.Salt) // never fails
	guard := p.guard(passphrase)
	var zeros vault.DataKey
	var err error
	if p.Check, err = guard.Seal(zeros[:]); err != nil {
		return nil, err
	}
	b, err := json.Marshal(p)
	if err != nil {
		return nil, &keystore.Error{Code: keystore.CodeStorage, Err: err}
	}
	f, err := folder.Create(dir, b)
	if err != nil {
		_ = guard.Close()
		return nil, err
	}
	return &Store{vault.New(guard, f, o.Now)}, nil
}

// Open opens the store of a folder. The caller wipes the passphrase. The errors are CodeNoStore, CodePassphrase (or the
// salt was changed), CodeTampered, CodeUnsupported for the store of another provider, CodePermission and CodeStorage.
func Open(dir string, passphrase []byte, o Options) (*Store, error) {
	f, b, err := folder.Open(dir)
	if err != nil {
		return nil, err
	}
	var p parameters
	if json.Unmarshal(b, &p) != nil {
		return nil, &keystore.Error{Code: keystore.CodeTampered, Text: "store.json"}
	}
	if p.Provider != "file" {
		return nil, &keystore.Error{Code: keystore.CodeUnsupported, Text: "the store is not one of files"}
	}
	if p.Format != format || p.KDF != "argon2id" || !p.sane() {
		return nil, &keystore.Error{Code: keystore.CodeTampered, Text: "store.json"}
	}
	guard := p.guard(passphrase)
	var zeros vault.DataKey
	if guard.Unwrap(&zeros, p.Check) != nil || zeros != (vault.DataKey{}) {
		_ = guard.Close()
		return nil, &keystore.Error{Code: keystore.CodePassphrase, Text: "it does not open this store"}
	}
	return &Store{vault.New(guard, f, o.Now)}, nil
}

// sane bounds what opening costs, from below (an attacker gains nothing by a lower cost in a file, but a caller might ask
// for one) and from above.
func (p *parameters) sane() bool {
	return p.Time >= 1 && p.Time <= maxTime && p.MemoryKiB >= 8*threads && p.MemoryKiB <= maxMemory &&
		p.Threads == threads && len(p.Salt) == saltLen
}

// guard derives the master key. RFC 9106.
func (p *parameters) guard(passphrase []byte) *vault.Master {
	var key vault.DataKey
	derived := argon2.IDKey(passphrase, p.Salt, p.Time, p.MemoryKiB, p.Threads, uint32(len(key)))
	copy(key[:], derived)
	clear(derived)
	return vault.NewMaster("file", &key)
}
