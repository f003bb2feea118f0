// Package keystoretest holds keystores to the contract of keystore.Provider, and starts the TPM emulator that tests run
// against.
package keystoretest

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
)

// Open opens the store under test, the same one every time. A store that does not outlive Close returns itself.
type Open func() keystore.Provider

// Suite is what a provider is tested with.
type Suite struct {
	New      func(t testing.TB) Open // a new, empty store
	Hardware bool                    // what Hardware is to say
	Durable  bool                    // keys outlive Close
	Counter  bool                    // DUKPT states are counted
}

// Test runs the suite.
func (s Suite) Test(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, keystore.Provider)
	}{
		{"labels", testLabels},
		{"key pairs", testKeyPairs},
		{"TLS 1.3", testTLS},
		{"headers", testHeaders},
		{"components", testComponents},
		{"import", testImport},
		{"unwrap", testUnwrap},
		{"encipher", testEncipher},
		{"MAC", testMAC},
		{"secrets", testSecrets},
		{"DUKPT", testDUKPT},
		{"wipe", testWipe},
		{"errors carry nothing", testErrors},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := s.New(t)()
			defer p.Close()
			if p.Hardware() != s.Hardware {
				t.Errorf("Hardware is %v", p.Hardware())
			}
			c.run(t, p)
		})
	}
	if s.Durable {
		t.Run("reopen", func(t *testing.T) { testReopen(t, s.New(t)) })
	}
	t.Run("counter", func(t *testing.T) {
		p := s.New(t)()
		defer p.Close()
		ImportDUKPT(t, p)
		for _, i := range list(t, p) {
			if i.Kind == keystore.KindDUKPT && i.Counter != s.Counter {
				t.Errorf("%s: Counter is %v", i.Label, i.Counter)
			}
		}
	})
}

// want fails unless err is an Error of the keystore with that code.
func want(t testing.TB, what string, err error, code keystore.Code) {
	t.Helper()
	if !errors.Is(err, &keystore.Error{Code: code}) {
		t.Errorf("%s: %v; want %s", what, err, code)
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func list(t testing.TB, p keystore.Provider) []keystore.Info {
	t.Helper()
	infos, err := p.List()
	ok(t, err)
	for _, i := range infos {
		if i.Fault != nil {
			t.Errorf("%s: %v", i.Label, i.Fault)
		}
	}
	return infos
}

func find(t testing.TB, p keystore.Provider, label string) keystore.Info {
	t.Helper()
	for _, i := range list(t, p) {
		if i.Label == label {
			return i
		}
	}
	t.Fatalf("%s is not in the list", label)
	return keystore.Info{}
}

// header writes a header as key blocks do: P0AEN is usage, algorithm, mode and exportability.
func header(s string) keyblock.Header {
	return keyblock.Header{
		Usage: keyblock.Usage(s[:2]), Algorithm: keyblock.Algorithm(s[2:3]), Mode: keyblock.Mode(s[3:4]),
		KeyVersion: keyblock.NoKeyVersion, Exportability: keyblock.Exportability(s[4:5]), Context: keyblock.ContextNone,
	}
}

// The protecting keys that the tests know, by label, with their components.
var (
	kekAES  = unhex("88E1AB2A2E3DD38C1FA039A536500CC8 A87AB9D62DC92C01058FA79F44657DE6")
	kekTDES = unhex("89E88CF7931444F3 34BD7547FC3F380C")
)

// compose brings a known key in, by two components.
func compose(t testing.TB, p keystore.Provider, label, h string, key []byte) {
	t.Helper()
	one := make([]byte, len(key))
	_, _ = rand.Read(one)
	two := make([]byte, len(key))
	for i := range two {
		two[i] = one[i] ^ key[i]
		if header(h).Algorithm == keyblock.AlgorithmTDES { // which ignores the bit that makes parity odd
			one[i] ^= byte(1 - bits.OnesCount8(one[i])%2)
			two[i] ^= byte(1 - bits.OnesCount8(two[i])%2)
		}
	}
	_, err := p.Compose(label, header(h), one, two)
	ok(t, err)
}

// wrap makes a key block of version D under kekAES.
func wrap(t testing.TB, h string, key []byte, blocks ...keyblock.OptionalBlock) []byte {
	t.Helper()
	return wrapUnder(t, keyblock.VersionD, kekAES, h, key, blocks...)
}

func wrapUnder(t testing.TB, v keyblock.Version, kek []byte, h string, key []byte, blocks ...keyblock.OptionalBlock) []byte {
	t.Helper()
	of := header(h)
	of.Version, of.Blocks = v, blocks
	b, err := keyblock.Wrap(nil, rand.Reader, kek, &of, key, keyblock.Options{Permit: keyblock.PermitWeakKBPK})
	ok(t, err)
	return b
}

// testErrors plants secrets and searches every refusal for them.
func testErrors(t *testing.T, p keystore.Provider) {
	secrets := [][]byte{
		kekAES, kekTDES, unhex("A1A2A3A4A5A6A7A8A9AAABACADAEAFB0"), []byte("planted-secret-of-the-store"),
	}
	compose(t, p, "kek", "K1ADN", kekAES)
	compose(t, p, "kek-3des", "K1TDN", kekTDES)
	_, err := p.Seal("secret", secrets[3])
	ok(t, err)
	var said strings.Builder
	note := func(err error) {
		if err == nil {
			t.Error("something that was to be refused was not")
		}
		fmt.Fprintf(&said, "%v %+v %#v %q\n", err, err, err, err)
	}
	refuse := func(_ any, err error) { note(err) }
	block := wrap(t, "P0AEN", secrets[2])
	refuse(p.Seal("secret", secrets[3]))
	refuse(p.Seal("long", bytes.Repeat(secrets[3], 200)))
	refuse(p.Compose("kek", header("K1ADN"), secrets[0], secrets[0]))
	refuse(p.Compose("one", header("K1ADN"), secrets[0]))
	refuse(p.Compose("short", header("K1ADN"), secrets[0][:31], secrets[0][:31]))
	refuse(p.Import("x", "kek-3des", block))
	refuse(p.Import("x", "kek", block[:40]))
	refuse(p.Import("x", "kek", append(bytes.Clone(block[:len(block)-1]), 'Z')))
	refuse(p.Import("x", "secret", block))
	_, _, err = p.Unwrap("kek", block, keystore.Use{Usage: keyblock.UsagePIN, Operation: keyblock.OpEncrypt})
	note(err)
	_, _, err = p.Unwrap("kek", block, keystore.Use{Usage: keyblock.UsageData, Operation: keyblock.OpEncrypt})
	note(err)
	refuse(p.Encrypt(nil, "kek", keyblock.UsageData, nil, secrets[3]))
	refuse(p.MAC(nil, "kek", keyblock.OpGenerate, secrets[3]))
	refuse(p.Signer("kek"))
	for _, info := range list(t, p) {
		fmt.Fprintf(&said, "%+v\n", info)
	}
	text := strings.ToUpper(said.String())
	for _, s := range secrets {
		for _, form := range []string{
			string(s), hex.EncodeToString(s[:6]), strings.Trim(fmt.Sprintf("%d", s[:4]), "[]"), fmt.Sprintf("% x", s[:4]),
		} {
			if strings.Contains(text, strings.ToUpper(form)) {
				t.Errorf("%q shows in what was said", form)
			}
		}
	}
}
