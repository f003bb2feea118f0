package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
)

func TestLoadCAPKs(t *testing.T) {
	production, err := os.ReadFile("../../crypto/capk/data/production.json")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	visa09 := func(s *capk.Set) bool { // Visa's live key of 1984 bits; the test list has none of this index
		k, ok := s.CAPK(capk.RID{0xA0, 0, 0, 0, 0x03}, 0x09)
		return ok && len(k.Modulus) == 248
	}
	file := write("acquirer.json", production)
	// A key with another RID: its checksum, which covers that, does not agree any more (Book 2, 11.2.2).
	broken := write("broken.json", bytes.Replace(production, []byte(`"rid": "A000000003"`), []byte(`"rid": "A000000099"`), 1))
	for _, c := range []struct {
		name  string
		list  []string
		code  string // of the error
		found bool   // Visa's key
		said  string
	}{
		{"none", nil, "", false, ""},
		{"file", []string{file}, "", true, ""},
		{"name", []string{capksProduction}, "", true, ""},
		{"test", []string{capksTest}, "", false, ""},
		{"the same twice", []string{file, capksProduction}, "", true, ""},
		{"changed key", []string{broken}, "", true, "left out: capk.checksum at keys["},
		{"no file", []string{filepath.Join(t.TempDir(), "none")}, "input.capk", false, ""},
		{"another form", []string{write("x", []byte(`{"format":"keys/9"}`))}, "input.capk", false, ""},
		{"too long", []string{write("y", bytes.Repeat([]byte(" "), maxCAPKFile+1))}, "input.capk", false, ""},
		{"folder", []string{t.TempDir()}, "input.capk", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var said bytes.Buffer
			set, err := loadCAPKs(c.list, &said)
			if kernel.CodeOf(err) != c.code || c.code == "" && err != nil {
				t.Fatalf("%v", err)
			}
			if visa09(set) != c.found || (set == nil) != (c.list == nil || c.code != "") {
				t.Errorf("%d keys", set.Len())
			}
			if !strings.Contains(said.String(), c.said) || c.said == "" && said.Len() > 0 {
				t.Errorf("said %q", said.String())
			}
		})
	}
}

// TestClashingCAPKs refuses two keys under one RID and index: which of them is right is not for emv to guess.
func TestClashingCAPKs(t *testing.T) {
	// Mastercard 05 is live with 176 bytes in one set and a test key with 128 bytes in the other (crypto/capk/README.md);
	// the latter is loaded, or not there any more if the lists are mended.
	production, err := capk.Production()
	if err != nil {
		t.Fatal(err)
	}
	test, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	clash := false
	for k := range production.All() {
		other, ok := test.CAPK(k.RID, k.Index)
		clash = clash || ok && !bytes.Equal(other.Modulus, k.Modulus)
	}
	if !clash {
		t.Fatal("the sets have no key in which they differ")
	}
	if _, err := loadCAPKs([]string{capksProduction, capksTest}, new(bytes.Buffer)); kernel.CodeOf(err) != "input.capk" || !strings.Contains(err.Error(), string(capk.CodeClash)) {
		t.Errorf("%v", err)
	}
}
