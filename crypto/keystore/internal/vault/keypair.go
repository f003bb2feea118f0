package vault

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"io"

	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
)

var signing = keystore.Use{Usage: keyblock.UsageSignature, Operation: keyblock.OpSign}

// generatePair makes a P-256 key pair: in the guard where it can, else here.
func (v *Vault) generatePair(label string, h keyblock.Header, bits int) (keystore.Info, error) {
	if bits != 256 {
		return keystore.Info{}, &keystore.Error{Code: keystore.CodeLength, Label: label, Text: "key pairs are P-256"}
	}
	if err := signing.Permit(label, &h); err != nil {
		return keystore.Info{}, err
	}
	p := v.describe(label, keystore.KindKeyPair, h, bits)
	var payload []byte
	var public *ecdsa.PublicKey
	var err error
	if g, ok := v.guard.(KeyPairs); ok {
		p.Hardware = true
		payload, public, err = g.NewKeyPair()
	} else {
		payload, public, err = v.softwarePair()
	}
	if err != nil {
		return keystore.Info{}, err
	}
	if p.Public, err = x509.MarshalPKIXPublicKey(public); err != nil {
		return keystore.Info{}, &keystore.Error{Code: keystore.CodeAlgorithm, Label: label, Err: err}
	}
	return v.create(p, payload)
}

// softwarePair puts the private scalar, 32 bytes, into the scratch.
func (v *Vault) softwarePair() ([]byte, *ecdsa.PublicKey, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, &keystore.Error{Code: keystore.CodeAlgorithm, Err: err}
	}
	scalar, err := private.Bytes()
	if err != nil {
		return nil, nil, &keystore.Error{Code: keystore.CodeAlgorithm, Err: err}
	}
	n := copy(v.scratch.plain[:], scalar)
	clear(scalar)
	return v.scratch.plain[:n], &private.PublicKey, nil
}

// Signer returns the key pair of a label.
func (v *Vault) Signer(label string) (crypto.Signer, error) {
	s := &signer{v: v, label: label}
	err := v.read(func() error {
		r, _, err := v.find(label, keystore.KindKeyPair, signing)
		if err != nil {
			return err
		}
		s.public, err = publicKey(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func publicKey(r *record) (*ecdsa.PublicKey, error) {
	k, err := x509.ParsePKIXPublicKey(r.public.Public)
	if err != nil {
		return nil, tampered(r.public.Label)
	}
	public, ok := k.(*ecdsa.PublicKey)
	if !ok {
		return nil, tampered(r.public.Label)
	}
	return public, nil
}

// signer opens its key anew for every signature.
type signer struct {
	v      *Vault
	label  string
	public *ecdsa.PublicKey
}

func (s *signer) Public() crypto.PublicKey { return s.public }

// Sign signs a SHA-256 digest; randomness comes from the guard or from crypto/rand, not from the reader.
func (s *signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) (signature []byte, err error) {
	if opts == nil || opts.HashFunc() != crypto.SHA256 || len(digest) != crypto.SHA256.Size() {
		return nil, &keystore.Error{Code: keystore.CodeLength, Label: s.label, Text: "a P-256 key signs SHA-256 digests"}
	}
	err = s.v.read(func() error {
		r, payload, err := s.v.find(s.label, keystore.KindKeyPair, signing)
		if err != nil {
			return err
		}
		public, err := publicKey(r)
		if err != nil {
			return err
		}
		if !public.Equal(s.public) {
			return &keystore.Error{Code: keystore.CodeNotFound, Label: s.label, Text: "the label is another key's now"}
		}
		if r.public.Hardware {
			g, ok := s.v.guard.(KeyPairs)
			if !ok {
				return tampered(s.label)
			}
			signature, err = g.SignDigest(payload, digest)
			return err
		}
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), payload)
		if err != nil {
			return tampered(s.label)
		}
		signature, err = ecdsa.SignASN1(rand.Reader, private, digest)
		return err
	})
	return signature, err
}

// Blob gives the guard's blob of a key pair to f, for what only this kind of guard can do.
func (v *Vault) Blob(label string, f func(blob []byte) error) error {
	return v.read(func() error {
		r, payload, err := v.find(label, keystore.KindKeyPair, signing)
		if err != nil {
			return err
		}
		if !r.public.Hardware {
			return &keystore.Error{Code: keystore.CodeUnsupported, Label: label, Text: "the key pair is in software"}
		}
		return f(payload)
	})
}
