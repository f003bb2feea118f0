package runner

import (
	"bytes"
	"errors"
	"io"

	"github.com/cardwright/emv/crypto/pin"
)

// invalidPIN is the decoded_pin of a block that must be refused.
const invalidPIN = "INVALID"

// compactPIN is one of formats 0 to 3 of ISO 9564-1.
type compactPIN struct {
	encode func(b *pin.Block, p *pin.PIN, pan []byte, random io.Reader) error
	decode func(b *pin.Block, p *pin.PIN, pan []byte) error
	pan    bool // the format takes the PAN
}

// op is pin_block_0 to pin_block_3: pin, with pan in formats 0 and 3, → pin_block and its digits before the fill,
// pin_block_prefix; pin_block → decoded_pin, or INVALID. With key (TDES) also enciphered, either way. nonce is what is
// drawn for the fill; without it zeros are drawn.
func (c compactPIN) op(in *inputs) (map[string]any, error) {
	out := map[string]any{}
	key, pan := in.bytes("key"), in.pan(c.pan)
	var b pin.Block
	given := in.has("pin_block") || in.has("enciphered")
	switch {
	case in.has("pin_block"):
		b = pin.Block(in.sized("pin_block", 8))
	case in.has("enciphered"):
		if err := pin.DecipherTDES(&b, pin.TDESBlock(in.sized("enciphered", 8)), key); err != nil {
			return nil, err
		}
	default:
		var p pin.PIN
		if err := pin.Parse(&p, []byte(in.text("pin"))); err != nil || in.err != nil {
			return nil, err
		}
		if err := c.encode(&b, &p, pan, in.random()); err != nil {
			return nil, err
		}
		out["pin_block_prefix"] = upper(b[:])[:2+p.Len()]
	}
	out["pin_block"] = upper(b[:])
	if given {
		var p pin.PIN
		if err := decodedPIN(out, &p, c.decode(&b, &p, pan)); err != nil {
			return nil, err
		}
	}
	if len(key) > 0 && !in.has("enciphered") {
		e, err := pin.EncipherTDES(&b, key)
		if err != nil {
			return nil, err
		}
		out["enciphered"] = upper(e[:])
	}
	return out, nil
}

// opPINBlock0 is pin_block_0.
func opPINBlock0(in *inputs) (map[string]any, error) {
	return compactPIN{
		encode: func(b *pin.Block, p *pin.PIN, pan []byte, _ io.Reader) error { return b.Encode0(p, pan) },
		decode: (*pin.Block).Decode0,
		pan:    true,
	}.op(in)
}

// opPINBlock1 is pin_block_1.
func opPINBlock1(in *inputs) (map[string]any, error) {
	return compactPIN{
		encode: func(b *pin.Block, p *pin.PIN, _ []byte, random io.Reader) error { return b.Encode1(p, random) },
		decode: func(b *pin.Block, p *pin.PIN, _ []byte) error { return b.Decode1(p) },
	}.op(in)
}

// opPINBlock2 is pin_block_2.
func opPINBlock2(in *inputs) (map[string]any, error) {
	return compactPIN{
		encode: func(b *pin.Block, p *pin.PIN, _ []byte, _ io.Reader) error { return b.Encode2(p) },
		decode: func(b *pin.Block, p *pin.PIN, _ []byte) error { return b.Decode2(p) },
	}.op(in)
}

// opPINBlock3 is pin_block_3.
func opPINBlock3(in *inputs) (map[string]any, error) {
	return compactPIN{encode: (*pin.Block).Encode3, decode: (*pin.Block).Decode3, pan: true}.op(in)
}

// opPINBlock4 is pin_block_4: pan → pan_field; pin → pin_field and pin_field_left8; pin and pan with key (AES) →
// enciphered; enciphered and pan with key, or pin_field alone, → decoded_pin, or INVALID. The random half of a field is
// that of the input pin_field, or nonce; without them zeros are drawn.
func opPINBlock4(in *inputs) (map[string]any, error) {
	out := map[string]any{}
	key, pan := in.bytes("key"), in.pan(in.has("key"))
	if in.has("pan") {
		f, err := pin.PANField(pan)
		if err != nil {
			return nil, err
		}
		out["pan_field"] = upper(f[:])
	}
	var f pin.Field
	switch {
	case in.has("enciphered"):
		e := pin.AESBlock(in.sized("enciphered", 16))
		if err := pin.DecipherAES(&f, e, pan, key); err != nil {
			return nil, err
		}
	case in.has("pin"):
		var err error
		if f, err = in.pinField(); err != nil {
			return nil, err
		}
		if len(key) > 0 {
			e, err := pin.EncipherAES(&f, pan, key)
			if err != nil {
				return nil, err
			}
			out["enciphered"] = upper(e[:])
		}
	case in.has("pin_field"):
		f = pin.Field(in.sized("pin_field", 16))
	default:
		return out, nil
	}
	out["pin_field"], out["pin_field_left8"] = upper(f[:]), upper(f[:8])
	var p pin.PIN
	return out, decodedPIN(out, &p, f.Decode4(&p))
}

// pinField returns the PIN field of format 4 of the input pin.
func (in *inputs) pinField() (f pin.Field, err error) {
	var p pin.PIN
	if err := pin.Parse(&p, []byte(in.text("pin"))); err != nil {
		return f, err
	}
	return f, f.Encode4(&p, in.random())
}

// pan returns the digits of the input pan.
func (in *inputs) pan(needed bool) []byte {
	if !needed && !in.has("pan") {
		return nil
	}
	return []byte(in.text("pan"))
}

// random returns what a case has to be drawn.
func (in *inputs) random() io.Reader {
	switch {
	case in.has("nonce"):
		return bytes.NewReader(in.bytes("nonce"))
	case in.has("pin_field"):
		return bytes.NewReader(in.sized("pin_field", 16)[8:])
	}
	return bytes.NewReader(make([]byte, 16))
}

// decodedPIN puts a PIN, or that it was refused, into out.
func decodedPIN(out map[string]any, p *pin.PIN, err error) error {
	var e *pin.Error
	switch {
	case err == nil:
		out["decoded_pin"] = string(p.AppendDigits(nil))
	case errors.As(err, &e):
		out["decoded_pin"] = invalidPIN
	default:
		return err
	}
	return nil
}
