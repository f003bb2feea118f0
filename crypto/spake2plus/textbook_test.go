package spake2plus_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/big"
)

// A second implementation, as a textbook has it: numbers without a bound and points of two coordinates. It shares no
// code with the package, and nothing of it is constant in time.

func number(hex string) *big.Int {
	n, ok := new(big.Int).SetString(hex, 16)
	if !ok {
		panic(hex)
	}
	return n
}

// P-256. SP 800-186, 3.2.1.3.
var (
	prime = number("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
	group = number("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
	beta  = number("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")
	base  = affine{
		number("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
		number("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
	}
	m = decompress("886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f", 0)
	n = decompress("d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49", 1)
)

// affine is a point; the zero value is the identity.
type affine struct{ x, y *big.Int }

func mod(n *big.Int) *big.Int { return n.Mod(n, prime) }

// decompress finds y of x: the prime is 3 modulo 4, so a root of a is a^((p+1)/4).
func decompress(hex string, odd uint) affine {
	x := number(hex)
	y2 := new(big.Int).Exp(x, big.NewInt(3), prime)
	y2.Sub(y2, new(big.Int).Mul(x, big.NewInt(3)))
	mod(y2.Add(y2, beta))
	e := new(big.Int).Add(prime, big.NewInt(1))
	y := new(big.Int).Exp(y2, e.Rsh(e, 2), prime)
	if y.Bit(0) != odd {
		y.Sub(prime, y)
	}
	if mod(new(big.Int).Mul(y, y)).Cmp(y2) != 0 {
		panic("not a point")
	}
	return affine{x, y}
}

func (p affine) negative() affine { return affine{p.x, new(big.Int).Sub(prime, p.y)} }

func (p affine) add(q affine) affine {
	switch {
	case p.x == nil:
		return q
	case q.x == nil:
		return p
	}
	var slope *big.Int
	switch {
	case p.x.Cmp(q.x) != 0:
		run := mod(new(big.Int).Sub(q.x, p.x))
		slope = new(big.Int).Mul(new(big.Int).Sub(q.y, p.y), run.ModInverse(run, prime))
	case p.y.Cmp(q.y) == 0:
		run := mod(new(big.Int).Lsh(p.y, 1))
		rise := new(big.Int).Mul(p.x, p.x)
		rise.Mul(rise, big.NewInt(3)).Sub(rise, big.NewInt(3))
		slope = rise.Mul(rise, run.ModInverse(run, prime))
	default:
		return affine{}
	}
	mod(slope)
	x := new(big.Int).Mul(slope, slope)
	mod(x.Sub(x, p.x).Sub(x, q.x))
	y := new(big.Int).Sub(p.x, x)
	return affine{x, mod(y.Mul(y, slope).Sub(y, p.y))}
}

func (p affine) times(k *big.Int) (r affine) {
	for i := k.BitLen() - 1; i >= 0; i-- {
		r = r.add(r)
		if k.Bit(i) == 1 {
			r = r.add(p)
		}
	}
	return r
}

func (p affine) bytes() []byte {
	if p.x == nil {
		return []byte{0}
	}
	b := make([]byte, 65)
	b[0] = 4
	p.x.FillBytes(b[1:33])
	p.y.FillBytes(b[33:])
	return b
}

// textbook is an exchange.
type textbook struct {
	context, prover, verifier string
	w0, w1                    *big.Int
}

func (b textbook) shareP(x *big.Int) affine { return base.times(x).add(m.times(b.w0)) }
func (b textbook) shareV(y *big.Int) affine { return base.times(y).add(n.times(b.w0)) }

func (b textbook) proverSecrets(x *big.Int, shareV affine) (z, v affine) {
	y := shareV.add(n.times(b.w0).negative())
	return y.times(x), y.times(b.w1)
}

func (b textbook) verifierSecrets(y *big.Int, shareP affine) (z, v affine) {
	x := shareP.add(m.times(b.w0).negative())
	return x.times(y), base.times(b.w1).times(y)
}

type schedule struct{ main, keyP, keyV, confirmP, confirmV, shared []byte }

func (b textbook) schedule(shareP, shareV, z, v affine) schedule {
	h := sha256.New()
	for _, part := range [][]byte{
		[]byte(b.context), []byte(b.prover), []byte(b.verifier), m.bytes(), n.bytes(), shareP.bytes(), shareV.bytes(),
		z.bytes(), v.bytes(), b.w0.FillBytes(make([]byte, 32)),
	} {
		_ = binary.Write(h, binary.LittleEndian, uint64(len(part)))
		h.Write(part)
	}
	s := schedule{main: h.Sum(nil)}
	// HKDF (RFC 5869), with a salt of zeros.
	prk := tag(make([]byte, 32), s.main)
	s.keyP = tag(prk, []byte("ConfirmationKeys\x01"))
	s.keyV = tag(prk, s.keyP, []byte("ConfirmationKeys\x02"))
	s.shared = tag(prk, []byte("SharedKey\x01"))
	s.confirmP, s.confirmV = tag(s.keyP, shareV.bytes()), tag(s.keyV, shareP.bytes())
	return s
}

func tag(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}
