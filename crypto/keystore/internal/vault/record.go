package vault

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
)

const format = "cardwright-keystore/1"

// record is the form in which a key is kept. Info is in clear and authenticated: it and the format are the additional
// data of the seal, XChaCha20-Poly1305 (RFC 8439 with a nonce of 24 random bytes) under the record's own data key.
type record struct {
	Format  string          `json:"format"`
	Info    json.RawMessage `json:"info"`
	Wrapped []byte          `json:"wrapped"` // the data key, as the guard keeps it
	Nonce   []byte          `json:"nonce"`
	Sealed  []byte          `json:"sealed"`

	public public
}

// public is the JSON form of Info.
type public struct {
	Label         string                 `json:"label"`
	Kind          keystore.Kind          `json:"kind"`
	Usage         keyblock.Usage         `json:"usage,omitempty"`
	Algorithm     keyblock.Algorithm     `json:"algorithm,omitempty"`
	Mode          keyblock.Mode          `json:"mode,omitempty"`
	Version       keyblock.KeyVersion    `json:"version,omitempty"`
	Exportability keyblock.Exportability `json:"exportability,omitempty"`
	Bits          int                    `json:"bits,omitempty"`
	Created       time.Time              `json:"created"`
	Check         []byte                 `json:"check,omitempty"`
	Public        []byte                 `json:"public,omitempty"`
	KSN           []byte                 `json:"ksn,omitempty"`
	Counter       uint32                 `json:"counter,omitempty"`  // the guard's counter, 0 for none
	Hardware      bool                   `json:"hardware,omitempty"` // of a key pair: the payload is a blob of the guard
}

func (v *Vault) describe(label string, kind keystore.Kind, h keyblock.Header, bits int) public {
	return public{
		Label: label, Kind: kind, Usage: h.Usage, Algorithm: h.Algorithm, Mode: h.Mode, Version: h.KeyVersion,
		Exportability: h.Exportability, Bits: bits,
		Created: v.now().UTC().Truncate(time.Second),
	}
}

func (p *public) header() keyblock.Header {
	return keyblock.Header{
		Usage: p.Usage, Algorithm: p.Algorithm, Mode: p.Mode, KeyVersion: p.Version, Exportability: p.Exportability,
	}
}

func (p *public) info() keystore.Info {
	return keystore.Info{
		Label: p.Label, Kind: p.Kind, Header: p.header(), Bits: p.Bits, Created: p.Created, Check: p.Check,
		Public: p.Public, KSN: p.KSN, Counter: p.Counter != 0,
	}
}

// tampered is a record that this store did not write so. It does not carry what a decoder said: that may quote the file.
func tampered(label string) error { return &keystore.Error{Code: keystore.CodeTampered, Label: label} }

// load reads a record. Its public part is believed only after open. The record is nil where there is none.
func (v *Vault) load(label string) (*record, error) {
	if err := keystore.CheckLabel(label); err != nil {
		return nil, err
	}
	b, err := v.storage.Read(label)
	if err != nil {
		return nil, err
	}
	r := &record{}
	if json.Unmarshal(b, r) != nil || json.Unmarshal(r.Info, &r.public) != nil {
		return r, tampered(label)
	}
	if r.Format != format || r.public.Label != label || len(r.Nonce) != chacha20poly1305.NonceSizeX ||
		len(r.Sealed) > maxPlain+chacha20poly1305.Overhead {
		return r, tampered(label)
	}
	return r, nil
}

// open returns the payload of a record, in the scratch.
func (v *Vault) open(r *record) ([]byte, error) {
	label := r.public.Label
	if err := v.guard.Unwrap(&v.scratch.data, r.Wrapped); err != nil {
		var e *keystore.Error
		if errors.As(err, &e) && e.Label == "" {
			named := *e
			named.Label = label
			return nil, &named
		}
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(v.scratch.data[:])
	if err != nil {
		return nil, tampered(label)
	}
	plain, err := aead.Open(v.scratch.plain[:0], r.Nonce, r.Sealed, r.additional())
	if err != nil {
		return nil, tampered(label)
	}
	return plain, nil
}

// additional is what the seal authenticates besides the payload.
func (r *record) additional() []byte {
	return append([]byte(format+"\x00"), r.Info...)
}

// opened loads and opens the record of a kind.
func (v *Vault) opened(label string, kind keystore.Kind) (*record, []byte, error) {
	r, err := v.load(label)
	if err != nil {
		return nil, nil, err
	}
	plain, err := v.open(r)
	if err != nil {
		return nil, nil, err
	}
	if r.public.Kind != kind {
		return nil, nil, &keystore.Error{
			Code: keystore.CodeUsage, Label: label, Text: "it is a " + string(r.public.Kind) + ", not a " + string(kind),
		}
	}
	return r, plain, nil
}

// find opens the record of a key that is to be used so.
func (v *Vault) find(label string, kind keystore.Kind, use keystore.Use) (*record, []byte, error) {
	r, plain, err := v.opened(label, kind)
	if err != nil {
		return nil, nil, err
	}
	h := r.public.header()
	return r, plain, use.Permit(label, &h)
}

// absent refuses a label that is taken.
func (v *Vault) absent(label string) error {
	if err := keystore.CheckLabel(label); err != nil {
		return err
	}
	_, err := v.storage.Read(label)
	switch {
	case err == nil:
		return &keystore.Error{Code: keystore.CodeExists, Label: label}
	case errors.Is(err, &keystore.Error{Code: keystore.CodeNotFound}):
		return nil
	}
	return err
}

// create seals a payload under a new data key and writes the record.
func (v *Vault) create(p public, plain []byte) (keystore.Info, error) {
	wrapped, err := v.guard.Wrap(&v.scratch.data)
	if err != nil {
		return keystore.Info{}, err
	}
	info, err := json.Marshal(p)
	if err != nil {
		return keystore.Info{}, &keystore.Error{Code: keystore.CodeStorage, Label: p.Label, Err: err}
	}
	r := &record{Format: format, Info: info, Wrapped: wrapped, public: p}
	return p.info(), v.write(r, plain)
}

// write seals a payload under the data key in the scratch, which is the record's, and writes the record durably.
func (v *Vault) write(r *record, plain []byte) error {
	aead, err := chacha20poly1305.NewX(v.scratch.data[:])
	if err != nil {
		return tampered(r.public.Label)
	}
	r.Nonce = make([]byte, chacha20poly1305.NonceSizeX)
	_, _ = rand.Read(r.Nonce) // never fails
	r.Sealed = aead.Seal(nil, r.Nonce, plain, r.additional())
	b, err := json.Marshal(r)
	if err != nil {
		return &keystore.Error{Code: keystore.CodeStorage, Label: r.public.Label, Err: err}
	}
	return v.storage.Write(r.public.Label, b)
}
