package tpm

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/go-tpm/tpm2"

	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/internal/folder"
	"github.com/cardwright/emv/crypto/keystore/internal/vault"
)

// Store is a keystore.Provider and a keystore.Attester.
type Store struct {
	*vault.Vault
	guard    *guard
	attestor []byte // blob
}

var _ keystore.Attester = (*Store)(nil)

// Options are the settings of a Store. The zero value is good.
type Options struct {
	Path      string           // of the device or socket; "" is DefaultPath
	OwnerAuth []byte           // authorization of the TPM's owner hierarchy, where one is set; without zero bytes
	Now       func() time.Time // when keys are made; nil is time.Now

	// PCRs (0 to 23, SHA-256 bank) are those that a new store seals to: its keys open only while they hold what they
	// held when each key came in. Firmware and boot loader updates change some; keys are then to be injected again. Empty
	// seals to the TPM alone.
	PCRs []uint
}

const format = "cardwright-keystore/1 tpm"

// parameters is the file store.json. Nothing in it is secret; who changes it has a store that does not open.
type parameters struct {
	Provider string `json:"provider"` // "tpm"
	Format   string `json:"format"`
	ID       []byte `json:"id"`
	SRK      []byte `json:"srk"`    // its name
	Secret   uint32 `json:"secret"` // the NV index of the authorization value
	PCRs     []uint `json:"pcrs,omitempty"`
	Attestor []byte `json:"attestor"` // blob
}

// Probe reports whether a TPM 2.0 answers at a path ("" is DefaultPath). The error says why not: CodeNoTPM.
func Probe(path string) error {
	t, err := connect(path)
	if err != nil {
		return err
	}
	defer t.Close()
	if _, err := (tpm2.GetCapability{
		Capability: tpm2.TPMCapTPMProperties, Property: uint32(tpm2.TPMPTFamilyIndicator), PropertyCount: 1,
	}).Execute(t); err != nil {
		return &keystore.Error{Code: keystore.CodeNoTPM, Text: "what answers is no TPM 2.0", Err: err}
	}
	return nil
}

// checkOwner refuses a value that sessions would be keyed wrongly with: see drawSecret.
func checkOwner(auth []byte) error {
	if bytes.IndexByte(auth, 0) >= 0 {
		return &keystore.Error{Code: keystore.CodeUnsupported, Text: "an owner authorization with a zero byte"}
	}
	return nil
}

// Create makes a store in a folder that has none. The errors are CodeExists, CodeLength for a PCR that does not exist,
// CodeNoTPM, CodeTPM, CodePermission and CodeStorage.
func Create(dir string, o Options) (*Store, error) {
	for _, n := range o.PCRs {
		if n > 23 {
			return nil, &keystore.Error{Code: keystore.CodeLength, Text: "PCRs are 0 to 23"}
		}
	}
	if folder.Exists(dir) {
		return nil, &keystore.Error{Code: keystore.CodeExists, Text: "there is a store in " + dir}
	}
	if err := checkOwner(o.OwnerAuth); err != nil {
		return nil, err
	}
	t, err := connect(o.Path)
	if err != nil {
		return nil, err
	}
	g := &guard{tpm: t, owner: bytes.Clone(o.OwnerAuth), pcrs: slices.Clone(o.PCRs)}
	_, _ = rand.Read(g.id[:]) // never fails
	s, err := g.newStore(dir, o)
	if err != nil {
		return nil, errors.Join(err, g.Wipe(), g.Close())
	}
	return s, nil
}

func (g *guard) newStore(dir string, o Options) (*Store, error) {
	if err := g.findSRK(true); err != nil {
		return nil, err
	}
	index, err := g.makeSecret()
	if err != nil {
		return nil, err
	}
	attestor, _, err := g.newKeyPair(true)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(parameters{
		Provider: "tpm", Format: format, ID: g.id[:], SRK: g.srk.Name.Buffer, Secret: uint32(index), PCRs: g.pcrs,
		Attestor: attestor,
	})
	if err != nil {
		return nil, &keystore.Error{Code: keystore.CodeStorage, Err: err}
	}
	f, err := folder.Create(dir, b)
	if err != nil {
		return nil, err
	}
	return &Store{vault.New(g, f, o.Now), g, attestor}, nil
}

// Open opens the store of a folder. The PCRs are those it was made with. The errors are CodeNoStore, CodeOtherTPM,
// CodeWiped, CodeTampered, CodeUnsupported for the store of another provider, CodeNoTPM, CodeTPM, CodePermission and
// CodeStorage.
func Open(dir string, o Options) (*Store, error) {
	f, b, err := folder.Open(dir)
	if err != nil {
		return nil, err
	}
	var p parameters
	if json.Unmarshal(b, &p) != nil {
		return nil, &keystore.Error{Code: keystore.CodeTampered, Text: "store.json"}
	}
	if p.Provider != "tpm" {
		return nil, &keystore.Error{Code: keystore.CodeUnsupported, Text: "the store is not one of a TPM"}
	}
	if p.Format != format || len(p.ID) != len(guard{}.id) || slices.ContainsFunc(p.PCRs, func(n uint) bool { return n > 23 }) {
		return nil, &keystore.Error{Code: keystore.CodeTampered, Text: "store.json"}
	}
	if err := checkOwner(o.OwnerAuth); err != nil {
		return nil, err
	}
	t, err := connect(o.Path)
	if err != nil {
		return nil, err
	}
	g := &guard{tpm: t, owner: bytes.Clone(o.OwnerAuth), id: [32]byte(p.ID), pcrs: p.PCRs}
	err = g.findSRK(false)
	if err == nil && !bytes.Equal(g.srk.Name.Buffer, p.SRK) {
		err = &keystore.Error{Code: keystore.CodeOtherTPM, Text: "the storage root key is another one"}
	}
	if err == nil {
		err = g.readSecret(tpm2.TPMHandle(p.Secret))
	}
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return &Store{vault.New(g, f, o.Now), g, p.Attestor}, nil
}
