package keyblock

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

// knownCase is one case of testdata/known.json, in the form of emv-vectors/1.
type knownCase struct {
	ID    string
	Run   string
	Given struct{ Inputs map[string]string }
	Want  struct {
		Outputs map[string]string
		Error   bool
	}
}

func unhexed(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// knownCases reads all of them: a file that lost some must not pass.
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
	const cases = 32
	if len(suite.Cases) != cases {
		t.Fatalf("%d cases in testdata/known.json, want %d", len(suite.Cases), cases)
	}
	return suite.Cases
}

func TestKnownAnswers(t *testing.T) {
	blocks, derivations, rewrapped := 0, 0, 0
	for _, c := range knownCases(t) {
		t.Run(c.ID, func(t *testing.T) {
			kbpk := unhexed(t, c.Given.Inputs["kbpk"])
			if c.Run == "crypto.tr31_key_derivation" {
				derivations++
				c.derive(t, kbpk)
				return
			}
			blocks++
			block := c.Given.Inputs["key_block_ascii"]
			h, key, err := Unwrap(kbpk, []byte(block), PermitAll)
			out := c.Want.Outputs
			switch {
			case c.Want.Error:
				if err == nil || errors.Is(err, &Error{Code: CodeMAC}) {
					t.Errorf("a misprinted block: %v", err)
				}
			case out["mac_ok"] == "false":
				wantCode(t, c.ID, err, CodeMAC)
			case out["reject"] == "true":
				wantCode(t, c.ID, err, CodeKeyLength)
			case err != nil:
				t.Error(err)
			default:
				if want := unhexed(t, out["key"]); !bytes.Equal(key.Bytes(), want) {
					t.Errorf("key %X, want %X", key.Bytes(), want)
				}
				if got := string(h.append(nil, len(block))); got != c.Given.Inputs["header"] {
					t.Errorf("header %s, want %s", got, c.Given.Inputs["header"])
				}
				rewrap(t, kbpk, block, &h, key.Bytes())
				rewrapped++
			}
			if err != nil && (key.Len() != 0 || h.Version != "") {
				t.Error("something came out of a block that was refused")
			}
		})
	}
	if blocks != 27 || derivations != 5 || rewrapped != 16 {
		t.Errorf("%d blocks, %d derivations, %d wrapped again", blocks, derivations, rewrapped)
	}
}

func (c *knownCase) derive(t *testing.T, kbpk []byte) {
	derived := VersionB
	if len(kbpk) == 32 {
		derived = VersionD
	}
	for name, want := range c.Want.Outputs {
		v := VersionE
		switch {
		case strings.HasSuffix(name, "_variant"):
			v = VersionC
		case strings.HasSuffix(name, "_derive"):
			v = derived
		}
		kbek, kbak, err := DeriveKeys(v, kbpk)
		got := kbek
		if strings.HasPrefix(name, "kbak") {
			got = kbak
		}
		if err != nil || !bytes.Equal(got.Bytes(), unhexed(t, want)) {
			t.Errorf("%s = %X, %v, want %s", name, got.Bytes(), err, want)
		}
	}
}

// rewrap wraps a key with the padding that a block has: the same block must come out.
func rewrap(t *testing.T, kbpk []byte, block string, h *Header, key []byte) {
	t.Helper()
	var random []byte
	if p, ok := h.Find(BlockPadding); ok {
		for _, r := range []byte(p) {
			at := strings.IndexByte(padding, r)
			if at < 0 {
				t.Fatalf("padding %q is none of ours", p)
			}
			random = append(random, byte(at))
		}
	}
	text := plaintext(t, kbpk, block)
	random = append(random, text[lengthField+len(key):]...)
	for _, show := range []bool{true, false} {
		r := bytes.NewReader(random)
		got, err := Wrap(nil, r, kbpk, h, key, Options{ShowLength: show, Permit: PermitAll})
		if err == nil && string(got) == block && r.Len() == 0 {
			return
		}
	}
	t.Errorf("%s does not come out again", block)
}

// plaintext returns length, key and padding of a good block.
func plaintext(t testing.TB, kbpk []byte, block string) []byte {
	t.Helper()
	h, n, err := ParseHeader([]byte(block))
	if err != nil {
		t.Fatal(err)
	}
	var w worker
	if err := w.derive(h.Version, kbpk); err != nil {
		t.Fatal(err)
	}
	raw := unhexed(t, block[n:])
	at := len(raw) - w.mac
	w.text = append([]byte(block[:n]), raw[:at]...)
	if err := w.open(n, raw[at:]); err != nil {
		t.Fatal(err)
	}
	return w.text[n:]
}

// wantCode fails unless err is an Error with that code.
func wantCode(t testing.TB, name string, err error, code Code) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.ErrorCode() != string(code) || !errors.Is(err, &Error{Code: code}) {
		t.Errorf("%s: %v, want %s", name, err, code)
	}
}
