package ecc

import (
	"crypto/ecdh"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"hash"

	"filippo.io/bigmod"
)

// Curve is one of the two curves of Book E: NIST P-256 and P-521 (FIPS 186-5; SP 800-186, 3.2.1). The zero Curve is
// none.
type Curve byte

// The curves. Each has its hash function: SHA-256 and SHA-512.
const (
	P256 Curve = 1
	P521 Curve = 2
)

// The most bytes that a coordinate or a scalar has: those of P-521.
const maxField = 66

// Valid reports whether a Curve is one of the two.
func (c Curve) Valid() bool { return c == P256 || c == P521 }

// Size returns the bytes of a coordinate, and of a scalar: 32 or 66, 0 for no curve. Book E calls it N_FIELD.
func (c Curve) Size() int {
	switch c {
	case P256:
		return 32
	case P521:
		return maxField
	}
	return 0
}

// HashSize returns the bytes of the curve's hash function: 32 or 64, 0 for no curve. Book E calls it N_HASH.
func (c Curve) HashSize() int {
	switch c {
	case P256:
		return sha256.Size
	case P521:
		return sha512.Size
	}
	return 0
}

// SignatureSize returns the bytes of a signature: 64 or 130, 0 for no curve. Book E calls it N_SIG.
func (c Curve) SignatureSize() int { return c.HashSize() + c.Size() }

// String returns the curve's name.
func (c Curve) String() string {
	switch c {
	case P256:
		return "P-256"
	case P521:
		return "P-521"
	}
	return "none"
}

// CurveOf returns the curve whose coordinates have n bytes. The error is CodeCurve.
func CurveOf(n int) (Curve, error) {
	switch n {
	case P256.Size():
		return P256, nil
	case P521.Size():
		return P521, nil
	}
	return 0, refuse(CodeCurve, n)
}

// ecdh returns the curve as that package knows it. The curve is valid.
func (c Curve) ecdh() ecdh.Curve {
	if c == P256 {
		return ecdh.P256()
	}
	return ecdh.P521()
}

// elliptic returns the curve as that package knows it. The curve is valid.
func (c Curve) elliptic() elliptic.Curve {
	if c == P256 {
		return elliptic.P256()
	}
	return elliptic.P521()
}

// hash returns the curve's hash function. The curve is valid.
func (c Curve) hash() hash.Hash {
	if c == P256 {
		return sha256.New()
	}
	return sha512.New()
}

// order returns n, the number of points. The curve is valid.
func (c Curve) order() *bigmod.Modulus {
	var b [maxField]byte
	n, err := bigmod.NewModulus(c.elliptic().Params().N.FillBytes(b[:c.Size()]))
	if err != nil {
		panic(err) // the order of a curve is a constant, and greater than one
	}
	return n
}
