package dukpt

import (
	"bytes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/pin"
)

// knownCase is one case of testdata/known.json, in the form of emv-vectors/1.
type knownCase struct {
	ID    string
	Run   string
	Given struct{ Inputs map[string]string }
	Want  struct{ Outputs map[string]string }
}

func (c *knownCase) has(name string) bool { _, ok := c.Given.Inputs[name]; return ok }

func (c *knownCase) hex(t *testing.T, name string) []byte {
	t.Helper()
	b, err := hex.DecodeString(c.Given.Inputs[name])
	if err != nil || !c.has(name) {
		t.Fatalf("input %q: %v", name, err)
	}
	return b
}

func newKey(t testing.TB, b []byte) *Key {
	t.Helper()
	var k Key
	if err := SetKey(&k, b); err != nil {
		t.Fatal(err)
	}
	return &k
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tdes computes one output of a case of ANSI X9.24-1. The transaction is derived from the BDK and, where the case has an
// initial key, from that.
func (c *knownCase) tdes(t *testing.T, output string) []byte {
	t.Helper()
	ksn, err := ParseTDESKSN(c.hex(t, "ksn"))
	must(t, err)
	bdk := newKey(t, c.hex(t, "bdk"))
	var k Key
	if output == "initial_key" {
		must(t, TDESInitialKey(&k, bdk, ksn))
		return k.Bytes()
	}
	var x, y TDESTransaction
	must(t, HostTDES(&x, bdk, ksn))
	if c.has("initial_key") {
		must(t, TDESFromInitial(&y, newKey(t, c.hex(t, "initial_key")), ksn))
		if !x.Equal(&y) {
			t.Error("BDK and initial key lead to two transactions")
		}
	}
	usage := map[string]TDESUsage{
		"encrypted_pin_block": TDESPIN, "data_key": TDESDataRequest,
		"mac_request": TDESMACRequest, "mac_request_8": TDESMACRequest, "cmac_request": TDESMACRequest,
		"mac_response": TDESMACResponse, "mac_response_8": TDESMACResponse, "cmac_response": TDESMACResponse,
		"encrypted_data_request": TDESDataRequest, "encrypted_data_response": TDESDataResponse,
	}[output]
	if output == "transaction_key" {
		return x.TransactionKey().Bytes()
	}
	must(t, x.Key(&k, usage))
	switch {
	case output == "data_key":
		return k.Bytes()
	case output == "encrypted_pin_block":
		b := pin.Block(c.hex(t, "clear_pin_block"))
		e, err := pin.EncipherTDES(&b, k.Bytes())
		must(t, err)
		return e[:]
	case strings.HasPrefix(output, "mac"):
		m, err := mac.Retail(nil, k.Bytes(), mac.Method1, c.hex(t, "data"))
		must(t, err)
		if strings.HasSuffix(output, "_8") {
			return m
		}
		return m[:4]
	case strings.HasPrefix(output, "cmac"):
		m, err := mac.CMACTDES(nil, k.Bytes(), c.hex(t, "data"))
		must(t, err)
		return m
	}
	b, err := mac.NewTDES(k.Bytes())
	must(t, err)
	return zeroCBC(t, b, c.hex(t, "data"))
}

// aes computes one output of a case of ANSI X9.24-3.
func (c *knownCase) aes(t *testing.T, output string) []byte {
	t.Helper()
	var k Key
	if !c.has("ksn") {
		id, err := ParseInitialKeyID(c.hex(t, "initial_key_id"))
		must(t, err)
		if output == "initial_key" {
			must(t, AESInitialKey(&k, newKey(t, c.hex(t, "bdk")), id))
			return k.Bytes()
		}
		kind := map[string]KeyType{"2tdea": TDES2, "aes128": AES128, "aes256": AES256}[c.Given.Inputs["key_type"]]
		initial := newKey(t, c.hex(t, "initial_key"))
		must(t, AESUpdateKey(&k, initial, kind, id))
		var terminal AESTerminal
		must(t, terminal.Load(initial, id))
		var own Key
		must(t, terminal.UpdateKey(&own, kind))
		if own != k {
			t.Error("terminal and host have two update keys")
		}
		return k.Bytes()
	}
	ksn, err := ParseAESKSN(c.hex(t, "ksn"))
	must(t, err)
	var x AESTransaction
	must(t, AESFromInitial(&x, newKey(t, c.hex(t, "initial_key")), ksn))
	if output == "transaction_key" {
		return x.TransactionKey().Bytes()
	}
	if name, kind, ok := strings.Cut(output, "_key_"); ok {
		usage := map[string]Usage{
			"pin_encryption": PINEncryption, "mac_generation": MACGeneration, "data_encryption": DataEncrypt,
		}[name]
		must(t, x.Key(&k, usage, map[string]KeyType{"aes128": AES128, "aes256": AES256}[kind]))
		return k.Bytes()
	}
	if output == "encrypted_pin_block_format4" {
		must(t, x.Key(&k, PINEncryption, AES128))
		f := pin.Field(c.hex(t, "pin_field"))
		e, err := pin.EncipherAES(&f, []byte(c.Given.Inputs["pan"]), k.Bytes())
		must(t, err)
		return e[:]
	}
	data := c.hex(t, "data")
	name, direction, _ := strings.Cut(output, "_re")
	macUsage, dataUsage := MACGeneration, DataEncrypt
	if direction == "sponse" {
		macUsage, dataUsage = MACVerification, DataDecrypt
	}
	switch name {
	case "cmac":
		must(t, x.Key(&k, macUsage, AES128))
		m, err := mac.CMACAES(nil, k.Bytes(), data)
		must(t, err)
		return m
	case "hmac":
		must(t, x.Key(&k, macUsage, HMAC128))
		h := hmac.New(sha256.New, k.Bytes())
		h.Write(data)
		return h.Sum(nil)
	}
	must(t, x.Key(&k, dataUsage, AES128))
	b, err := mac.NewAES(k.Bytes())
	must(t, err)
	return zeroCBC(t, b, data)
}

// zeroCBC enciphers data, filled with zeros, from a zero block.
func zeroCBC(t *testing.T, b cipher.Block, data []byte) []byte {
	t.Helper()
	v, err := mac.Method1.Pad(nil, data, b.BlockSize())
	must(t, err)
	cipher.NewCBCEncrypter(b, make([]byte, b.BlockSize())).CryptBlocks(v, v)
	return v
}

func TestKnownAnswers(t *testing.T) {
	raw, err := os.ReadFile("testdata/known.json")
	must(t, err)
	var suite struct{ Cases []knownCase }
	must(t, json.Unmarshal(raw, &suite))
	const cases = 49 // all of them: a file that lost some must not pass
	if len(suite.Cases) != cases {
		t.Fatalf("%d cases in testdata/known.json, want %d", len(suite.Cases), cases)
	}
	for _, c := range suite.Cases {
		t.Run(c.ID, func(t *testing.T) {
			if len(c.Want.Outputs) == 0 {
				t.Fatal("the case asks for nothing")
			}
			for name, want := range c.Want.Outputs {
				w, err := hex.DecodeString(want)
				must(t, err)
				compute := c.tdes
				if c.Run == "crypto.dukpt_aes" {
					compute = c.aes
				}
				if g := compute(t, name); !bytes.Equal(g, w) {
					t.Errorf("%s = %X, want %X", name, g, w)
				}
			}
		})
	}
}
