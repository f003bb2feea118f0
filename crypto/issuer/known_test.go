package issuer

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
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
	const cases = 50 // all of them: a file that lost some must not pass
	if len(suite.Cases) != cases {
		t.Errorf("%d cases in testdata/known.json, want %d", len(suite.Cases), cases)
	}
	run := map[string]func(*knownCase, *testing.T) map[string][]byte{
		"crypto.emv_icc_master_key": (*knownCase).masterKey,
		"crypto.emv_session_key":    (*knownCase).sessionKey,
		"crypto.emv_arqc_3des":      (*knownCase).cryptogram,
		"crypto.emv_arpc_method1":   (*knownCase).arpc,
		"crypto.emv_arpc_method2":   (*knownCase).arpc,
		"crypto.scheme_cvn":         (*knownCase).scheme,
	}
	for _, c := range suite.Cases {
		t.Run(c.ID, func(t *testing.T) {
			compute, ok := run[c.Run]
			if !ok || len(c.Want.Outputs) == 0 {
				t.Fatalf("nothing here computes %q, or it asks for nothing", c.Run)
			}
			got := compute(&c, t)
			for name, want := range c.Want.Outputs {
				w := unhex(t, want)
				g, ok := got[name]
				if strings.HasSuffix(name, "_kcv") && len(w) <= len(g) {
					g = g[:len(w)]
				}
				if !ok || !bytes.Equal(g, w) {
					t.Errorf("%s = %X, want %X", name, g, w)
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

// session derives the session key that a case describes from master.
func (c *knownCase) session(t *testing.T, master *Key) Key {
	t.Helper()
	var r Diversification
	switch {
	case c.has("diversification_r"):
		r = Diversification(c.bytes(t, "diversification_r"))
	case !c.has("session_key_method") || c.text(t, "session_key_method") == "EMV_CSK":
		r = DiversificationATC([2]byte(c.bytes(t, "atc")))
	default:
		t.Fatalf("no session key method %q here", c.text(t, "session_key_method"))
	}
	var k Key
	if err := SessionKey(&k, master, r); err != nil {
		t.Fatal(err)
	}
	return k
}

func (c *knownCase) masterKey(t *testing.T) map[string][]byte {
	mk := c.master(t, "issuer_master_key")
	c.checkFullKey(t, &mk)
	return map[string][]byte{"icc_master_key_kcv": kcv(t, &mk)}
}

func (c *knownCase) sessionKey(t *testing.T) map[string][]byte {
	imk := "issuer_master_key"
	switch {
	case strings.HasSuffix(c.ID, "_smi"):
		imk = "issuer_master_key_smi"
	case strings.HasSuffix(c.ID, "_smc"):
		imk = "issuer_master_key_smc"
	case c.has("issuer_master_key_ac"):
		imk = "issuer_master_key_ac"
	}
	mk := c.master(t, imk)
	var sk Key
	if c.has("arqc") { // Book 2, A1.3.1: R of secure messaging is the cryptogram
		if err := SessionKey(&sk, &mk, Diversification(c.bytes(t, "arqc"))); err != nil {
			t.Fatal(err)
		}
	} else {
		sk = c.session(t, &mk)
	}
	c.checkFullKey(t, &sk)
	v := kcv(t, &sk)
	return map[string][]byte{"icc_master_key_kcv": kcv(t, &mk), "session_key_kcv": v, "session_key_ac_kcv": v}
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

func (c *knownCase) cryptogram(t *testing.T) map[string][]byte {
	padding := map[string]mac.Padding{"zero": mac.Method1, "iso9797_method2": mac.Method2}[c.text(t, "padding")]
	k := c.master(t, "issuer_master_key")
	if c.Given.Inputs["session_key_method"] != "VSDC" { // that one uses the master key itself
		k = c.session(t, &k)
	}
	ac, err := ApplicationCryptogram(&k, padding, c.bytes(t, "data"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"application_cryptogram": ac[:]}
}

func (c *knownCase) arpc(t *testing.T) map[string][]byte {
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
		return map[string][]byte{"arpc": got[:]}
	}
	got, err := ARPC2(&k, arqc, [4]byte(c.bytes(t, "csu")), unhex(t, c.Given.Inputs["proprietary_auth_data"]))
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"arpc": got[:]}
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
		return unhex(t, c.Given.Inputs[name])
	}
}

// scheme runs a case through the profile that its name begins with: visa_cvn22_arqc, ac_data_visa_cvn10.
func (c *knownCase) scheme(t *testing.T) map[string][]byte {
	cvns := map[string]byte{"visa_cvn10": 0x0A, "visa_cvn18": 0x12, "visa_cvn22": 0x22}
	name := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(c.ID, "ac_data_"), "_arqc"), "_arpc")
	p, err := Visa(cvns[name])
	if err != nil {
		t.Fatal(err)
	}
	data := c.data(t)
	got := make(map[string][]byte)
	switch {
	case c.has("arqc"):
		mk := c.master(t, "issuer_master_key_ac")
		if want := ARPCMethod(c.text(t, "arpc_method")[0] - '0'); p.ARPC != want {
			t.Fatalf("%s answers by method %d, want %d", p.Name, p.ARPC, want)
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
