package mac

import (
	"bytes"
	"crypto/cipher"
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"strings"
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
	b, err := hex.DecodeString(v)
	if err != nil {
		t.Fatalf("input %q: %v", name, err)
	}
	return b
}

func (c *knownCase) number(t *testing.T, name string) int {
	t.Helper()
	n, err := strconv.Atoi(c.Given.Inputs[name])
	if err != nil {
		t.Fatalf("input %q: %v", name, err)
	}
	return n
}

// tdesOf makes a block cipher of a case's key.
func tdesOf(t *testing.T, key []byte) cipher.Block {
	t.Helper()
	b, err := NewTDES(key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// compute runs a case and returns every output it may ask for.
func (c *knownCase) compute(t *testing.T) map[string][]byte {
	t.Helper()
	var got []byte
	var err error
	switch c.Run {
	case "crypto.aes_cmac":
		got, err = CMACAES(nil, c.hex(t, "key"), c.hex(t, "data"))
	case "crypto.tdes_cmac":
		got, err = CMACTDES(nil, c.hex(t, "key"), c.hex(t, "data"))
	case "crypto.iso9797_alg1":
		got, err = Algorithm1(nil, tdesOf(t, c.hex(t, "key")), Padding(c.number(t, "padding_method")), c.hex(t, "data"))
	case "crypto.retail_mac":
		p := Padding(c.number(t, "padding_method"))
		if _, ok := c.Given.Inputs["key"]; ok {
			got, err = Retail(nil, c.hex(t, "key"), p, c.hex(t, "data"))
			break
		}
		got, err = Algorithm3(nil, tdesOf(t, c.hex(t, "key1")), tdesOf(t, c.hex(t, "key2")), p, c.hex(t, "data"))
	case "crypto.padding":
		// The method is in the name of the case: padding_m2_3.
		p := Padding(strings.TrimPrefix(c.ID, "padding_m")[0] - '0')
		got, err = p.Pad(nil, c.hex(t, "data"), c.number(t, "block_len"))
	default:
		t.Fatalf("nothing here computes %q", c.Run)
	}
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"cmac": got, "mac": got, "padded": got, "mac_left4": got[:min(4, len(got))]}
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
	const cases = 24 // all of them: a file that lost some must not pass
	if len(suite.Cases) != cases {
		t.Fatalf("%d cases in testdata/known.json, want %d", len(suite.Cases), cases)
	}
	for _, c := range suite.Cases {
		t.Run(c.ID, func(t *testing.T) {
			if len(c.Want.Outputs) == 0 {
				t.Fatal("the case asks for nothing")
			}
			got := c.compute(t)
			for name, want := range c.Want.Outputs {
				w, err := hex.DecodeString(want)
				if err != nil {
					t.Fatal(err)
				}
				if g, ok := got[name]; !ok || !bytes.Equal(g, w) {
					t.Errorf("%s = %X, want %X", name, g, w)
				}
			}
		})
	}
}
