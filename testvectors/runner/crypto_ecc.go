package runner

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/cardwright/emv/crypto/ecc"
)

// curve returns the curve that the named numbers are of: the longest has its length, or the one byte more that a sign
// takes where numbers are written as ASN.1 does.
func (in *inputs) curve(names ...string) (ecc.Curve, error) {
	n := 0
	for _, name := range names {
		n = max(n, len(in.bytes(name)))
	}
	switch {
	case in.err != nil:
		return 0, in.err
	case n <= ecc.P256.Size()+1:
		return ecc.P256, nil
	case n >= ecc.P521.Size()-2: // where the zeros in front were left out
		return ecc.P521, nil
	}
	return 0, lacks("this build has no curve with numbers of %d bytes", n)
}

// coordinate returns a number as long as those of a curve, whatever zeros it was written with; nil if it is longer.
func (in *inputs) coordinate(c ecc.Curve, name string) []byte {
	b := bytes.TrimLeft(in.need(name), "\x00")
	if len(b) > c.Size() {
		return nil
	}
	return append(make([]byte, c.Size()-len(b)), b...)
}

// scalar returns a private key input.
func (in *inputs) scalar(c ecc.Curve, name string) (ecc.PrivateKey, error) {
	return ecc.NewPrivateKey(c, in.coordinate(c, name))
}

// channelKey returns a session key input.
func (in *inputs) channelKey(name string) (ecc.Key, error) {
	b := in.need(name)
	if in.err != nil {
		return ecc.Key{}, in.err
	}
	return ecc.NewKey(b)
}

// eccRefused answers for what package ecc refuses; other errors stay errors.
func eccRefused(err error) (map[string]any, error) {
	var e *ecc.Error
	if errors.As(err, &e) {
		return map[string]any{"reject": "true", "valid": "false"}, nil
	}
	return nil, err
}

// curvePoint returns a public key input: name alone, encoded as SEC 1 writes it, or name_x and name_y, or name_x alone.
func (in *inputs) curvePoint(c ecc.Curve, name string) (ecc.Point, error) {
	x, y := name+"_x", name+"_y"
	switch {
	case in.has(name):
		return ecc.ParsePoint(c, in.need(name))
	case in.has(y):
		return ecc.NewPoint(c, in.coordinate(c, x), in.coordinate(c, y))
	}
	return ecc.FindPoint(c, in.coordinate(c, x))
}

// opECDH is ecc_ecdh: private_key and public_x with public_y → shared_x and reject, which is true where the point or the
// key is refused.
func opECDH(in *inputs) (map[string]any, error) {
	c, err := in.curve("public_x", "public_y", "private_key")
	if err != nil {
		return nil, err
	}
	p, err := in.curvePoint(c, "public")
	if in.err != nil {
		return nil, in.err
	}
	if err != nil {
		return eccRefused(err)
	}
	k, err := in.scalar(c, "private_key")
	if err != nil {
		return eccRefused(err)
	}
	z, err := k.ECDH(nil, &p)
	if err != nil {
		return eccRefused(err)
	}
	return map[string]any{"shared_x": upper(z), "reject": "false"}, in.err
}

// opECSDSA is ecc_ecsdsa (Book E, 8.8.7). With private_key and k it signs the message; a signature that is given, or just
// made, is verified by the public key.
func opECSDSA(in *inputs) (map[string]any, error) {
	c, err := in.curve("public_key_x", "private_key", "k")
	if err != nil {
		return nil, err
	}
	message, out := in.need("message"), map[string]any{}
	signature := in.bytes("signature_r_s")
	if in.has("private_key") {
		d, err := in.scalar(c, "private_key")
		if err != nil {
			return eccRefused(err)
		}
		q, err := d.Public()
		if err != nil {
			return eccRefused(err)
		}
		out["public_key_x"], out["public_key_y"] = upper(q.X()), upper(q.Y())
		if in.has("k") {
			k, err := in.scalar(c, "k")
			if err != nil {
				return eccRefused(err)
			}
			if signature, err = d.SignOnce(nil, &k, message); err != nil {
				return eccRefused(err)
			}
			out["signature_r_s"] = upper(signature)
			out["signature_r"], out["signature_s"] = upper(signature[:c.HashSize()]), upper(signature[c.HashSize():])
		}
		if !in.has("public_key_x") && !in.has("public_key") {
			return in.verifiedECSDSA(out, &q, signature, message)
		}
	}
	p, err := in.curvePoint(c, "public_key")
	if in.err != nil {
		return nil, in.err
	}
	if err != nil {
		return eccRefused(err)
	}
	return in.verifiedECSDSA(out, &p, signature, message)
}

func (in *inputs) verifiedECSDSA(out map[string]any, p *ecc.Point, signature, message []byte) (map[string]any, error) {
	err := ecc.Verify(p, signature, message)
	out["valid"], out["reject"] = yesNo(err == nil), yesNo(err != nil)
	return out, in.err
}

// opBDH is emv_bdh: card_private_key, terminal_private_key and blinding_factor → the public keys, the blinded public key,
// the shared secret as both sides have it, KD, and the session keys.
func opBDH(in *inputs) (map[string]any, error) {
	var numbers [3]ecc.PrivateKey
	names := [3]string{"card_private_key", "terminal_private_key", "blinding_factor"}
	c, err := in.curve(names[:]...)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		if numbers[i], err = in.scalar(c, name); in.err != nil {
			return nil, in.err
		} else if err != nil {
			return eccRefused(err)
		}
	}
	card, terminal, factor := &numbers[0], &numbers[1], &numbers[2]
	qc, err := card.Public()
	if err != nil {
		return nil, err
	}
	qt, err := terminal.Public()
	if err != nil {
		return nil, err
	}
	blinded, err := ecc.Blind(nil, factor, &qc)
	if err != nil {
		return nil, err
	}
	if err := ecc.VerifyBlinding(&qc, factor, blinded); err != nil {
		return nil, err
	}
	var z, other, kd ecc.Key
	if err := ecc.CardSecret(&z, card, factor, &qt); err != nil {
		return nil, err
	}
	if err := ecc.TerminalSecret(&other, terminal, blinded); err != nil {
		return nil, err
	}
	if err := ecc.DeriveKD(&kd, &other); err != nil {
		return nil, err
	}
	var keys ecc.SessionKeys
	if err := ecc.DeriveSessionKeys(&keys, &other); err != nil {
		return nil, err
	}
	return map[string]any{
		"card_public_key": upper(qc.Append(nil)), "terminal_public_key": upper(qt.Append(nil)),
		"blinded_public_key_x": upper(blinded), "shared_secret_x": upper(z.Bytes()),
		"sides_agree": strconv.FormatBool(bytes.Equal(z.Bytes(), other.Bytes())),
		"kd":          upper(kd.Bytes()), "sk_c": upper(keys.C.Bytes()), "sk_i": upper(keys.I.Bytes()),
	}, nil
}

// channelIntegrity returns what computes MACs under the input sk_i.
func (in *inputs) channelIntegrity() (*ecc.Integrity, error) {
	sk, err := in.channelKey("sk_i")
	if err != nil {
		return nil, err
	}
	return ecc.NewIntegrity(&sk)
}

// messageCounter returns the input message_counter, two bytes.
func (in *inputs) messageCounter() uint16 {
	b := in.sized("message_counter", 2)
	return uint16(b[0])<<8 | uint16(b[1])
}

// opKernel8MAC is kernel8_mac: sk_i, message_counter, data → mac.
func opKernel8MAC(in *inputs) (map[string]any, error) {
	counter, data := in.messageCounter(), in.need("data")
	i, err := in.channelIntegrity()
	if err != nil {
		return nil, err
	}
	m, err := i.MAC(counter, data)
	return map[string]any{"mac": upper(m[:])}, err
}

// opKernel8IADMAC is kernel8_iad_mac: sk_i, input_data → iad_mac.
func opKernel8IADMAC(in *inputs) (map[string]any, error) {
	data := in.need("input_data")
	i, err := in.channelIntegrity()
	if err != nil {
		return nil, err
	}
	m, err := i.IADMAC(data)
	return map[string]any{"iad_mac": upper(m[:])}, err
}

// opKernel8EDAMAC is kernel8_eda_mac: sk_i, application_cryptogram, iad_mac → eda_mac.
func opKernel8EDAMAC(in *inputs) (map[string]any, error) {
	cryptogram, iad := [8]byte(in.sized("application_cryptogram", 8)), ecc.MAC(in.sized("iad_mac", ecc.MACSize))
	i, err := in.channelIntegrity()
	if err != nil {
		return nil, err
	}
	m, err := i.EDAMAC(cryptogram, iad)
	return map[string]any{"eda_mac": upper(m[:])}, err
}

// opKernel8Message is kernel8_message: sk_c, message_counter, data → message. Enciphering and deciphering are the same.
func opKernel8Message(in *inputs) (map[string]any, error) {
	counter, data := in.messageCounter(), in.need("data")
	sk, err := in.channelKey("sk_c")
	if err != nil {
		return nil, err
	}
	c, err := ecc.NewConfidentiality(&sk)
	if err != nil {
		return nil, err
	}
	v, err := c.Crypt(nil, counter, data)
	return map[string]any{"message": upper(v)}, err
}
