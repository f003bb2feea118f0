package ecc

import "crypto/subtle"

// Blind appends the card's blinded public key, the x-coordinate of r·Q_C, to dst: what the card sends. Both sides
// compute it, the terminal once it knows r.
//
// The errors are those of PrivateKey.ECDH.
func Blind(dst []byte, factor *PrivateKey, card *Point) ([]byte, error) {
	return factor.ECDH(dst, card)
}

// CardSecret makes z the shared secret as the card computes it, of its private key, the blinding factor that it drew
// for this transaction, and the terminal's public key.
//
//	z = x((r·d_C mod n)·Q_T)
//
// The errors are CodeScalar and CodeCurve: a zero argument, or arguments of different curves.
func CardSecret(z *Key, card, factor *PrivateKey, terminal *Point) error {
	c := card.curve
	if !c.Valid() {
		return refuse(CodeScalar, 0)
	}
	if factor.curve != c {
		return refuse(CodeCurve, int(factor.curve))
	}
	n := c.order()
	d, err := card.nat(n)
	if err != nil {
		return err
	}
	r, err := factor.nat(n)
	if err != nil {
		return err
	}
	blinded := PrivateKey{curve: c}
	product := d.Mul(r, n).Bytes(n)
	copy(blinded.d[:], product)
	clear(product)
	clear(d.Bits())
	clear(r.Bits())
	defer blinded.Wipe()
	return blinded.secret(z, terminal)
}

// TerminalSecret makes z the shared secret as the terminal computes it, of its private key for this transaction and the
// x-coordinate that the card sent. Which of the two points with that x is taken does not matter: the results have one x.
//
//	z = x(d_T·P)
//
// The errors are CodeScalar for the zero PrivateKey, CodePointLength and CodePoint for what the card sent.
func TerminalSecret(z *Key, terminal *PrivateKey, blinded []byte) error {
	if !terminal.curve.Valid() {
		return refuse(CodeScalar, 0)
	}
	p, err := FindPoint(terminal.curve, blinded)
	if err != nil {
		return err
	}
	return terminal.secret(z, &p)
}

// secret makes z the x-coordinate of d·p.
func (k *PrivateKey) secret(z *Key, p *Point) error {
	z.Wipe()
	b, err := k.ECDH(z.bytes[:0], p)
	if err != nil {
		return err
	}
	z.size = len(b)
	return nil
}

// VerifyBlinding verifies, on the terminal, that a blinded public key is that of the certified key and the factor which
// the card disclosed. Without it the certificate says nothing of the channel.
//
// The errors are those of PrivateKey.ECDH, and CodeBlinding.
func VerifyBlinding(card *Point, factor *PrivateKey, blinded []byte) error {
	var b [maxField]byte
	own, err := Blind(b[:0], factor, card)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(own, blinded) != 1 {
		return refuse(CodeBlinding, 0)
	}
	return nil
}
