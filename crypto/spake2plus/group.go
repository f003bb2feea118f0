package spake2plus

import (
	"io"

	"filippo.io/bigmod"
	"filippo.io/nistec"
)

const (
	scalarSize = 32

	// ShareSize is the length of a share: '04' x y (SEC 1, 2.3.3).
	ShareSize = 1 + 2*32

	uncompressed = 0x04
)

// order is the number of points of P-256 (SP 800-186, 3.2.1.3).
const order = "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51"

// The points M and N, of which nobody knows the logarithm (RFC 9383, 4), in the compressed form there.
const (
	pointM = "\x02\x88\x6e\x2f\x97\xac\xe4\x6e\x55\xba\x9d\xd7\x24\x25\x79\xf2\x99\x3b\x64\xe1\x6e\xf3\xdc\xab\x95\xaf\xd4\x97\x33\x3d\x8f\xa1\x2f"
	pointN = "\x03\xd8\xbb\xd6\xc6\x39\xc6\x29\x37\xb0\x4d\x99\x7f\x38\xc3\x77\x07\x19\xc6\x29\xd7\x01\x4d\x49\xa2\x4b\x4f\x98\xba\xa1\x29\x2b\x49"
)

// modulus returns the order for arithmetic. It can't fail: order is a constant.
func modulus() *bigmod.Modulus {
	n, err := bigmod.NewModulus([]byte(order))
	if err != nil {
		panic(err)
	}
	return n
}

// fixed returns M or N. It can't fail: both are constants.
func fixed(compressed string) *nistec.P256Point {
	p, err := nistec.NewP256Point().SetBytes([]byte(compressed))
	if err != nil {
		panic(err)
	}
	return p
}

// scalar is a number modulo the order, most significant byte first.
type scalar [scalarSize]byte

func (s *scalar) wipe() { clear(s[:]) }

func (s *scalar) zero() bool { return *s == scalar{} }

// valid reports whether the number is 1 to n-1.
func (s *scalar) valid() bool {
	if s.zero() {
		return false
	}
	x, err := bigmod.NewNat().SetBytes(s[:], modulus())
	if err != nil {
		return false
	}
	clear(x.Bits())
	return true
}

// negate makes s the number n - a, for a below n.
func (s *scalar) negate(a *scalar) error {
	n := modulus()
	x, err := bigmod.NewNat().SetBytes(a[:], n)
	if err != nil {
		return refuse(CodeSecret)
	}
	zero := bigmod.NewNat().ExpandFor(n)
	b := zero.Sub(x, n).Bytes(n)
	copy(s[:], b)
	clear(b)
	clear(x.Bits())
	clear(zero.Bits())
	return nil
}

// reduce makes s the number in b modulo the order. b has HalfSize bytes, 64 bits more than the order, which is what the
// bias of at most 2^-64 needs (RFC 9383, 3.2).
func (s *scalar) reduce(b []byte) error {
	if len(b) != HalfSize {
		return refuse(CodeSecret)
	}
	n := modulus()
	// The digits have 128 bits, so that each is below the order, and each weighs 2^128 of the next.
	weight, err := bigmod.NewNat().SetBytes([]byte{0: 1, 16: 0}, n)
	if err != nil {
		return refuse(CodeSecret)
	}
	var limb [16]byte
	sum := bigmod.NewNat().ExpandFor(n)
	for _, digit := range [][]byte{b[:8], b[8:24], b[24:]} {
		copy(limb[16-len(digit):], digit)
		d, err := bigmod.NewNat().SetBytes(limb[:], n)
		if err != nil {
			return refuse(CodeSecret)
		}
		sum.Mul(weight, n).Add(d, n)
		clear(d.Bits())
	}
	out := sum.Bytes(n)
	copy(s[:], out)
	clear(out)
	clear(limb[:])
	clear(sum.Bits())
	return nil
}

// draws is how often draw tries: a source that gives no scalar by then is broken. Each draw is right with 1 - 2^-32.
const draws = 64

// draw makes s a number from 1 to n-1, of 32 bytes of random or of further ones where those are none (FIPS 186-5,
// A.2.2). RFC 9383 draws from 0 on: nobody meets the difference.
func (s *scalar) draw(random io.Reader) error {
	for range draws {
		if _, err := io.ReadFull(random, s[:]); err != nil {
			s.wipe()
			return &Error{Code: CodeRandom, Err: err}
		}
		if s.valid() {
			return nil
		}
	}
	s.wipe()
	return &Error{Code: CodeRandom, Err: io.ErrNoProgress}
}

// point reads a share: a point of the curve, not the identity, in the uncompressed form.
func point(share []byte) (*nistec.P256Point, error) {
	if len(share) != ShareSize || share[0] != uncompressed {
		return nil, refuse(CodeShare)
	}
	p, err := nistec.NewP256Point().SetBytes(share)
	if err != nil {
		return nil, refuse(CodeShare)
	}
	return p, nil
}

// times returns s·p in memory of its own, which the caller wipes.
func times(p *nistec.P256Point, s *scalar) (*nistec.P256Point, error) {
	r, err := nistec.NewP256Point().ScalarMult(p, s[:])
	if err != nil {
		return nil, refuse(CodeSecret)
	}
	return r, nil
}

// share makes out the share of a side: k·P + w0·blind.
func share(out *[ShareSize]byte, k, w0 *scalar, blind *nistec.P256Point) error {
	own, err := nistec.NewP256Point().ScalarBaseMult(k[:])
	if err != nil {
		return refuse(CodeSecret)
	}
	defer erase(own)
	mask, err := times(blind, w0)
	if err != nil {
		return err
	}
	defer erase(mask)
	b := nistec.NewP256Point().Add(own, mask).Bytes()
	if copy(out[:], b) != ShareSize { // the identity has one byte
		return refuse(CodeRandom)
	}
	return nil
}

// unblind returns share - w0·blind, the other side's k·P, which the caller wipes. It is the identity for whoever knows
// w0 and nothing else, and wants Z and V to be known: CodeShare.
func unblind(share []byte, w0 *scalar, blind *nistec.P256Point) (*nistec.P256Point, error) {
	p, err := point(share)
	if err != nil {
		return nil, err
	}
	var minus scalar
	defer minus.wipe()
	if err := minus.negate(w0); err != nil {
		return nil, err
	}
	mask, err := times(blind, &minus)
	if err != nil {
		return nil, err
	}
	defer erase(mask)
	p.Add(p, mask)
	if len(p.Bytes()) != ShareSize {
		return nil, refuse(CodeShare)
	}
	return p, nil
}

func erase(p *nistec.P256Point) { *p = nistec.P256Point{} }
