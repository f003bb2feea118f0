package ecc

import (
	"crypto/elliptic"
	"math/big"
)

// Point is a public key: a point of a curve, never the one at infinity. Only the functions here make one, and only of
// coordinates that satisfy the curve's equation. The zero Point is none: everything refuses it. Points compare with ==.
type Point struct {
	curve Curve
	x, y  [maxField]byte
}

// The forms of an encoded point (SEC 1, 2.3.3).
const (
	formInfinity     = 0x00
	formEven         = 0x02
	formOdd          = 0x03
	formUncompressed = 0x04
)

// NewPoint makes a point of its coordinates, each c.Size() bytes.
//
// The errors are CodeCurve, CodePointLength and CodePoint.
func NewPoint(c Curve, x, y []byte) (Point, error) {
	n := c.Size()
	if !c.Valid() {
		return Point{}, refuse(CodeCurve, int(c))
	}
	if len(x) != n || len(y) != n {
		return Point{}, refuse(CodePointLength, len(x)+len(y))
	}
	p := Point{curve: c}
	copy(p.x[:], x)
	copy(p.y[:], y)
	// Coordinates are below the field's prime and on the curve. NIST SP 800-56A, 5.6.2.3.4; both curves have a
	// cofactor of 1, so that every such point is of order n.
	var b [1 + 2*maxField]byte
	if _, err := c.ecdh().NewPublicKey(p.Append(b[:0])); err != nil {
		return Point{}, refuse(CodePoint, 0)
	}
	return p, nil
}

// ParsePoint reads a point in the encodings of SEC 1, 2.3.3: '04' x y, '02' x or '03' x.
//
// The errors are CodeCurve, CodePointLength, CodePointEncoding, CodePoint and CodeInfinity.
func ParsePoint(c Curve, b []byte) (Point, error) {
	n := c.Size()
	switch {
	case !c.Valid():
		return Point{}, refuse(CodeCurve, int(c))
	case len(b) == 0:
		return Point{}, refuse(CodePointLength, 0)
	case b[0] == formInfinity && len(b) == 1:
		return Point{}, refuse(CodeInfinity, 0)
	case b[0] == formUncompressed && len(b) == 1+2*n:
		return NewPoint(c, b[1:1+n], b[1+n:])
	case (b[0] == formEven || b[0] == formOdd) && len(b) == 1+n:
		return decompress(c, b)
	case b[0] == formUncompressed || b[0] == formEven || b[0] == formOdd:
		return Point{}, refuse(CodePointLength, len(b))
	}
	return Point{}, refuse(CodePointEncoding, int(b[0]))
}

// FindPoint makes the point that a certificate means by an x-coordinate of c.Size() bytes: of the two with that x the
// one whose y is the lesser number. The keys of both worked examples of Book E, 8.8.7 have that y.
//
// The errors are CodeCurve, CodePointLength and CodePoint.
func FindPoint(c Curve, x []byte) (Point, error) {
	if !c.Valid() {
		return Point{}, refuse(CodeCurve, int(c))
	}
	if len(x) != c.Size() {
		return Point{}, refuse(CodePointLength, len(x))
	}
	var b [1 + maxField]byte
	b[0] = formEven
	p, err := decompress(c, b[:1+copy(b[1:], x)])
	if err != nil || p.Canonical() {
		return p, err
	}
	return p.negative(), nil
}

// decompress finds y of '02' x or '03' x. The curve is valid and the length right.
func decompress(c Curve, b []byte) (Point, error) {
	x, y := elliptic.UnmarshalCompressed(c.elliptic(), b)
	if x == nil {
		return Point{}, refuse(CodePoint, 0)
	}
	return ofNumbers(c, x, y), nil
}

// ofNumbers makes a point of numbers that are known to be one.
func ofNumbers(c Curve, x, y *big.Int) Point {
	p := Point{curve: c}
	x.FillBytes(p.x[:c.Size()])
	y.FillBytes(p.y[:c.Size()])
	return p
}

// Canonical reports whether y is the lesser of the two numbers that x allows: whether FindPoint finds the point again.
func (p *Point) Canonical() bool {
	n := p.negative()
	for i := range p.y {
		if p.y[i] != n.y[i] {
			return p.y[i] < n.y[i]
		}
	}
	return false // the zero Point
}

// negative returns the other point with that x.
func (p *Point) negative() Point {
	if !p.curve.Valid() {
		return Point{}
	}
	n := *p
	y := new(big.Int).SetBytes(p.Y())
	y.Sub(p.curve.elliptic().Params().P, y).FillBytes(n.y[:n.curve.Size()])
	return n
}

// Curve returns the curve, 0 for the zero Point.
func (p *Point) Curve() Curve { return p.curve }

// X returns the x-coordinate, Size bytes of the curve, not a copy.
func (p *Point) X() []byte { return p.x[:p.curve.Size()] }

// Y returns the y-coordinate, Size bytes of the curve, not a copy.
func (p *Point) Y() []byte { return p.y[:p.curve.Size()] }

// Append appends the point as '04' x y (SEC 1, 2.3.3), nothing for the zero Point.
func (p *Point) Append(dst []byte) []byte {
	if !p.curve.Valid() {
		return dst
	}
	dst = append(dst, formUncompressed)
	dst = append(dst, p.X()...)
	return append(dst, p.Y()...)
}
