package ecc

import (
	"crypto/ecdh"
	"io"

	"filippo.io/bigmod"

	"github.com/cardwright/emv/crypto/mask"
)

// PrivateKey is a secret number from 1 to n-1, n being the number of points of its curve: a private key, a blinding
// factor, or the number that a signature uses once. The zero PrivateKey is none: everything refuses it.
//
// It prints, logs and marshals as "[key]".
type PrivateKey struct {
	mask.Key
	curve Curve
	d     [maxField]byte
}

// NewPrivateKey copies a key of c.Size() bytes, most significant first. The time it takes does not depend on them.
//
// The errors are CodeCurve, CodeScalarLength and CodeScalar.
func NewPrivateKey(c Curve, d []byte) (PrivateKey, error) {
	if !c.Valid() {
		return PrivateKey{}, refuse(CodeCurve, int(c))
	}
	if len(d) != c.Size() {
		return PrivateKey{}, refuse(CodeScalarLength, len(d))
	}
	if _, err := c.ecdh().NewPrivateKey(d); err != nil {
		return PrivateKey{}, refuse(CodeScalar, 0)
	}
	k := PrivateKey{curve: c}
	copy(k.d[:], d)
	return k, nil
}

// draws is how often Generate tries: a source that gives no key by then is broken. On P-521 a draw is right with a
// probability of almost 1, on P-256 of 1 - 2^-32.
const draws = 64

// Generate makes a key of c.Size() bytes from random, or of further ones where those are no key (FIPS 186-5, A.2.2).
// Bits above those of n are ignored. The same bytes give the same key.
//
// The errors are CodeCurve and CodeRandom.
func Generate(c Curve, random io.Reader) (PrivateKey, error) {
	if !c.Valid() {
		return PrivateKey{}, refuse(CodeCurve, int(c))
	}
	var b [maxField]byte
	defer clear(b[:])
	for range draws {
		if _, err := io.ReadFull(random, b[:c.Size()]); err != nil {
			return PrivateKey{}, &Error{Code: CodeRandom, Err: err}
		}
		if c == P521 {
			b[0] &= 0x01
		}
		if k, err := NewPrivateKey(c, b[:c.Size()]); err == nil {
			return k, nil
		}
	}
	return PrivateKey{}, &Error{Code: CodeRandom, Err: io.ErrNoProgress}
}

// Curve returns the curve, 0 for the zero PrivateKey.
func (k *PrivateKey) Curve() Curve { return k.curve }

// Bytes returns the number, Size bytes of the curve, of which it is not a copy: it is gone after Wipe.
func (k *PrivateKey) Bytes() []byte { return k.d[:k.curve.Size()] }

// Wipe overwrites the key; it is the zero PrivateKey then.
func (k *PrivateKey) Wipe() { *k = PrivateKey{} }

// Public returns the public key d·G. The error is CodeScalar: the zero PrivateKey has none.
func (k *PrivateKey) Public() (Point, error) {
	d, err := k.ecdh()
	if err != nil {
		return Point{}, err
	}
	b := d.PublicKey().Bytes()
	p, n := Point{curve: k.curve}, k.curve.Size()
	copy(p.x[:], b[1:1+n])
	copy(p.y[:], b[1+n:])
	return p, nil
}

// MakeCanonical changes the key to n-d where its public key is not the one that FindPoint finds of its x-coordinate: a
// certificate holds x alone, and who verifies takes the lesser y. The error is CodeScalar.
func (k *PrivateKey) MakeCanonical() error {
	p, err := k.Public()
	if err != nil || p.Canonical() {
		return err
	}
	n := k.curve.order()
	d, err := k.nat(n)
	if err != nil {
		return err
	}
	zero := bigmod.NewNat().ExpandFor(n)
	copy(k.d[:], zero.Sub(d, n).Bytes(n))
	clear(zero.Bits())
	clear(d.Bits())
	return nil
}

// ecdh returns the key as that package knows it.
func (k *PrivateKey) ecdh() (*ecdh.PrivateKey, error) {
	if !k.curve.Valid() {
		return nil, refuse(CodeScalar, 0)
	}
	d, err := k.curve.ecdh().NewPrivateKey(k.Bytes())
	if err != nil {
		return nil, refuse(CodeScalar, 0)
	}
	return d, nil
}

// nat returns the number modulo n, in memory of its own that the caller clears.
func (k *PrivateKey) nat(n *bigmod.Modulus) (*bigmod.Nat, error) {
	d, err := bigmod.NewNat().SetBytes(k.Bytes(), n)
	if err != nil {
		return nil, refuse(CodeScalar, 0)
	}
	return d, nil
}
