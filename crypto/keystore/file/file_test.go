package file_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/file"
	"github.com/cardwright/emv/crypto/keystore/keystoretest"
)

// cheap is a passphrase that costs little.
var cheap = file.Options{Time: 1, MemoryKiB: 64}

const passphrase = "correct horse battery staple"

func TestProvider(t *testing.T) {
	keystoretest.Suite{Durable: true, New: func(t testing.TB) keystoretest.Open {
		dir := t.TempDir() + "/keys"
		s, err := file.Create(dir, []byte(passphrase), cheap)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return func() keystore.Provider {
			s, err := file.Open(dir, []byte(passphrase), cheap)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
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

func TestPassphrase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	_, err := file.Open(dir, []byte(passphrase), cheap)
	want(t, "no store", err, keystore.CodeNoStore)
	_, err = file.Create(dir, []byte("short"), cheap)
	want(t, "a short one", err, keystore.CodePassphrase)
	_, err = file.Create(dir, []byte(passphrase), file.Options{Time: 1000})
	want(t, "a cost out of bounds", err, keystore.CodeLength)
	s, err := file.Create(dir, []byte(passphrase), cheap)
	ok(t, err)
	ok(t, s.Close())
	_, err = file.Create(dir, []byte(passphrase), cheap)
	want(t, "again", err, keystore.CodeExists)
	for _, wrong := range []string{"", "correct horse battery stapl", "correct horse battery staple\n"} {
		_, err := file.Open(dir, []byte(wrong), cheap)
		want(t, "another one", err, keystore.CodePassphrase)
		if err != nil && wrong != "" && strings.Contains(err.Error(), strings.TrimSpace(wrong)) {
			t.Error("the error carries the passphrase")
		}
	}
	store := filepath.Join(dir, "store.json")
	good, err := os.ReadFile(store)
	ok(t, err)
	if strings.Contains(string(good), "horse") {
		t.Error("the passphrase is in the file")
	}
	for _, c := range []struct {
		from, to string
		code     keystore.Code
	}{
		{`"file"`, `"tpm"`, keystore.CodeUnsupported},
		{`"time":1`, `"time":2`, keystore.CodePassphrase},
		{`"time":1`, `"time":0`, keystore.CodeTampered},
		{`"memory_kib":64`, `"memory_kib":4000000000`, keystore.CodeTampered},
		{`"threads":4`, `"threads":255`, keystore.CodeTampered},
		{`argon2id`, `argon2i`, keystore.CodeTampered},
		{`{`, `[`, keystore.CodeTampered},
	} {
		ok(t, os.WriteFile(store, []byte(strings.Replace(string(good), c.from, c.to, 1)), 0o600))
		_, err := file.Open(dir, []byte(passphrase), cheap)
		want(t, c.to, err, c.code)
	}
}

// TestModes: nobody else may read or write, and a store that others may is refused.
func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	s, err := file.Create(dir, []byte(passphrase), cheap)
	ok(t, err)
	_, err = s.Seal("secret", []byte("sealed"))
	ok(t, err)
	info, err := os.Stat(dir)
	ok(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %s", info.Mode())
	}
	entries, err := os.ReadDir(dir)
	ok(t, err)
	for _, e := range entries {
		info, err := e.Info()
		ok(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s", e.Name(), info.Mode())
		}
	}
	record := filepath.Join(dir, "secret.key")
	var got keystore.Secret
	ok(t, os.Chmod(record, 0o640))
	want(t, "a readable record", s.Unseal(&got, "secret"), keystore.CodePermission)
	ok(t, os.Chmod(record, 0o600))
	ok(t, os.Chmod(dir, 0o750))
	_, err = file.Open(dir, []byte(passphrase), cheap)
	want(t, "a readable folder", err, keystore.CodePermission)
	open := filepath.Join(t.TempDir(), "open")
	ok(t, os.Mkdir(open, 0o755))
	_, err = file.Create(open, []byte(passphrase), cheap)
	want(t, "a folder that was there", err, keystore.CodePermission)
}

// TestTornWrite: what a crash leaves of a write is not read, and does not stand in the way.
func TestTornWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	s, err := file.Create(dir, []byte(passphrase), cheap)
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(dir, "secret.key.new"), []byte("half a rec"), 0o644))
	infos, err := s.List()
	if err != nil || len(infos) != 0 {
		t.Errorf("%+v, %v", infos, err)
	}
	_, err = s.Seal("secret", []byte("sealed"))
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(dir, "other.key.new"), []byte("half a rec"), 0o600))
	ok(t, os.WriteFile(filepath.Join(dir, "long.key"), make([]byte, 100<<10), 0o600))
	infos, err = s.List()
	ok(t, err)
	if len(infos) != 2 || infos[0].Fault == nil || infos[1].Fault != nil {
		t.Errorf("%+v", infos)
	}
	ok(t, s.Wipe())
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// TestTwoProcesses: two stores on one folder take turns, and no DUKPT transaction comes twice.
func TestTwoProcesses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	one, err := file.Create(dir, []byte(passphrase), cheap)
	ok(t, err)
	keystoretest.ImportDUKPT(t, one)
	two, err := file.Open(dir, []byte(passphrase), cheap)
	ok(t, err)
	seen := map[dukpt.AESKSN]bool{}
	var mu sync.Mutex
	var group sync.WaitGroup
	for _, s := range []*file.Store{one, two, one, two} {
		group.Go(func() {
			for range 10 {
				var dst dukpt.AESTransaction
				err := s.NextAES(&dst, "dukpt-aes")
				mu.Lock()
				if err != nil || seen[dst.KSN] {
					t.Errorf("%s again, or %v", dst.KSN, err)
				}
				seen[dst.KSN] = true
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(seen) != 40 {
		t.Errorf("%d transactions", len(seen))
	}
}

func BenchmarkNextAES(b *testing.B) {
	s, err := file.Create(filepath.Join(b.TempDir(), "keys"), []byte(passphrase), cheap)
	ok(b, err)
	keystoretest.ImportDUKPT(b, s)
	var dst dukpt.AESTransaction
	for b.Loop() {
		ok(b, s.NextAES(&dst, "dukpt-aes"))
	}
}

func BenchmarkOpen(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "keys")
	_, err := file.Create(dir, []byte(passphrase), file.Options{})
	ok(b, err)
	for b.Loop() {
		s, err := file.Open(dir, []byte(passphrase), file.Options{})
		ok(b, err)
		ok(b, s.Close())
	}
}
