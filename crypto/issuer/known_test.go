package issuer

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/tlv"
)

// knownCase is one case of testdata/known.json, in the form of emv-vectors/1.
type knownCase struct {
	ID    string
	Run   string
	Note  string
	Given struct{ Inputs map[string]string }
	Want  struct{ Outputs map[string]string }
}

func TestKnownAnswers(t *testing.T) {
	raw, err := os.ReadFile("testdata/known.json")
	if err != nil {
		t.Fatal(err)
	}
	var suite struct{ Cases []knownCase }
	if err := json.Unmarshal(raw, &suite); err != nil {
		t.Fatal(err)
	}
	const cases = 121 // all of them: a file that lost some must not pass
	if len(suite.Cases) != cases {
		t.Errorf("%d cases in testdata/known.json, want %d", len(suite.Cases), cases)
	}
	run := map[string]func(*knownCase, *testing.T) map[string]any{
		"crypto.emv_icc_master_key":                (*knownCase).masterKey,
		"crypto.emv_aes_icc_master_key":            (*knownCase).masterKey,
		"crypto.emv_session_key":                   (*knownCase).sessionKey,
		"crypto.emv_aes_session_key":               (*knownCase).sessionKeyAES,
		"crypto.emv_arqc_3des":                     (*knownCase).cryptogram,
		"crypto.emv_arpc_method1":                  (*knownCase).arpc,
		"crypto.emv_arpc_method2":                  (*knownCase).arpc,
		"crypto.emv_secure_messaging_mac":          (*knownCase).messagingMAC,
		"crypto.emv_secure_messaging_encipherment": (*knownCase).messagingData,
		"crypto.cvv_family":                        (*knownCase).cardValue,
		"crypto.pvv_offset":                        (*knownCase).pinValue,
		"crypto.scheme_cvn":                        (*knownCase).scheme,
	}
	for _, c := range suite.Cases {
		t.Run(c.ID, func(t *testing.T) {
			compute, ok := run[c.Run]
			if !ok || len(c.Want.Outputs) == 0 {
				t.Fatalf("nothing here computes %q, or it asks for nothing", c.Run)
			}
			got := compute(&c, t)
			for name, want := range c.Want.Outputs {
				text, isText := got[name].(string)
				if g, ok := got[name].([]byte); ok {
					text, isText = strings.ToUpper(hex.EncodeToString(g)), true
				}
				if strings.HasSuffix(name, "_kcv") && len(want) <= len(text) {
					text = text[:len(want)]
				}
				if !isText || text != want {
					t.Errorf("%s = %q, want %q", name, text, want)
				}
			}
		})
	}
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func key(t testing.TB, text string) Key {
	t.Helper()
	k, err := NewKey(unhex(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func kcv(t *testing.T, k *Key) []byte {
	t.Helper()
	v, err := k.KCV()
	if err != nil {
		t.Fatal(err)
	}
	return v[:]
}

func (c *knownCase) has(name string) bool { _, ok := c.Given.Inputs[name]; return ok }

func (c *knownCase) text(t *testing.T, name string) string {
	t.Helper()
	if !c.has(name) {
		t.Fatalf("no input %q", name)
	}
	return c.Given.Inputs[name]
}

func (c *knownCase) bytes(t *testing.T, name string) []byte {
	t.Helper()
	return unhex(t, c.text(t, name))
}

// master derives the ICC master key from the issuer master key in the input of that name.
func (c *knownCase) master(t *testing.T, issuer string) Key {
	t.Helper()
	option := OptionA // where a case names none, its PAN has 16 digits: A and B are one
	for _, name := range []string{"option", "mk_option"} {
		if c.has(name) {
			option = Option(c.text(t, name))
		}
	}
	imk := key(t, c.text(t, issuer))
	var k Key
	if err := MasterKey(&k, &imk, option, c.text(t, "pan"), c.bytes(t, "psn")[0]); err != nil {
		t.Fatal(err)
	}
	return k
}

// session derives the session key for cryptograms that a case describes from master.
func (c *knownCase) session(t *testing.T, master *Key) Key {
	t.Helper()
	var r Diversification
	switch method := c.Given.Inputs["session_key_method"]; {
	case c.has("diversification_r"):
		r = Diversification(c.bytes(t, "diversification_r"))
	case method == "MCHIP", strings.HasPrefix(c.ID, "interac_"):
		r = DiversificationMChip([2]byte(c.bytes(t, "atc")), [4]byte(c.bytes(t, "un")))
	case method == "" || method == "EMV_CSK":
		r = DiversificationATC([2]byte(c.bytes(t, "atc")))
	default:
		t.Fatalf("no session key method %q here", method)
	}
	var k Key
	if err := SessionKey(&k, master, r); err != nil {
		t.Fatal(err)
	}
	return k
}

func (c *knownCase) masterKey(t *testing.T) map[string]any {
	mk := c.master(t, "issuer_master_key")
	c.checkFullKey(t, &mk)
	return map[string]any{"icc_master_key_kcv": kcv(t, &mk), "icc_master_key": mk.Bytes()}
}

func (c *knownCase) sessionKey(t *testing.T) map[string]any {
	imk := "issuer_master_key"
	switch {
	case c.has(imk):
	case strings.HasSuffix(c.ID, "_smi"):
		imk = "issuer_master_key_smi"
	case strings.HasSuffix(c.ID, "_smc"):
		imk = "issuer_master_key_smc"
	case c.has("issuer_master_key_ac"):
		imk = "issuer_master_key_ac"
	}
	var mk, sk Key
	if c.has("icc_master_key") {
		mk = key(t, c.text(t, "icc_master_key"))
	} else {
		mk = c.master(t, imk)
	}
	var err error
	switch {
	case c.has("height"):
		tree := Tree{Height: c.number(t, "height"), Branch: c.number(t, "branch_factor"), IV: [16]byte(c.bytes(t, "iv"))}
		err = TreeSessionKey(&sk, &mk, &tree, [2]byte(c.bytes(t, "atc")))
	case strings.HasPrefix(c.ID, "visa_sm_"):
		err = VisaMessagingKey(&sk, &mk, [2]byte(c.bytes(t, "atc")))
	case c.has("arqc"): // Book 2, A1.3.1: R of secure messaging is the cryptogram
		err = SessionKey(&sk, &mk, Diversification(c.bytes(t, "arqc")))
	default:
		sk = c.session(t, &mk)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.checkFullKey(t, &sk)
	v := kcv(t, &sk)
	return map[string]any{
		"icc_master_key_kcv": kcv(t, &mk), "session_key_kcv": v, "session_key_ac_kcv": v, "session_key": sk.Bytes(),
	}
}

func (c *knownCase) sessionKeyAES(t *testing.T) map[string]any {
	mk := key(t, c.text(t, "icc_master_key"))
	var sk Key
	if err := SessionKeyAES(&sk, &mk, DiversificationATC([2]byte(c.bytes(t, "atc")))); err != nil {
		t.Fatal(err)
	}
	return map[string]any{"session_key": sk.Bytes()}
}

func (c *knownCase) number(t *testing.T, name string) int {
	t.Helper()
	n, err := strconv.Atoi(c.text(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// checkFullKey compares the key with the one in the case's note, where there is one.
func (c *knownCase) checkFullKey(t *testing.T, k *Key) {
	t.Helper()
	const lead = "full key: "
	if at := strings.Index(c.Note, lead); at >= 0 {
		if want := unhex(t, c.Note[at+len(lead):][:32]); !bytes.Equal(k.Bytes(), want) {
			t.Errorf("key %X, want %X", k.Bytes(), want)
		}
	}
}

func (c *knownCase) cryptogram(t *testing.T) map[string]any {
	padding := map[string]mac.Padding{"zero": mac.Method1, "iso9797_method2": mac.Method2}[c.text(t, "padding")]
	k := c.master(t, "issuer_master_key")
	if c.Given.Inputs["session_key_method"] != "VSDC" { // that one uses the master key itself
		k = c.session(t, &k)
	}
	ac, err := ApplicationCryptogram(&k, padding, c.bytes(t, "data"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"application_cryptogram": ac[:]}
}

func (c *knownCase) arpc(t *testing.T) map[string]any {
	k := c.master(t, "issuer_master_key")
	if c.Given.Inputs["arpc_key"] != "icc_master_key" { // method 2 names none, and means the session key
		k = c.session(t, &k)
	}
	arqc := Cryptogram(c.bytes(t, "arqc"))
	if c.Run == "crypto.emv_arpc_method1" {
		got, err := ARPC1(&k, arqc, [2]byte(c.bytes(t, "arpc_rc")))
		if err != nil {
			t.Fatal(err)
		}
		return map[string]any{"arpc": got[:]}
	}
	got, err := ARPC2(&k, arqc, [4]byte(c.bytes(t, "csu")), unhex(t, c.Given.Inputs["proprietary_auth_data"]))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"arpc": got[:]}
}

// data gives the inputs tag_XXXX of a case. Cases with iad_part give all that enters of tag '9F10'.
func (c *knownCase) data(t *testing.T) Data {
	return func(tag tlv.Tag) []byte {
		name := "tag_" + strings.ToLower(tag.String())
		if tag == tagIssuerApplication && c.has("iad_part") {
			name = "iad_part"
		}
		if tag == tagATC && !c.has(name) {
			return []byte{0x00, 0x1C} // cases of an answer leave out the ATC of the cryptogram that they answer
		}
		v := unhex(t, c.Given.Inputs[name])
		if name == "iad_part" && strings.HasPrefix(c.ID, "mastercard_") { // CVR, then counters: DKI, CVN and DAC are not in it
			v = slices.Concat([]byte{0, 0}, v[:6], []byte{0, 0}, v[6:])
		}
		return v
	}
}

// scheme runs a case through the profile that its name begins with: visa_cvn22_arqc, ac_data_visa_cvn10.
func (c *knownCase) scheme(t *testing.T) map[string]any {
	rows := map[string]struct {
		scheme Scheme
		cvn    byte
	}{
		"visa_cvn10": {SchemeVisa, 0x0A}, "visa_cvn18": {SchemeVisa, 0x12}, "visa_cvn22": {SchemeVisa, 0x22},
		"mastercard_cvn16": {SchemeMChip, 0x10}, "mastercard_cvn17": {SchemeMChip, 0x11},
		"mastercard_cvn20": {SchemeMChip, 0x14}, "mastercard_cvn21": {SchemeMChip, 0x15}, "cpa": {SchemeCommonCore, 0xA5},
	}
	row := rows[strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(c.ID, "ac_data_"), "_arqc"), "_arpc")]
	p, err := ProfileOf(row.scheme, row.cvn)
	if err != nil {
		t.Fatal(err)
	}
	data := c.data(t)
	got := make(map[string]any)
	switch {
	case c.has("arqc"):
		mk := c.master(t, "issuer_master_key_ac")
		if want := ARPCMethod(c.text(t, "arpc_method")[0] - '0'); p.ARPC != want {
			t.Fatalf("%s answers by method %d, want %d", p.Name, p.ARPC, want)
		}
		if name := c.Given.Inputs["arpc_key"]; name == "icc_mk" != (p.ARPCKey == MasterKeyItself) && name != "" {
			t.Fatalf("%s does not answer under %s", p.Name, name)
		}
		var r Response
		copy(r.ARC[:], unhex(t, c.Given.Inputs["arpc_rc"]))
		copy(r.CSU[:], unhex(t, c.Given.Inputs["csu"]))
		arqc := Cryptogram(c.bytes(t, "arqc"))
		value, err := p.AppendAuthData(nil, &mk, data, arqc, r)
		if err != nil {
			t.Fatal(err)
		}
		got["arpc"] = value[:len(unhex(t, c.Want.Outputs["arpc"]))]
	case c.has("pan"):
		mk := c.master(t, "issuer_master_key_ac")
		ac, err := p.Generate(&mk, data)
		if err != nil {
			t.Fatal(err)
		}
		got["arqc"] = ac[:]
	default:
		input, err := p.AppendInput(nil, data)
		if err != nil {
			t.Fatal(err)
		}
		padded, err := p.Padding.Pad(nil, input, 8)
		if err != nil {
			t.Fatal(err)
		}
		got["data"], got["padded"] = input, padded
	}
	return got
}
