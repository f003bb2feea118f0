package ecc

import (
	"crypto/subtle"
	"hash"
	"io"
	"math/big"

	"filippo.io/bigmod"
)

// A signature is r ‖ s, SignatureSize bytes of the curve: the hash of x(W) ‖ message, and a number modulo n. It is the
// optimised EC-SDSA of ISO/IEC 14888-3, in which W enters with its x-coordinate alone (Book E, 8.8.7):
//
//	W = k·G      r = H(x(W) ‖ message)      s = k + r·d mod n

// Verify verifies a signature of a message, which may come in parts, by the key p. It takes a time that depends on its
// arguments, which are public.
//
// The errors are CodeCurve for the zero Point, CodeSignatureLength, CodeSignatureR, CodeSignatureS and CodeSignature.
func Verify(p *Point, signature []byte, message ...[]byte) error {
	c := p.curve
	switch {
	case !c.Valid():
		return refuse(CodeCurve, 0)
	case len(signature) != c.SignatureSize():
		return refuse(CodeSignatureLength, len(signature))
	}
	e := c.elliptic()
	n := e.Params().N
	r, s := signature[:c.HashSize()], signature[c.HashSize():]
	minusR := new(big.Int).SetBytes(r)
	if minusR.Mod(minusR, n).Sign() == 0 {
		return refuse(CodeSignatureR, 0)
	}
	minusR.Sub(n, minusR)
	if i := new(big.Int).SetBytes(s); i.Sign() == 0 || i.Cmp(n) >= 0 {
		return refuse(CodeSignatureS, 0)
	}

	// Book E, 8.8.7: W = s·G - r·Q.
	var b [maxField]byte
	x, y := new(big.Int).SetBytes(p.X()), new(big.Int).SetBytes(p.Y())
	x, y = e.ScalarMult(x, y, minusR.FillBytes(b[:c.Size()])) //nolint:staticcheck // deprecated for secrets; these are none
	gx, gy := e.ScalarBaseMult(s)                             //nolint:staticcheck // as above
	x, y = e.Add(gx, gy, x, y)                                //nolint:staticcheck // as above
	if x.Sign() == 0 && y.Sign() == 0 {
		return refuse(CodeSignature, 0) // W is the point at infinity
	}

	// Book E, 8.8.7: the hash over x(W) and the message is r.
	var own [maxField]byte
	if subtle.ConstantTimeCompare(commit(c.hash(), own[:0], x.FillBytes(b[:c.Size()]), message), r) != 1 {
		return refuse(CodeSignature, 0)
	}
	return nil
}

// commit appends the hash over x and the message: r.
func commit(h hash.Hash, dst, x []byte, message [][]byte) []byte {
	h.Write(x)
	for _, part := range message {
		h.Write(part)
	}
	return h.Sum(dst)
}

// Sign appends the signature of a message, which may come in parts, to dst. The number that a signature uses once is
// drawn from random as Generate does. Cards and authorities that are simulated sign; terminals don't.
//
// The errors are CodeScalar and CodeRandom.
func (k *PrivateKey) Sign(dst []byte, random io.Reader, message ...[]byte) ([]byte, error) {
	if !k.curve.Valid() {
		return dst, refuse(CodeScalar, 0)
	}
	for range draws {
		once, err := Generate(k.curve, random)
		if err != nil {
			return dst, err
		}
		out, err := k.SignOnce(dst, &once, message...)
		once.Wipe()
		if err == nil {
			return out, nil
		}
	}
	return dst, &Error{Code: CodeRandom, Err: io.ErrNoProgress}
}

// SignOnce is Sign with a given number, which must not be used again: two signatures with one number tell the key.
//
// The errors are CodeScalar, CodeCurve, and CodeSignatureR or CodeSignatureS where the number gives no signature, which
// has a probability of 2^-256.
func (k *PrivateKey) SignOnce(dst []byte, once *PrivateKey, message ...[]byte) ([]byte, error) {
	c := k.curve
	switch {
	case !c.Valid():
		return dst, refuse(CodeScalar, 0)
	case once.curve != c:
		return dst, refuse(CodeCurve, int(once.curve))
	}
	w, err := once.Public()
	if err != nil {
		return dst, err
	}
	var own [maxField]byte
	hashed := commit(c.hash(), own[:0], w.X(), message)

	n := c.order()
	r, err := bigmod.NewNat().SetOverflowingBytes(hashed, n)
	if err != nil || r.IsZero() == 1 {
		return dst, refuse(CodeSignatureR, 0)
	}
	d, err := k.nat(n)
	if err != nil {
		return dst, err
	}
	nonce, err := once.nat(n)
	if err != nil {
		return dst, err
	}
	s := d.Mul(r, n).Add(nonce, n)
	clear(nonce.Bits())
	if s.IsZero() == 1 {
		return dst, refuse(CodeSignatureS, 0)
	}
	dst = append(dst, hashed...)
	return append(dst, s.Bytes(n)...), nil
}
