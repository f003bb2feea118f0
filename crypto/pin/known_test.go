package pin

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
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

func (c *knownCase) has(name string) bool { _, ok := c.Given.Inputs[name]; return ok }

func (c *knownCase) hex(t *testing.T, name string) []byte {
	t.Helper()
	b, err := hex.DecodeString(c.Given.Inputs[name])
	if err != nil || !c.has(name) {
		t.Fatalf("input %q: %v", name, err)
	}
	return b
}

// pin parses the input of that name, given it is there.
func (c *knownCase) pin(t *testing.T) *PIN {
	t.Helper()
	return newPIN(t, c.Given.Inputs["pin"])
}

// compute runs a case and returns every output that it may ask for, in upper case.
func (c *knownCase) compute(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	pan := []byte(c.Given.Inputs["pan"])
	if c.Run == "crypto.pin_block_4" {
		c.extended(t, out, pan)
		return out
	}
	var b Block
	if c.has("pin_block") {
		var p PIN
		b = Block(c.hex(t, "pin_block"))
		out["decoded_pin"] = "INVALID"
		if err := decodeAs(&b, c.Run[len(c.Run)-1], &p, pan); err == nil {
			out["decoded_pin"] = string(p.AppendDigits(nil))
		}
		return out
	}
	if err := encodeAs(&b, c.Run[len(c.Run)-1], c.pin(t), pan, zeros(8)); err != nil {
		t.Fatal(err)
	}
	out["pin_block"] = upper(b[:])
	out["pin_block_prefix"] = out["pin_block"][:2+c.pin(t).Len()]
	return out
}

func (c *knownCase) extended(t *testing.T, out map[string]string, pan []byte) {
	t.Helper()
	if c.has("pan") {
		f, err := PANField(pan)
		if err != nil {
			t.Fatal(err)
		}
		out["pan_field"] = upper(f[:])
	}
	var f Field
	switch {
	case c.has("enciphered"):
		if err := DecipherAES(&f, AESBlock(c.hex(t, "enciphered")), pan, c.hex(t, "key")); err != nil {
			t.Fatal(err)
		}
		var p PIN
		out["decoded_pin"] = "INVALID"
		if err := f.Decode4(&p); err == nil {
			out["decoded_pin"] = string(p.AppendDigits(nil))
		}
	case c.has("pin"):
		random := make([]byte, 8)
		if c.has("pin_field") {
			random = c.hex(t, "pin_field")[8:]
		}
		if err := f.Encode4(c.pin(t), bytes.NewReader(random)); err != nil {
			t.Fatal(err)
		}
		out["pin_field_left8"] = upper(f[:8])
		if c.has("key") {
			e, err := EncipherAES(&f, pan, c.hex(t, "key"))
			if err != nil {
				t.Fatal(err)
			}
			out["enciphered"] = upper(e[:])
		}
	}
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
	const cases = 27 // all of them: a file that lost some must not pass
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
				if got[name] != want {
					t.Errorf("%s = %s, want %s", name, got[name], want)
				}
			}
		})
	}
}

func upper(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }
