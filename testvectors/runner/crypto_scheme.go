package runner

import (
	"strings"

	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/tlv"
)

// scheme is a cryptogram version as cases name it, by what their id begins with.
type scheme struct {
	prefix  string
	visa    byte // CVN of the profile in crypto/issuer, 0 where it has none
	session sessionMethod
}

// schemes are the versions that this build computes. All of them enter the minimum data of Book 2, 8.1.1 and then bytes
// of the Issuer Application Data, or counters, which cases give as iad_part.
var schemes = []scheme{
	{"visa_cvn10", 0x0A, methodMaster},
	{"visa_cvn18", 0x12, methodCommon},
	{"visa_cvn22", 0x22, methodCommon},
	{"mastercard_cvn16", 0, methodMChip},
	{"mastercard_cvn17", 0, methodMChip},
	{"mastercard_cvn20", 0, methodCommon},
	{"mastercard_cvn21", 0, methodCommon},
	{"interac_cvn133", 0, methodMChip},
	{"cpa", 0, methodCommon},
}

func findScheme(id string) (scheme, bool) {
	id = strings.TrimPrefix(id, "ac_data_")
	for _, s := range schemes {
		if strings.HasPrefix(id, s.prefix) {
			return s, true
		}
	}
	return scheme{}, false
}

// cvnIAD18 is the cryptogram version whose input is the minimum and the whole of the Issuer Application Data.
const cvnIAD18 = 0x12

// siblingATC is the ATC of the cryptogram that a case answers whose own inputs have none.
var siblingATC = []byte{0x00, 0x1C}

// opScheme is scheme_cvn: the cryptogram version is what the id begins with. With arqc it gives the answer to it (arpc,
// by arpc_method); with pan the cryptogram of the tag_… inputs (arqc); without either the input of the cryptogram (data,
// padded).
func opScheme(in *inputs) (map[string]any, error) {
	s, ok := findScheme(in.id)
	if !ok {
		return nil, lacks("this build has no cryptogram version for the id %q", in.id)
	}
	cvn := s.visa
	if cvn == 0 {
		cvn = cvnIAD18
	}
	p, err := issuer.Visa(cvn)
	if err != nil {
		return nil, err
	}
	if in.has("padding") {
		if p.Padding, err = in.acPadding(); err != nil {
			return nil, err
		}
	}
	data := in.schemeData(&p)
	switch {
	case in.has("arqc"):
		return in.schemeAnswer(s, &p, data)
	case in.has("pan"):
		return in.schemeCryptogram(s, &p, data)
	}
	input, err := p.AppendInput(nil, data)
	if err != nil {
		return nil, err
	}
	padded, err := p.Padding.Pad(nil, input, 8)
	return map[string]any{"data": upper(input), "padded": upper(padded)}, err
}

// schemeData gives the inputs tag_XXXX. iad_part is what of the Issuer Application Data enters, or all of it.
func (in *inputs) schemeData(p *issuer.Profile) issuer.Data {
	return func(t tlv.Tag) []byte {
		name := "tag_" + strings.ToLower(t.String())
		switch {
		case t == 0x9F10 && in.has("iad_part"):
			part := in.bytes("iad_part")
			last := p.Input[len(p.Input)-1]
			if last.To > 0 && len(part) == last.To-last.From { // the part alone: put where it stands in the whole
				part = append(make([]byte, last.From), part...)
			}
			return part
		case t == 0x9F36 && !in.has(name):
			if in.has("atc") {
				return in.bytes("atc")
			}
			return siblingATC
		}
		return in.bytes(name)
	}
}

func (in *inputs) schemeCryptogram(s scheme, p *issuer.Profile, data issuer.Data) (map[string]any, error) {
	mk, err := in.master("issuer_master_key_ac")
	if err != nil {
		return nil, err
	}
	if s.visa != 0 {
		ac, err := p.Generate(&mk, data)
		return map[string]any{"arqc": upper(ac[:])}, err
	}
	k, err := in.session(&mk, s.session)
	if err != nil {
		return nil, err
	}
	input, err := p.AppendInput(nil, data)
	if err != nil {
		return nil, err
	}
	ac, err := issuer.ApplicationCryptogram(&k, p.Padding, input)
	return map[string]any{"arqc": upper(ac[:])}, err
}

func (in *inputs) schemeAnswer(s scheme, p *issuer.Profile, data issuer.Data) (map[string]any, error) {
	mk, err := in.master("issuer_master_key_ac")
	if err != nil {
		return nil, err
	}
	var r issuer.Response
	copy(r.ARC[:], in.bytes("arpc_rc"))
	copy(r.CSU[:], in.bytes("csu"))
	r.Proprietary = in.bytes("proprietary_auth_data")
	arqc := issuer.Cryptogram(in.sized("arqc", 8))
	method := issuer.ARPCMethod(in.number("arpc_method"))
	k := mk
	switch {
	case in.err != nil:
		return nil, in.err
	case s.visa != 0 && method == p.ARPC:
		value, err := p.AppendAuthData(nil, &mk, data, arqc, r)
		if err != nil {
			return nil, err
		}
		n := 8
		if method == issuer.Method2 {
			n = 4
		}
		return map[string]any{"arpc": upper(value[:n]), "issuer_authentication_data": upper(value)}, nil
	case in.m["arpc_key"] != "icc_mk" && in.m["arpc_key"] != "icc_master_key":
		var rr issuer.Diversification
		if s.session != methodCommon {
			return nil, lacks("this build has no ARPC key of %s", s.prefix)
		}
		copy(rr[:], data(0x9F36))
		if err := issuer.SessionKey(&k, &mk, rr); err != nil {
			return nil, err
		}
	}
	if method == issuer.Method2 {
		v, err := issuer.ARPC2(&k, arqc, r.CSU, r.Proprietary)
		return map[string]any{"arpc": upper(v[:])}, err
	}
	v, err := issuer.ARPC1(&k, arqc, r.ARC)
	return map[string]any{"arpc": upper(v[:])}, err
}
