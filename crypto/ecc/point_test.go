package ecc

import (
	"bytes"
	"crypto/elliptic"
	"math/big"
	"slices"
	"testing"
)

func TestCurves(t *testing.T) {
	for _, c := range []struct {
		curve                 Curve
		size, hash, signature int
		name                  string
	}{{P256, 32, 32, 64, "P-256"}, {P521, 66, 64, 130, "P-521"}, {0, 0, 0, 0, "none"}, {9, 0, 0, 0, "none"}} {
		if c.curve.Size() != c.size || c.curve.HashSize() != c.hash || c.curve.SignatureSize() != c.signature ||
			c.curve.String() != c.name || c.curve.Valid() != (c.size > 0) {
			t.Errorf("%s", c.curve)
		}
		if c.size > 0 {
			if got, err := CurveOf(c.size); got != c.curve || err != nil {
				t.Errorf("%d bytes: %v, %v", c.size, got, err)
			}
		}
	}
	_, err := CurveOf(48)
	wantCode(t, "P-384", err, CodeCurve)
	for s := range 256 {
		c, err := Suite(s).Curve()
		if known := s == 0x00 || s == 0x10 || s == 0x11; known != (err == nil) || c.Valid() != known {
			t.Errorf("suite %02X: %v, %v", s, c, err)
		} else if !known {
			wantCode(t, "suite", err, CodeSuite)
		}
		if Suite(s).Signs() != (s == 0x10 || s == 0x11) {
			t.Errorf("suite %02X signs: %v", s, Suite(s).Signs())
		}
	}
}

func TestPoints(t *testing.T) {
	for _, c := range curves {
		r := seeded("points " + c.String())
		for range 20 {
			k, err := Generate(c, r)
			if err != nil {
				t.Fatal(err)
			}
			p, err := k.Public()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := NewPoint(c, p.X(), p.Y()); err != nil || got != p {
				t.Fatalf("NewPoint: %v", err)
			}
			encoded := p.Append(nil)
			if got, err := ParsePoint(c, encoded); err != nil || got != p {
				t.Fatalf("ParsePoint: %v", err)
			}
			short := append([]byte{2 + p.Y()[c.Size()-1]&1}, p.X()...)
			if got, err := ParsePoint(c, short); err != nil || got != p {
				t.Fatalf("ParsePoint, compressed: %v", err)
			}
			n := p.negative()
			if p.Canonical() == n.Canonical() || n.negative() != p {
				t.Fatal("both or none of a pair is canonical")
			}
			// The rule said with numbers: y is at most half of the prime.
			half := new(big.Int).Rsh(c.elliptic().Params().P, 1)
			if (new(big.Int).SetBytes(p.Y()).Cmp(half) <= 0) != p.Canonical() {
				t.Fatal("Canonical is not the lesser y")
			}
			want := p
			if !p.Canonical() {
				want = n
			}
			if got, err := FindPoint(c, p.X()); err != nil || got != want || !got.Canonical() {
				t.Fatalf("FindPoint: %v", err)
			}
			if err := k.MakeCanonical(); err != nil {
				t.Fatal(err)
			}
			if got, err := k.Public(); err != nil || got != want {
				t.Fatalf("MakeCanonical: %v", err)
			}
		}
	}
}

// TestInvalidPoints has the kinds of points that Project Wycheproof has: off the curve, on a twist, coordinates that are
// not below the prime, infinity in its spellings, points of the other curve.
func TestInvalidPoints(t *testing.T) {
	for _, c := range curves {
		e, n := c.elliptic().Params(), c.Size()
		number := func(i *big.Int) []byte { return i.FillBytes(make([]byte, n)) }
		zero, one := make([]byte, n), number(big.NewInt(1))
		prime := number(e.P)
		minus := func(i int64) []byte { return number(new(big.Int).Sub(e.P, big.NewInt(i))) }
		gx, gy := number(e.Gx), number(e.Gy)
		off := slices.Clone(gy)
		off[n-1] ^= 1
		for _, pair := range [][2][]byte{
			{zero, zero},
			{zero, one},
			{zero, minus(1)},
			{one, minus(2)},
			{one, minus(1)},
			{gx, off},
			{gy, gx},
			{gx, zero},
			{prime, one},
			{gx, prime},
			{bytes.Repeat([]byte{0xFF}, n), bytes.Repeat([]byte{0xFF}, n)},
		} {
			_, err := NewPoint(c, pair[0], pair[1])
			wantCode(t, c.String(), err, CodePoint)
			_, err = ParsePoint(c, slices.Concat([]byte{4}, pair[0], pair[1]))
			wantCode(t, c.String(), err, CodePoint)
		}
		_, err := ParsePoint(c, []byte{0})
		wantCode(t, "infinity", err, CodeInfinity)
		_, err = ParsePoint(c, nil)
		wantCode(t, "nothing", err, CodePointLength)
		for _, first := range []byte{0, 1, 5, 6, 7, 0xFF} {
			_, err = ParsePoint(c, slices.Concat([]byte{first}, gx, gy))
			wantCode(t, "form", err, CodePointEncoding)
		}
		for _, b := range [][]byte{
			slices.Concat([]byte{4}, gx), slices.Concat([]byte{4}, gx, gy, []byte{0}), slices.Concat([]byte{2}, gx, gy),
			slices.Concat([]byte{3}, gx[1:]),
		} {
			_, err = ParsePoint(c, b)
			wantCode(t, "length", err, CodePointLength)
		}
		_, err = NewPoint(c, gx[1:], gy)
		wantCode(t, "length of x", err, CodePointLength)
		_, err = FindPoint(c, gx[1:])
		wantCode(t, "length of x", err, CodePointLength)
		_, err = FindPoint(c, prime)
		wantCode(t, "x = p", err, CodePoint)
		for x := byte(0); ; x++ { // the first x on no point of the curve
			b := slices.Concat(make([]byte, n-1), []byte{x})
			if px, _ := elliptic.UnmarshalCompressed(c.elliptic(), slices.Concat([]byte{2}, b)); px == nil {
				_, err = FindPoint(c, b)
				wantCode(t, "twist", err, CodePoint)
				break
			}
		}
		for _, bad := range []Curve{0, 3} {
			_, err = NewPoint(bad, gx, gy)
			wantCode(t, "no curve", err, CodeCurve)
			_, err = ParsePoint(bad, slices.Concat([]byte{4}, gx, gy))
			wantCode(t, "no curve", err, CodeCurve)
			_, err = FindPoint(bad, gx)
			wantCode(t, "no curve", err, CodeCurve)
		}
	}
	var none Point
	if none.Append(nil) != nil || none.Canonical() || len(none.X()) != 0 || none.Curve() != 0 {
		t.Error("the zero Point is something")
	}
}
