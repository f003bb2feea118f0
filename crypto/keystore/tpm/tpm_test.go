//go:build !windows

package tpm_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport/linuxudstpm"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/keystoretest"
	"github.com/cardwright/emv/crypto/keystore/tpm"
)

func create(t testing.TB, dir string, o tpm.Options) *tpm.Store {
	t.Helper()
	s, err := tpm.Create(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func open(t testing.TB, dir string, o tpm.Options) *tpm.Store {
	t.Helper()
	s, err := tpm.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestProvider(t *testing.T) {
	chip := keystoretest.StartSWTPM(t)
	keystoretest.Suite{Hardware: true, Durable: true, Counter: true, New: func(t testing.TB) keystoretest.Open {
		dir := t.TempDir() + "/keys"
		s := create(t, dir, tpm.Options{Path: chip.Path})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return func() keystore.Provider { return open(t, dir, tpm.Options{Path: chip.Path}) }
	}}.Test(t)
}

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

func signing() keyblock.Header {
	return keyblock.Header{
		Usage: keyblock.UsageSignature, Algorithm: keyblock.AlgorithmEC, Mode: keyblock.ModeSign,
		Exportability: keyblock.NonExportable,
	}
}

// copyFolder copies a store's folder as a thief or a backup does.
func copyFolder(t testing.TB, from, to string) {
	t.Helper()
	ok(t, os.CopyFS(to, os.DirFS(from)))
	ok(t, os.Chmod(to, 0o700))
	entries, err := os.ReadDir(to)
	ok(t, err)
	for _, e := range entries {
		ok(t, os.Chmod(filepath.Join(to, e.Name()), 0o600))
	}
}

// putBack replaces a store's folder by a copy.
func putBack(t testing.TB, from, to string) {
	t.Helper()
	ok(t, os.RemoveAll(to))
	copyFolder(t, from, to)
}

// TestPowerLoss: everything is there after the TPM lost its power.
func TestPowerLoss(t *testing.T) {
	chip := keystoretest.StartSWTPM(t)
	dir := filepath.Join(t.TempDir(), "keys")
	s := create(t, dir, tpm.Options{Path: chip.Path})
	_, err := s.Generate("device", signing(), 256)
	ok(t, err)
	_, err = s.Seal("secret", []byte("sealed to the TPM"))
	ok(t, err)
	keystoretest.ImportDUKPT(t, s)
	before, err := s.Signer("device")
	ok(t, err)
	keystoretest.NextDUKPT(t, s)

	for range 2 {
		chip.Restart()
		s = open(t, dir, tpm.Options{Path: chip.Path})
		after, err := s.Signer("device")
		ok(t, err)
		if !before.Public().(*ecdsa.PublicKey).Equal(after.Public()) {
			t.Error("another key")
		}
		keystoretest.Handshake(t, after)
		var got keystore.Secret
		ok(t, s.Unseal(&got, "secret"))
		if string(got.Bytes()) != "sealed to the TPM" {
			t.Error("another secret")
		}
		keystoretest.NextDUKPT(t, s)
	}
}

// TestOldStatePutBack: the folder is copied, DUKPT goes on, the copy is put back.
func TestOldStatePutBack(t *testing.T) {
	chip := keystoretest.StartSWTPM(t)
	dir, old := filepath.Join(t.TempDir(), "keys"), filepath.Join(t.TempDir(), "old")
	s := create(t, dir, tpm.Options{Path: chip.Path})
	keystoretest.ImportDUKPT(t, s)
	_, err := s.Seal("secret", []byte("not counted"))
	ok(t, err)
	keystoretest.NextDUKPT(t, s)
	copyFolder(t, dir, old)
	ok(t, s.Close())

	// The copy works as long as nothing went on.
	putBack(t, old, dir)
	s = open(t, dir, tpm.Options{Path: chip.Path})
	keystoretest.NextDUKPT(t, s)
	ok(t, s.Close())

	refused := func(when string) {
		t.Helper()
		putBack(t, old, dir)
		s = open(t, dir, tpm.Options{Path: chip.Path})
		var tdes dukpt.TDESTransaction
		var aes dukpt.AESTransaction
		want(t, when, s.NextTDES(&tdes, "dukpt-tdes"), keystore.CodeRolledBack)
		want(t, when, s.NextAES(&aes, "dukpt-aes"), keystore.CodeRolledBack)
		if tdes != (dukpt.TDESTransaction{}) || aes != (dukpt.AESTransaction{}) {
			t.Error("a refusal gave a key")
		}
		var got keystore.Secret
		ok(t, s.Unseal(&got, "secret"))
		ok(t, s.Close())
	}
	refused("one step later")
	chip.Restart()
	refused("after a restart")

	s = open(t, dir, tpm.Options{Path: chip.Path})
	ok(t, s.Delete("dukpt-tdes"))
	ok(t, s.Delete("dukpt-aes"))
	ok(t, s.Close())
	refused("deleted keys")
	s = open(t, dir, tpm.Options{Path: chip.Path})
	ok(t, s.Delete("dukpt-tdes")) // also where the counter is gone
	ok(t, s.Close())
}

func TestOtherTPM(t *testing.T) {
	chip, other := keystoretest.StartSWTPM(t), keystoretest.StartSWTPM(t)
	dir := filepath.Join(t.TempDir(), "keys")
	s := create(t, dir, tpm.Options{Path: chip.Path})
	_, err := s.Seal("secret", []byte("sealed"))
	ok(t, err)
	_, err = tpm.Open(dir, tpm.Options{Path: other.Path})
	want(t, "a TPM that knows nothing", err, keystore.CodeOtherTPM)

	// The other TPM has a store too; records are carried from one to the other.
	dir2 := filepath.Join(t.TempDir(), "keys")
	s2 := create(t, dir2, tpm.Options{Path: other.Path})
	_, err = tpm.Open(dir, tpm.Options{Path: other.Path})
	want(t, "another TPM", err, keystore.CodeOtherTPM)
	record, err := os.ReadFile(filepath.Join(dir, "secret.key"))
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(dir2, "secret.key"), record, 0o600))
	var got keystore.Secret
	want(t, "a record of another TPM", s2.Unseal(&got, "secret"), keystore.CodeTampered)
	// And between two stores of one TPM.
	dir3 := filepath.Join(t.TempDir(), "keys")
	s3 := create(t, dir3, tpm.Options{Path: chip.Path})
	ok(t, os.WriteFile(filepath.Join(dir3, "secret.key"), record, 0o600))
	want(t, "a record of another store", s3.Unseal(&got, "secret"), keystore.CodeTampered)
	if len(got.Bytes()) != 0 {
		t.Error("a refusal gave a secret")
	}
}

// TestWipedForGood: what was copied before the store was wiped opens nothing.
func TestWipedForGood(t *testing.T) {
	chip := keystoretest.StartSWTPM(t)
	dir, old := filepath.Join(t.TempDir(), "keys"), filepath.Join(t.TempDir(), "old")
	s := create(t, dir, tpm.Options{Path: chip.Path})
	_, err := s.Generate("device", signing(), 256)
	ok(t, err)
	keystoretest.ImportDUKPT(t, s)
	copyFolder(t, dir, old)
	ok(t, s.Wipe())
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	_, err = tpm.Open(old, tpm.Options{Path: chip.Path})
	want(t, "a copy", err, keystore.CodeWiped)

	// The TPM has room again: nothing of the store is left in it.
	for range 3 {
		s := create(t, dir, tpm.Options{Path: chip.Path})
		keystoretest.ImportDUKPT(t, s)
		ok(t, s.Wipe())
	}
}

func TestPCRs(t *testing.T) {
	chip := keystoretest.StartSWTPM(t)
	dir := filepath.Join(t.TempDir(), "keys")
	s := create(t, dir, tpm.Options{Path: chip.Path, PCRs: []uint{16, 23, 0, 1, 2, 3, 4, 5, 6, 7}})
	_, err := s.Seal("secret", []byte("sealed to this state"))
	ok(t, err)
	_, err = s.Generate("device", signing(), 256)
	ok(t, err)
	var got keystore.Secret
	ok(t, s.Unseal(&got, "secret"))

	extend(t, chip.Path, 16)
	got.Wipe()
	want(t, "another state", s.Unseal(&got, "secret"), keystore.CodePolicy)
	_, err = s.Signer("device")
	want(t, "another state", err, keystore.CodePolicy)
	_, err = s.Seal("later", []byte("sealed to the later state"))
	ok(t, err)
	ok(t, s.Unseal(&got, "later"))

	chip.Restart() // PCRs are as they were
	s = open(t, dir, tpm.Options{Path: chip.Path})
	ok(t, s.Unseal(&got, "secret"))
	want(t, "another state", s.Unseal(&got, "later"), keystore.CodePolicy)

	_, err = tpm.Create(filepath.Join(t.TempDir(), "keys"), tpm.Options{Path: chip.Path, PCRs: []uint{24}})
	want(t, "PCR 24", err, keystore.CodeLength)
}

// extend changes a PCR, as firmware that measures something does.
func extend(t testing.TB, path string, pcr uint32) {
	t.Helper()
	c, err := linuxudstpm.Open(path)
	ok(t, err)
	defer c.Close()
	_, err = tpm2.PCRExtend{
		PCRHandle: tpm2.AuthHandle{Handle: tpm2.TPMHandle(pcr), Auth: tpm2.PasswordAuth(nil)},
		Digests: tpm2.TPMLDigestValues{Digests: []tpm2.TPMTHA{
			{HashAlg: tpm2.TPMAlgSHA256, Digest: bytes.Repeat([]byte{0xAA}, 32)},
		}},
	}.Execute(c)
	ok(t, err)
}

func TestRefusals(t *testing.T) {
	chip := keystoretest.StartSWTPM(t)
	dir := filepath.Join(t.TempDir(), "keys")
	_, err := tpm.Open(dir, tpm.Options{Path: chip.Path})
	want(t, "no store", err, keystore.CodeNoStore)
	_, err = tpm.Create(dir, tpm.Options{Path: filepath.Join(t.TempDir(), "none")})
	want(t, "no TPM", err, keystore.CodeNoTPM)
	want(t, "no TPM", tpm.Probe(filepath.Join(t.TempDir(), "none")), keystore.CodeNoTPM)
	file := filepath.Join(t.TempDir(), "file")
	ok(t, os.WriteFile(file, nil, 0o600))
	want(t, "a file", tpm.Probe(file), keystore.CodeNoTPM)
	ok(t, tpm.Probe(chip.Path))
	_, err = tpm.Create(dir, tpm.Options{Path: chip.Path, OwnerAuth: []byte{1, 0, 2}})
	want(t, "a zero byte", err, keystore.CodeUnsupported)
	_, err = tpm.Create(dir, tpm.Options{Path: chip.Path, OwnerAuth: []byte("wrong")})
	if err == nil {
		t.Error("a wrong owner authorization was taken")
	}
	s := create(t, dir, tpm.Options{Path: chip.Path})
	_, err = tpm.Create(dir, tpm.Options{Path: chip.Path})
	want(t, "again", err, keystore.CodeExists)
	ok(t, s.Close())
	store := filepath.Join(dir, "store.json")
	good, err := os.ReadFile(store)
	ok(t, err)
	for _, bad := range []string{
		"", "{}", "null", `{"provider":"file"}`, strings.Replace(string(good), "/1 tpm", "/2 tpm", 1),
		strings.Replace(string(good), `"id":"`, `"id":"AAAA`, 1),
	} {
		ok(t, os.WriteFile(store, []byte(bad), 0o600))
		_, err := tpm.Open(dir, tpm.Options{Path: chip.Path})
		var e *keystore.Error
		if !errors.As(err, &e) || e.Code != keystore.CodeTampered && e.Code != keystore.CodeUnsupported {
			t.Errorf("%s: %v", bad, err)
		}
	}
	ok(t, os.WriteFile(store, good, 0o644))
	ok(t, os.Chmod(store, 0o644))
	_, err = tpm.Open(dir, tpm.Options{Path: chip.Path})
	want(t, "a readable file", err, keystore.CodePermission)
	ok(t, os.Chmod(store, 0o600))
	s = open(t, dir, tpm.Options{Path: chip.Path})
	chip.Stop()
	_, err = s.Seal("x", []byte{1})
	want(t, "a TPM that is gone", err, keystore.CodeTPM)
}

func BenchmarkNextAES(b *testing.B) {
	chip := keystoretest.StartSWTPM(b)
	s := create(b, filepath.Join(b.TempDir(), "keys"), tpm.Options{Path: chip.Path})
	keystoretest.ImportDUKPT(b, s)
	var dst dukpt.AESTransaction
	for b.Loop() {
		ok(b, s.NextAES(&dst, "dukpt-aes"))
	}
}

func BenchmarkSign(b *testing.B) {
	chip := keystoretest.StartSWTPM(b)
	s := create(b, filepath.Join(b.TempDir(), "keys"), tpm.Options{Path: chip.Path})
	_, err := s.Generate("device", signing(), 256)
	ok(b, err)
	signer, err := s.Signer("device")
	ok(b, err)
	digest := make([]byte, 32)
	for b.Loop() {
		_, err := signer.Sign(nil, digest, crypto.SHA256)
		ok(b, err)
	}
}
