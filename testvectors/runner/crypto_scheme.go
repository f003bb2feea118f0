package runner

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/tlv"
)

// schemeNames are the words that ids of cases begin with. Behind most of them stands _cvn and a number.
var schemeNames = []struct {
	word   string
	scheme issuer.Scheme
	cvn    byte // of a word that names the version itself; 0 elsewhere
}{
	{"visa", issuer.SchemeVisa, 0},
	{"mastercard", issuer.SchemeMChip, 0},
	{"mchip", issuer.SchemeMChip, 0},
	{"interac", issuer.SchemeInterac, 0},
	{"amex", issuer.SchemeAmex, 0},
	{"discover", issuer.SchemeDiscover, 0},
	{"dpas", issuer.SchemeDiscover, 0},
	{"jcb", issuer.SchemeJCB, 0},
	{"unionpay", issuer.SchemeUnionPay, 0},
	{"cpa", issuer.SchemeCommonCore, 0xA5}, // the cryptograms of CPA are those of CCD
	{"ccd_aes", issuer.SchemeCommonCore, 0xA6},
	{"ccd", issuer.SchemeCommonCore, 0xA5},
}

// schemeProfile is a profile and whose it is.
type schemeProfile struct {
	issuer.Profile
	scheme issuer.Scheme
}

// findScheme returns the profile of the cryptogram version that an id begins with, behind ac_data_ where it has that:
// SCHEME_cvnN. Schemes write some numbers in decimal (visa_cvn18, mastercard_cvn21) and some in hexadecimal (visa_cvn22):
// N is decimal where the scheme has such a version, hexadecimal otherwise. Where the id names the scheme alone, the
// version is the one in iad, the Issuer Application Data, if there are any.
func findScheme(id string, iad []byte) (schemeProfile, bool) {
	id = strings.TrimPrefix(id, "ac_data_")
	for _, s := range schemeNames {
		rest, ok := strings.CutPrefix(id, s.word)
		if !ok {
			continue
		}
		if s.cvn != 0 {
			p, err := issuer.ProfileOf(s.scheme, s.cvn)
			return schemeProfile{p, s.scheme}, err == nil
		}
		number, ok := strings.CutPrefix(rest, "_cvn")
		if !ok {
			if parsed, err := issuer.ParseIAD(s.scheme, iad); err == nil {
				p, err := issuer.ProfileOf(s.scheme, parsed.CVN)
				return schemeProfile{p, s.scheme}, err == nil
			}
			continue
		}
		number, _, _ = strings.Cut(number, "_")
		for _, base := range []int{10, 16} {
			if n, err := strconv.ParseUint(number, base, 8); err == nil {
				if p, err := issuer.ProfileOf(s.scheme, byte(n)); err == nil {
					return schemeProfile{p, s.scheme}, true
				}
			}
		}
	}
	return schemeProfile{}, false
}

// The ATC and the unpredictable number of the cryptogram that a case answers whose own inputs have none: suites that list
// a cryptogram and its answer as two cases give them with the first alone.
var (
	siblingATC = []byte{0x00, 0x1C}
	siblingUN  = []byte{0xAB, 0xCD, 0xEF, 0x12}
)

// opScheme is scheme_cvn: the cryptogram version is what the id begins with. With arqc it gives the answer to it (arpc,
// by arpc_method); with pan or an ICC master key the cryptogram of the tag_… inputs (arqc); without them the input of the
// cryptogram (data, padded).
func opScheme(in *inputs) (map[string]any, error) {
	p, ok := findScheme(in.id, in.bytes("tag_9f10"))
	if !ok {
		return nil, lacks("this build has no cryptogram version for the id %q", in.id)
	}
	if in.has("padding") {
		var err error
		if p.Padding, err = in.acPadding(); err != nil {
			return nil, err
		}
	}
	data := in.schemeData(&p)
	master := in.firstOf("icc_master_key", "icc_master_key_ac", "issuer_master_key_ac", "issuer_master_key", "pan")
	switch {
	case in.has("arqc"):
		return in.schemeAnswer(&p, data, master)
	case in.has(master):
		mk, err := in.masterBy(master, schemeOption(&p.Profile))
		if err != nil {
			return nil, err
		}
		ac, err := p.Generate(&mk, data)
		return map[string]any{"arqc": upper(ac[:]), "application_cryptogram": upper(ac[:])}, err
	}
	input, err := p.AppendInput(nil, data)
	if err != nil || p.Cipher == issuer.AES {
		return map[string]any{"data": upper(input)}, err
	}
	padded, err := p.Padding.Pad(nil, input, 8)
	return map[string]any{"data": upper(input), "padded": upper(padded)}, err
}

func schemeOption(p *issuer.Profile) issuer.Option {
	if p.Cipher == issuer.AES {
		return issuer.OptionC
	}
	return issuer.OptionA
}

// schemeData gives the inputs tag_XXXX. iad_part is what of the Issuer Application Data enters; a value that has the
// scheme's whole layout is taken as such.
func (in *inputs) schemeData(p *schemeProfile) issuer.Data {
	if part := in.bytes("iad_part"); in.has("iad_part") {
		p.enterPart(part)
	}
	return func(t tlv.Tag) []byte {
		name := "tag_" + strings.ToLower(t.String())
		switch {
		case t == 0x9F10 && in.has("iad_part"):
			return in.bytes("iad_part")
		case t == 0x9F36 && !in.has(name):
			if in.has("atc") {
				return in.bytes("atc")
			}
			return siblingATC
		case t == 0x9F37 && !in.has(name) && in.has("arqc"):
			if in.has("un") {
				return in.bytes("un")
			}
			return siblingUN
		}
		return in.bytes(name)
	}
}

// enterPart lets part enter as it is, in place of what the profile takes of tag '9F10', unless it is the whole of it.
// Interac's layout is not public, so that no value has it.
func (p *schemeProfile) enterPart(part []byte) {
	if _, err := issuer.ParseIAD(p.scheme, part); err == nil && p.scheme != issuer.SchemeInterac {
		return
	}
	items := slices.DeleteFunc(p.Input, func(item issuer.Item) bool { return item.Tag == 0x9F10 })
	p.Input = append(items, issuer.Item{Tag: 0x9F10})
}

// schemeAnswer answers arqc: by arpc_method, under arpc_key (icc_mk, icc_master_key or session_key), each of which is the
// version's own where a case does not say.
func (in *inputs) schemeAnswer(p *schemeProfile, data issuer.Data, master string) (map[string]any, error) {
	mk, err := in.masterBy(master, schemeOption(&p.Profile))
	if err != nil {
		return nil, err
	}
	if in.has("arpc_method") {
		p.ARPC = issuer.ARPCMethod(in.number("arpc_method"))
	}
	switch name := in.m["arpc_key"]; name {
	case "":
	case "icc_mk", "icc_master_key":
		p.ARPCKey = issuer.MasterKeyItself
	case "session_key", "sk_ac", "session_key_ac":
		p.ARPCKey = p.ACKey
		if p.ACKey == issuer.MasterKeyItself {
			p.ARPCKey = issuer.CommonSessionKey
		}
	default:
		return nil, lacks("this build has no ARPC key %q", name)
	}
	var r issuer.Response
	copy(r.ARC[:], in.bytes("arpc_rc"))
	copy(r.CSU[:], in.bytes("csu"))
	r.Proprietary = in.bytes("proprietary_auth_data")
	arqc := issuer.Cryptogram(in.sized("arqc", 8))
	if in.err != nil {
		return nil, in.err
	}
	value, err := p.AppendAuthData(nil, &mk, data, arqc, r)
	if err != nil {
		return nil, err
	}
	n := 8
	if p.ARPC == issuer.Method2 {
		n = 4
	}
	return map[string]any{"arpc": upper(value[:n]), "issuer_authentication_data": upper(value)}, nil
}
