package runner

import (
	"strconv"

	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/crypto/pin"
)

// opPINValue is pvv_offset: pvk, pan, pin and pvki → pvv; or pvk, pan, conversion_table, pan_verify_offset,
// pan_verify_length and pan_pad (IBM 3624) with offset → pin, with pin → offset, and natural_pin in all cases.
func opPINValue(in *inputs) (map[string]any, error) {
	k, err := issuer.NewKey(double(in.need("pvk")))
	if err != nil {
		return nil, err
	}
	if in.has("conversion_table") {
		return in.ibm3624(&k)
	}
	var p pin.PIN
	if err := pin.Parse(&p, []byte(in.text("pin"))); err != nil {
		return nil, err
	}
	v, err := issuer.PVV(&k, in.text("pan"), in.number("pvki"), &p)
	return map[string]any{"pvv": v}, err
}

func (in *inputs) ibm3624(k *issuer.Key) (map[string]any, error) {
	pan := in.text("pan")
	m := issuer.IBM3624{Table: in.text("conversion_table"), Length: 16}
	if in.has("pan_verify_offset") {
		m.Offset = in.number("pan_verify_offset")
	}
	if in.has("pan_verify_length") {
		m.Length = in.number("pan_verify_length")
	}
	pad, err := strconv.ParseUint(in.text("pan_pad"), 16, 4)
	if err != nil {
		in.fail("input.number", "pan_pad: %q is not a hexadecimal digit", in.m["pan_pad"])
	}
	m.Pad = byte(pad)
	out := map[string]any{}
	n := 4 // digits of the natural PIN where neither PIN nor offset says
	var p pin.PIN
	switch {
	case in.err != nil:
		return nil, in.err
	case in.has("offset"):
		n = len(in.m["offset"])
		if err := m.PIN(&p, k, pan, in.m["offset"]); err != nil {
			return nil, err
		}
		out["pin"] = string(p.AppendDigits(nil))
	case in.has("pin"):
		n = len(in.m["pin"])
		if err := pin.Parse(&p, []byte(in.m["pin"])); err != nil {
			return nil, err
		}
		if out["offset"], err = m.OffsetOf(k, pan, &p); err != nil {
			return nil, err
		}
	}
	if err := m.NaturalPIN(&p, k, pan, n); err != nil {
		return nil, err
	}
	out["natural_pin"] = string(p.AppendDigits(nil))
	if !in.has("offset") && !in.has("pin") {
		out["pin"] = out["natural_pin"]
	}
	return out, nil
}
