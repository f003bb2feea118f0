package ecc

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// knownCase is one case of testdata/known.json, in the form of emv-vectors/1.
type knownCase struct {
	ID    string
	Run   string
	Given struct{ Inputs map[string]string }
	Want  struct{ Outputs map[string]string }
}

func (c *knownCase) hex(t *testing.T, name string) []byte {
	t.Helper()
	v, ok := c.Given.Inputs[name]
	if !ok {
		t.Fatalf("no input %q", name)
	}
	return unhex(t, v)
}

// key returns a private key of the case.
func (c *knownCase) key(t *testing.T, name string) *PrivateKey {
	t.Helper()
	b := c.hex(t, name)
	curve, err := CurveOf(len(b))
	if err != nil {
		t.Fatal(err)
	}
	k, err := NewPrivateKey(curve, b)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return &k
}

func (c *knownCase) sessionKey(t *testing.T, name string) *Key {
	t.Helper()
	k, err := NewKey(c.hex(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return &k
}

func (c *knownCase) counter(t *testing.T) uint16 {
	t.Helper()
	b := c.hex(t, "message_counter")
	return uint16(b[0])<<8 | uint16(b[1])
}

// compute runs a case and returns every output it may ask for.
func (c *knownCase) compute(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	switch c.Run {
	case "crypto.ecc_ecdh":
		p, err := NewPoint(P256, c.hex(t, "public_x"), c.hex(t, "public_y"))
		if err != nil {
			wantCode(t, c.ID, err, CodePoint)
			out["reject"] = nil
			break
		}
		z, err := c.key(t, "private_key").ECDH(nil, &p)
		must(err)
		out["shared_x"] = z
	case "crypto.ecc_ecsdsa":
		d := c.key(t, "private_key")
		message := c.hex(t, "message")
		s, err := d.SignOnce(nil, c.key(t, "k"), message[:7], message[7:])
		must(err)
		q, err := FindPoint(d.Curve(), c.hex(t, "public_key_x"))
		must(err)
		must(Verify(&q, s, message[:20], nil, message[20:]))
		own, err := d.Public()
		must(err)
		if own != q {
			t.Error("the lesser y is not that of the key")
		}
		out["signature_r_s"] = s
	case "crypto.emv_bdh":
		card, terminal, r := c.key(t, "card_private_key"), c.key(t, "terminal_private_key"), c.key(t, "blinding_factor")
		qc, err := card.Public()
		must(err)
		qt, err := terminal.Public()
		must(err)
		blinded, err := Blind(nil, r, &qc)
		must(err)
		must(VerifyBlinding(&qc, r, blinded))
		var z, z2, kd Key
		var keys SessionKeys
		must(CardSecret(&z, card, r, &qt))
		must(TerminalSecret(&z2, terminal, blinded))
		if z != z2 {
			t.Error("the sides have different secrets")
		}
		must(DeriveKD(&kd, &z))
		must(DeriveSessionKeys(&keys, &z2))
		out["card_public_key"], out["terminal_public_key"] = qc.Append(nil), qt.Append(nil)
		out["blinded_public_key_x"], out["shared_secret_x"], out["kd"] = blinded, z.Bytes(), kd.Bytes()
		out["sk_c"], out["sk_i"] = keys.C.Bytes(), keys.I.Bytes()
	case "crypto.kernel8_mac", "crypto.kernel8_iad_mac", "crypto.kernel8_eda_mac":
		i, err := NewIntegrity(c.sessionKey(t, "sk_i"))
		must(err)
		var m MAC
		switch c.Run {
		case "crypto.kernel8_mac":
			m, err = i.MAC(c.counter(t), c.hex(t, "data"))
		case "crypto.kernel8_iad_mac":
			data := c.hex(t, "input_data")
			m, err = i.IADMAC(data[:10], data[10:])
		default:
			m, err = i.EDAMAC([8]byte(c.hex(t, "application_cryptogram")), MAC(c.hex(t, "iad_mac")))
		}
		must(err)
		out["mac"], out["iad_mac"], out["eda_mac"] = m[:], m[:], m[:]
	case "crypto.kernel8_message":
		e, err := NewConfidentiality(c.sessionKey(t, "sk_c"))
		must(err)
		out["message"], err = e.Crypt(nil, c.counter(t), c.hex(t, "data"))
		must(err)
		back, err := e.Crypt(nil, c.counter(t), out["message"])
		must(err)
		if !bytes.Equal(back, c.hex(t, "data")) {
			t.Error("the message does not come back")
		}
	default:
		t.Fatalf("nothing here computes %q", c.Run)
	}
	return out
}

func knownCases(t testing.TB) []knownCase {
	t.Helper()
	raw, err := os.ReadFile("testdata/known.json")
	if err != nil {
		t.Fatal(err)
	}
	var suite struct{ Cases []knownCase }
	if err := json.Unmarshal(raw, &suite); err != nil {
		t.Fatal(err)
	}
	const cases = 36 // all of them: a file that lost some must not pass
	if len(suite.Cases) != cases {
		t.Fatalf("%d cases in testdata/known.json, want %d", len(suite.Cases), cases)
	}
	return suite.Cases
}

func TestKnownAnswers(t *testing.T) {
	for _, c := range knownCases(t) {
		t.Run(c.ID, func(t *testing.T) {
			if len(c.Want.Outputs) == 0 {
				t.Fatal("the case asks for nothing")
			}
			got := c.compute(t)
			for name, want := range c.Want.Outputs {
				g, ok := got[name]
				if name == "reject" {
					if !ok {
						t.Error("not rejected")
					}
					continue
				}
				if w := unhex(t, want); !ok || !bytes.Equal(g, w) {
					t.Errorf("%s = %X, want %X", name, g, w)
				}
			}
		})
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
