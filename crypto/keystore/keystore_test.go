package keystore_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
)

func TestSecretMasksItself(t *testing.T) {
	const planted = "planted-secret"
	var s keystore.Secret
	if err := s.Set([]byte(planted)); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb+verb+"\n", s, &s)
	}
	fmt.Fprintf(&out, "%v %+v\n", struct{ S keystore.Secret }{s}, []keystore.Secret{s})
	j, err := json.Marshal(map[string]any{"s": s, "p": &s})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(j)
	slog.New(slog.NewTextHandler(&out, nil)).Info("secret", "s", s, "p", &s)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("secret", "s", s, "p", &s)
	for _, form := range []string{planted, "706c616e", "706C616E", "112 108 97"} {
		if strings.Contains(out.String(), form) {
			t.Errorf("%q shows in:\n%s", form, out.String())
		}
	}
	b := s.Bytes()
	s.Wipe()
	if string(b) != strings.Repeat("\x00", len(planted)) || len(s.Bytes()) != 0 {
		t.Error("bytes are left")
	}
	for _, n := range []int{0, keystore.MaxSecret + 1} {
		if err := s.Set(make([]byte, n)); !errors.Is(err, &keystore.Error{Code: keystore.CodeLength}) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// TestPermit tries every usage, mode and operation: only what usage and mode both allow goes through.
func TestPermit(t *testing.T) {
	for _, rule := range keyblock.Usages() {
		for _, mode := range rule.Modes {
			for op := keyblock.OpEncrypt; op <= keyblock.OpVary; op <<= 1 {
				h := keyblock.Header{Usage: rule.Usage, Mode: keyblock.Mode(mode), KeyVersion: keyblock.NoKeyVersion}
				err := keystore.Use{Usage: rule.Usage, Operation: op}.Permit("k", &h)
				if want := h.Mode.Allows(op) && rule.Usage.Allows(op); want != (err == nil) {
					t.Errorf("%s, mode %c, operation %d: %v", rule.Usage, mode, op, err)
				}
				err = keystore.Use{Usage: "99", Operation: op}.Permit("k", &h)
				if !errors.Is(err, &keystore.Error{Code: keystore.CodeUsage}) {
					t.Errorf("another usage: %v", err)
				}
			}
		}
	}
	component := keyblock.Header{Usage: keyblock.UsageData, Mode: keyblock.ModeBoth, KeyVersion: "c1"}
	err := keystore.Use{Usage: keyblock.UsageData, Operation: keyblock.OpEncrypt}.Permit("k", &component)
	if !errors.Is(err, &keystore.Error{Code: keystore.CodeUsage}) {
		t.Errorf("a component: %v", err)
	}
}

func TestError(t *testing.T) {
	inner := errors.New("inner")
	err := fmt.Errorf("outer: %w", &keystore.Error{Code: keystore.CodeTPM, Label: "k", Text: "text", Err: inner})
	var e *keystore.Error
	if !errors.As(err, &e) || e.ErrorCode() != "keystore.tpm" || !errors.Is(err, inner) ||
		!errors.Is(err, &keystore.Error{Code: keystore.CodeTPM}) || errors.Is(err, &keystore.Error{Code: keystore.CodeUsage}) ||
		e.Error() != "keystore.tpm k: text: inner" {
		t.Errorf("%v", err)
	}
}

func TestProviderOf(t *testing.T) {
	dir := t.TempDir()
	_, err := keystore.ProviderOf(dir)
	if !errors.Is(err, &keystore.Error{Code: keystore.CodeNoStore}) {
		t.Error(err)
	}
	for text, want := range map[string]string{`{"provider":"tpm"}`: "tpm", `{"provider":"file"}`: "file", `{}`: "", "": "", `{"provider":"x"}`: ""} {
		if err := os.WriteFile(filepath.Join(dir, "store.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := keystore.ProviderOf(dir)
		if got != want || (want == "") != errors.Is(err, &keystore.Error{Code: keystore.CodeTampered}) {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
}
