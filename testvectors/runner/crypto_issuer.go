package runner

import (
	"strings"

	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/crypto/mac"
)

// key returns a key input.
func (in *inputs) key(name string) (issuer.Key, error) {
	b := in.need(name)
	if in.err != nil {
		return issuer.Key{}, in.err
	}
	return issuer.NewKey(b)
}

// master derives the ICC master key from the issuer master key of that name: pan, psn, and option or mk_option, of which
// A is meant where a case has none (Book 2, A1.4).
func (in *inputs) master(name string) (issuer.Key, error) {
	if name == "icc_master_key" {
		return in.key(name)
	}
	option := issuer.OptionA
	for _, o := range []string{"option", "mk_option"} {
		if in.has(o) {
			option = issuer.Option(in.text(o))
		}
	}
	psn := in.sized("psn", 1)
	pan := in.text("pan")
	imk, err := in.key(name)
	if err != nil {
		return issuer.Key{}, err
	}
	var k issuer.Key
	err = issuer.MasterKey(&k, &imk, option, pan, psn[0])
	return k, err
}

// sessionMethod is how a session key comes about.
type sessionMethod string

// The methods that cases name in session_key_method, or by the scheme that their id begins with.
const (
	methodCommon sessionMethod = "EMV_CSK" // Book 2, A1.3.1, of the ATC
	methodMChip  sessionMethod = "MCHIP"   // the same function, of ATC, two zeros and the unpredictable number
	methodMaster sessionMethod = "VSDC"    // the master key itself
)

// session derives the session key that the inputs describe: of diversification_r where there is one, else by the method.
func (in *inputs) session(master *issuer.Key, method sessionMethod) (issuer.Key, error) {
	var r issuer.Diversification
	if in.has("session_key_method") {
		method = sessionMethod(in.text("session_key_method"))
	}
	switch {
	case in.has("diversification_r"):
		r = issuer.Diversification(in.sized("diversification_r", 8))
	case method == methodMaster:
		return *master, nil
	case method == methodCommon:
		r = issuer.DiversificationATC([2]byte(in.sized(in.atcName(), 2)))
	case method == methodMChip:
		copy(r[:2], in.sized(in.atcName(), 2))
		copy(r[4:], in.sized(in.unName(), 4))
	default:
		return issuer.Key{}, lacks("this build has no session key method %q", method)
	}
	if in.err != nil {
		return issuer.Key{}, in.err
	}
	var k issuer.Key
	err := issuer.SessionKey(&k, master, r)
	return k, err
}

func (in *inputs) atcName() string { return in.either("atc", "tag_9f36") }
func (in *inputs) unName() string  { return in.either("un", "tag_9f37") }

func (in *inputs) either(a, b string) string {
	if !in.has(a) && in.has(b) {
		return b
	}
	return a
}

func keyOutputs(out map[string]any, name string, k *issuer.Key) error {
	v, err := k.KCV()
	out[name], out[name+"_kcv"] = upper(k.Bytes()), upper(v[:])
	return err
}

// opMasterKey is emv_icc_master_key: issuer_master_key, pan, psn, option → icc_master_key and its _kcv.
func opMasterKey(in *inputs) (map[string]any, error) {
	k, err := in.master("issuer_master_key")
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	return out, keyOutputs(out, "icc_master_key", &k)
}

// opSessionKey is emv_session_key: a master key with diversification_r; with arqc, for secure messaging, where R is the
// cryptogram; or with atc for the key of application cryptograms. Which of several issuer master keys is meant is in the
// end of the id: _smi, _smc, otherwise _ac.
func opSessionKey(in *inputs) (map[string]any, error) {
	name := "issuer_master_key"
	switch {
	case in.has("branch_factor") || in.has("height"):
		return nil, lacks("this build has no tree-based session keys (EMV 2000)")
	case in.has("icc_master_key"):
		if !in.has("diversification_r") && !in.has("session_key_method") {
			return nil, lacks("this build has no session keys of Visa's secure messaging (icc_master_key and atc alone)")
		}
		name = "icc_master_key"
	case in.has("issuer_master_key"):
	case strings.HasSuffix(in.id, "_smi"):
		name = "issuer_master_key_smi"
	case strings.HasSuffix(in.id, "_smc"):
		name = "issuer_master_key_smc"
	default:
		name = "issuer_master_key_ac"
	}
	mk, err := in.master(name)
	if err != nil {
		return nil, err
	}
	var sk issuer.Key
	if in.has("arqc") && !in.has("diversification_r") {
		r := issuer.Diversification(in.sized("arqc", 8)) // Book 2, A1.3.1: of secure messaging
		if in.err == nil {
			err = issuer.SessionKey(&sk, &mk, r)
		}
	} else {
		sk, err = in.session(&mk, in.schemeMethod())
	}
	if err != nil || in.err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, n := range []string{"session_key", "session_key_ac", "session_key_smi", "session_key_smc"} {
		if err := keyOutputs(out, n, &sk); err != nil {
			return nil, err
		}
	}
	return out, keyOutputs(out, "icc_master_key", &mk)
}

// schemeMethod returns the session key method of the scheme that the id begins with, EMV's own for an id without one.
func (in *inputs) schemeMethod() sessionMethod {
	if s, ok := findScheme(in.id); ok {
		return s.session
	}
	return methodCommon
}

// opCryptogram is emv_arqc_3des: keys as for session keys, data and padding ("zero", "iso9797_method2" or the number of
// a method) → application_cryptogram (Book 2, 8.1).
func opCryptogram(in *inputs) (map[string]any, error) {
	p, err := in.acPadding()
	if err != nil {
		return nil, err
	}
	data := in.need("data")
	mk, err := in.master(in.either("issuer_master_key", "icc_master_key"))
	if err != nil {
		return nil, err
	}
	k, err := in.session(&mk, methodCommon)
	if err != nil {
		return nil, err
	}
	ac, err := issuer.ApplicationCryptogram(&k, p, data)
	return map[string]any{"application_cryptogram": upper(ac[:])}, err
}

func (in *inputs) acPadding() (mac.Padding, error) {
	switch p := in.text("padding"); p {
	case "zero", "1", "iso9797_method1":
		return mac.Method1, nil
	case "iso9797_method2", "2", "emv":
		return mac.Method2, nil
	default:
		return 0, lacks("this build has no padding %q", p)
	}
}

// opARPC1 is emv_arpc_method1: keys, arpc_key ("session_key", "icc_master_key"; the session key where it is missing),
// arqc and arpc_rc → arpc (Book 2, 8.2.1).
func opARPC1(in *inputs) (map[string]any, error) {
	k, err := in.arpcKey()
	if err != nil {
		return nil, err
	}
	arqc, rc := in.sized("arqc", 8), in.sized("arpc_rc", 2)
	v, err := issuer.ARPC1(&k, issuer.Cryptogram(arqc), [2]byte(rc))
	return map[string]any{"arpc": upper(v[:])}, err
}

// opARPC2 is emv_arpc_method2: as method 1, with csu and proprietary_auth_data → arpc (Book 2, 8.2.2).
func opARPC2(in *inputs) (map[string]any, error) {
	k, err := in.arpcKey()
	if err != nil {
		return nil, err
	}
	arqc, csu := in.sized("arqc", 8), in.sized("csu", 4)
	v, err := issuer.ARPC2(&k, issuer.Cryptogram(arqc), [4]byte(csu), in.bytes("proprietary_auth_data"))
	return map[string]any{"arpc": upper(v[:])}, err
}

func (in *inputs) arpcKey() (issuer.Key, error) {
	mk, err := in.master(in.either("issuer_master_key", "icc_master_key"))
	if err != nil {
		return mk, err
	}
	switch name := in.m["arpc_key"]; name {
	case "icc_master_key", "icc_mk":
		return mk, nil
	case "session_key", "":
		return in.session(&mk, methodCommon)
	default:
		return mk, lacks("this build has no ARPC key %q", name)
	}
}
