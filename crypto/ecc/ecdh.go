package ecc

import "crypto/ecdh"

// ECDH appends the x-coordinate of d·p to dst: Size bytes of the curve, the shared secret of Diffie-Hellman.
// NIST SP 800-56A, 5.7.1.2 (cofactor 1); ISO/IEC 11770-3.
//
// The errors are CodeScalar for the zero PrivateKey, and CodeCurve for the zero Point or one of another curve.
func (k *PrivateKey) ECDH(dst []byte, p *Point) ([]byte, error) {
	d, err := k.ecdh()
	if err != nil {
		return dst, err
	}
	q, err := p.ecdh(k.curve)
	if err != nil {
		return dst, err
	}
	z, err := d.ECDH(q)
	if err != nil {
		return dst, refuse(CodeInfinity, 0) // not with a point of order n and a number below it
	}
	dst = append(dst, z...)
	clear(z)
	return dst, nil
}

// ecdh returns the point as that package knows it, if it is one of the curve c.
func (p *Point) ecdh(c Curve) (*ecdh.PublicKey, error) {
	if p.curve != c {
		return nil, refuse(CodeCurve, int(p.curve))
	}
	var b [1 + 2*maxField]byte
	q, err := c.ecdh().NewPublicKey(p.Append(b[:0]))
	if err != nil {
		return nil, refuse(CodePoint, 0)
	}
	return q, nil
}
