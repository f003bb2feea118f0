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
// A is meant where a case has none (Book 2, A1.4). An ICC master key is taken as it is.
func (in *inputs) master(name string) (issuer.Key, error) {
	return in.masterBy(name, issuer.OptionA)
}

// masterBy is master with another option for cases that name none.
func (in *inputs) masterBy(name string, option issuer.Option) (issuer.Key, error) {
	if strings.HasPrefix(name, "icc_master_key") {
		return in.key(name)
	}
	for _, o := range []string{"option", "mk_option"} {
		if in.has(o) {
			option = issuer.Option(in.text(o))
		}
	}
	return in.derive(name, option)
}

// derive derives the ICC master key from the issuer master key of that name by an option.
func (in *inputs) derive(name string, option issuer.Option) (issuer.Key, error) {
	psn := []byte{0} // Book 2, A1.4.1: where the card has none
	if in.has("psn") {
		psn = in.sized("psn", 1)
	}
	pan := in.text("pan")
	imk, err := in.key(name)
	if err != nil {
		return issuer.Key{}, err
	}
	var k issuer.Key
	err = issuer.MasterKey(&k, &imk, option, pan, psn[0])
	return k, err
}

// firstOf returns the first of the names that is given, the last where none is.
func (in *inputs) firstOf(names ...string) string {
	for _, n := range names {
		if in.has(n) {
			return n
		}
	}
	return names[len(names)-1]
}

// hint returns an input, or what the case's own text says of it as NAME=VALUE.
func (in *inputs) hint(input, name string) string {
	if in.has(input) {
		return in.m[input]
	}
	for _, word := range strings.Fields(in.about) {
		if v, ok := strings.CutPrefix(word, name+"="); ok {
			return strings.Trim(v, ",;")
		}
	}
	return ""
}

// sessionMethod is how a session key comes about.
type sessionMethod string

// The methods that cases name in session_key_method, or by the scheme that their id begins with.
const (
	methodCommon  sessionMethod = "EMV_CSK" // Book 2, A1.3.1, of the ATC
	methodMChip   sessionMethod = "MCHIP"   // the same function, of ATC, two zeros and the unpredictable number
	methodMaster  sessionMethod = "VSDC"    // the master key itself
	methodInverse sessionMethod = "PBOC"    // of the ATC and its inverse: UnionPay
)

// session derives the session key that the inputs describe: of diversification_r where there is one, else by the method.
func (in *inputs) session(master *issuer.Key, method sessionMethod) (issuer.Key, error) {
	var r issuer.Diversification
	if named := in.hint("session_key_method", "SKD"); named != "" {
		method = sessionMethod(named)
	}
	var k issuer.Key
	switch {
	case in.has("diversification_r"):
		r = issuer.Diversification(in.sized("diversification_r", 8))
	case method == methodMaster:
		return *master, nil
	case method == methodCommon:
		r = issuer.DiversificationATC([2]byte(in.sized(in.atcName(), 2)))
	case method == methodMChip:
		r = issuer.DiversificationMChip([2]byte(in.sized(in.atcName(), 2)), [4]byte(in.sized(in.unName(), 4)))
	case method == methodInverse:
		err := issuer.InverseATCKey(&k, master, [2]byte(in.sized(in.atcName(), 2)))
		return k, err
	default:
		return issuer.Key{}, lacks("this build has no session key method %q", method)
	}
	if in.err != nil {
		return issuer.Key{}, in.err
	}
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

// opSessionKey is emv_session_key: a master key with height, branch_factor and iv for the tree of EMV 4.0; with
// diversification_r; for secure messaging with arqc or atc; or with atc for the key of application cryptograms. Which of
// several issuer master keys is meant is in the end of the id: _smi, _smc, otherwise _ac. An id that begins with a
// cryptogram version takes that version's derivation, one that begins with visa_sm that of Visa's secure messaging.
func opSessionKey(in *inputs) (map[string]any, error) {
	use := ""
	switch {
	case strings.HasSuffix(in.id, "_smi"), strings.Contains(in.id, "_smi_"):
		use = "_smi"
	case strings.HasSuffix(in.id, "_smc"), strings.Contains(in.id, "_smc_"):
		use = "_smc"
	}
	names := []string{"icc_master_key" + use, "icc_master_key", "issuer_master_key" + use, "issuer_master_key", "issuer_master_key_ac"}
	mk, err := in.master(in.firstOf(names...))
	if err != nil {
		return nil, err
	}
	sk, err := in.sessionKey(&mk, use != "" || in.has("arqc") || strings.HasPrefix(in.id, "visa_sm"))
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

// sessionKey derives the key below mk: for secure messaging, or for application cryptograms.
func (in *inputs) sessionKey(mk *issuer.Key, messaging bool) (issuer.Key, error) {
	var sk issuer.Key
	switch {
	case in.has("branch_factor") || in.has("height"):
		tree := issuer.Tree{Height: in.number("height"), Branch: in.number("branch_factor")}
		copy(tree.IV[:], in.bytes("iv"))
		err := issuer.TreeSessionKey(&sk, mk, &tree, [2]byte(in.sized(in.atcName(), 2)))
		return sk, err
	case messaging && !in.has("diversification_r"):
		return in.messagingSession(mk)
	}
	return in.session(mk, in.schemeMethod())
}

// schemeMethod returns the session key method of the scheme that the id begins with, EMV's own for an id without one.
func (in *inputs) schemeMethod() sessionMethod {
	p, ok := findScheme(in.id, nil)
	if !ok {
		return methodCommon
	}
	switch p.ACKey {
	case issuer.MasterKeyItself:
		return methodMaster
	case issuer.MChipSessionKey:
		return methodMChip
	case issuer.InverseATCSessionKey:
		return methodInverse
	case issuer.CommonSessionKey:
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
	method := sessionMethod(in.hint("session_key_method", "SKD"))
	switch name := in.m["arpc_key"]; name {
	case "icc_master_key", "icc_mk":
		return mk, nil
	case "":
		if method == methodMChip && !in.has(in.unName()) {
			return mk, nil // M/Chip 4, cryptogram versions 16 and 17: the master key answers
		}
		return in.session(&mk, methodCommon)
	case "session_key":
		return in.session(&mk, methodCommon)
	default:
		return mk, lacks("this build has no ARPC key %q", name)
	}
}
