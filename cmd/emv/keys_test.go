//go:build !windows

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cardwright/emv/crypto/keystore/keystoretest"
)

// TestTPMScripts runs the command lines that need a TPM, with one of their own.
func TestTPMScripts(t *testing.T) {
	chip := keystoretest.StartSWTPM(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script/tpm",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(e *testscript.Env) error {
			e.Setenv("TPM", chip.Path)
			return nil
		},
	})
}

// TestKeysAttest carries the attestor from the list to the verifier.
func TestKeysAttest(t *testing.T) {
	chip := keystoretest.StartSWTPM(t)
	dir := filepath.Join(t.TempDir(), "keys")
	emv := func(args ...string) []byte {
		t.Helper()
		var out, said bytes.Buffer
		if status := run(append([]string{"keys"}, args...), nil, &out, &said); status != exitOK {
			t.Fatalf("emv keys %q: exit status %d, %s", args, status, &said)
		}
		return out.Bytes()
	}
	const nonce = "00112233445566778899AABBCCDDEEFF"
	emv("init", "--tpm", chip.Path, "--dir", dir)
	var list keyList
	if err := json.Unmarshal(emv("list", "--json", "--tpm", chip.Path, "--dir", dir), &list); err != nil {
		t.Fatal(err)
	}
	statement := filepath.Join(t.TempDir(), "statement")
	writeFile(t, statement, emv("attest", "--nonce", nonce, "--tpm", chip.Path, "--dir", dir))
	said := emv("attest", "--verify", statement, "--nonce", nonce, "--attestor", list.Attestor)
	if want := "public key " + upperHex(list.Keys[0].Public); !bytes.Contains(said, []byte(want)) {
		t.Errorf("%s\nwant %s", said, want)
	}
	var out, complaint bytes.Buffer
	status := run([]string{"keys", "attest", "--verify", statement, "--nonce", "FF" + nonce[2:], "--attestor", list.Attestor}, nil, &out, &complaint)
	if status != exitBad || !bytes.Contains(complaint.Bytes(), []byte("keystore.attestation: it was made for another nonce")) {
		t.Errorf("exit status %d, %s", status, &complaint)
	}
}

func writeFile(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
