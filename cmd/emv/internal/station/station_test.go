package station_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/setup"
	"github.com/cardwright/emv/cmd/emv/internal/station"
	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/file"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// anywhere is a setup whose ports are free ones.
func anywhere(t *testing.T, state string) setup.Setup {
	t.Helper()
	p, err := profile.Builtin("US")
	if err != nil {
		t.Fatal(err)
	}
	const free = "127.0.0.1:0"
	return setup.Setup{Profile: p, State: state, Ports: setup.Ports{Session: free, Plain: free, Pairing: free, Presence: free, Counter: free}}
}

// run opens a station, runs it until use has returned, and closes it.
func run(t *testing.T, o station.Options, use func(*station.Station, terminal.Addresses)) {
	t.Helper()
	s, err := station.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan terminal.Addresses, 1), make(chan error, 1)
	go func() { ended <- s.Run(ctx, func(at terminal.Addresses) { ready <- at }) }()
	select {
	case at := <-ready:
		use(s, at)
	case err := <-ended:
		t.Fatalf("it did not start: %v", err)
	}
	cancel()
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func TestItIsTheSameAfterAStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	var id, location string
	for range 2 {
		run(t, station.Options{Setup: anywhere(t, dir)}, func(s *station.Station, _ terminal.Addresses) {
			_, at := s.Terminal.Location()
			if id != "" && (s.Terminal.ID() != id || at != location) {
				t.Error("another terminal")
			}
			id, location = s.Terminal.ID(), at
		})
	}
	if runtime.GOOS == "windows" {
		return
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		i, err := e.Info()
		if err == nil && i.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", path, i.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNothingListensAfterwards(t *testing.T) {
	var where []string
	run(t, station.Options{Setup: anywhere(t, filepath.Join(t.TempDir(), "s"))}, func(s *station.Station, at terminal.Addresses) {
		where = []string{at.Session.String(), at.Plain.String(), strings.TrimSuffix(strings.TrimPrefix(s.CounterURL(), "http://"), "/")}
		for _, url := range []string{at.Display, s.CounterURL(), s.CounterURL() + "state"} {
			r, err := http.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			_ = r.Body.Close()
			if r.StatusCode != http.StatusOK {
				t.Errorf("%s: %s", url, r.Status)
			}
		}
	})
	for _, a := range where {
		if c, err := net.DialTimeout("tcp", a, time.Second); err == nil {
			t.Errorf("%s still listens", a)
			_ = c.Close()
		}
	}
}

func TestTakenPortsAreNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, at := range map[string]func(*setup.Ports) *string{
		"session": func(p *setup.Ports) *string { return &p.Session },
		"plain":   func(p *setup.Ports) *string { return &p.Plain },
		"counter": func(p *setup.Ports) *string { return &p.Counter },
	} {
		o := station.Options{Setup: anywhere(t, filepath.Join(t.TempDir(), "s"))}
		*at(&o.Setup.Ports) = l.Addr().String()
		s, err := station.Open(t.Context(), o)
		if err == nil {
			err = s.Run(t.Context(), nil)
			if e := s.Close(); e != nil {
				t.Error(e)
			}
		}
		var e *terminal.Error
		if !errors.As(err, &e) || e.Code != terminal.CodePort || !strings.HasPrefix(e.Field, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOneTerminalAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	run(t, station.Options{Setup: anywhere(t, dir)}, func(*station.Station, terminal.Addresses) {
		s, err := station.Open(t.Context(), station.Options{Setup: anywhere(t, dir)})
		if err == nil {
			_ = s.Close()
			if runtime.GOOS != "windows" {
				t.Error("two terminals keep one journal")
			}
		}
	})
}

// realKeys makes a store with the DUKPT key of a host.
func realKeys(t *testing.T, dir string, passphrase []byte) {
	t.Helper()
	store, err := file.Create(dir, passphrase, file.Options{Time: 1, MemoryKiB: 1 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	kek := []byte("0123456789ABCDEF")
	header := keyblock.Header{
		Usage: keyblock.UsageKBPK, Algorithm: keyblock.AlgorithmAES, Mode: keyblock.ModeDecrypt,
		KeyVersion: keyblock.NoKeyVersion, Exportability: keyblock.NonExportable,
	}
	if _, err := store.Compose("kek", header, kek, make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	block, err := iso.TestKeyBlock(kek, iso.TestInitialKeyID(77))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Import("dukpt", "kek", block); err != nil {
		t.Fatal(err)
	}
}

// TestRealParts has a host beside the process, keys in a store that was there, and a reader that a driver opened.
func TestRealParts(t *testing.T) {
	bank, err := iso.New(iso.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- bank.Serve(ctx, l) }()
	defer func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	keys, passphrase := filepath.Join(t.TempDir(), "keys"), filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(passphrase, []byte("correct horse battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	realKeys(t, keys, []byte("correct horse battery"))
	o := station.Options{
		Setup: anywhere(t, filepath.Join(t.TempDir(), "s")),
		Open: func(_ context.Context, name string) (driver.Reader, error) {
			if name != "front" {
				return nil, driver.ErrNotFound
			}
			return simulated.New(simulated.Config{}), nil
		},
	}
	o.Setup.Readers = []string{"front"}
	o.Setup.Keystore = &setup.Keystore{Provider: "file", Dir: keys, Passphrase: passphrase}
	o.Setup.Host = &setup.Host{Address: l.Addr().String(), Terminal: "T0000001", Merchant: "M00000000000001", Key: "dukpt"}
	run(t, o, func(s *station.Station, _ terminal.Addresses) {
		if s.Counter != nil || s.CounterURL() != "" || s.Pad != nil || s.Bank != nil {
			t.Error("something is simulated")
		}
		for end := time.Now().Add(10 * time.Second); s.Terminal.Status().State != "ready"; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("the host has not answered: %+v", s.Terminal.Status())
			}
		}
	})

	o.Setup.Host.Key = "other"
	_, err = station.Open(t.Context(), o)
	if kernel.CodeOf(err) != string(keystore.CodeNotFound) {
		t.Errorf("without the key: %v", err)
	}
	o.Setup.Host.Key, o.Setup.Readers = "dukpt", []string{"back"}
	if _, err = station.Open(t.Context(), o); !errors.Is(err, driver.ErrNotFound) {
		t.Errorf("without the reader: %v", err)
	}
	if err := os.WriteFile(passphrase, []byte("another passphrase"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = station.Open(t.Context(), o); kernel.CodeOf(err) != string(keystore.CodePassphrase) {
		t.Errorf("with another passphrase: %v", err)
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(passphrase, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err = station.Open(t.Context(), o); kernel.CodeOf(err) != string(keystore.CodePermission) {
			t.Errorf("with a passphrase that others can read: %v", err)
		}
	}
}

func TestBrandsOfTheCountry(t *testing.T) {
	o := station.Options{Setup: anywhere(t, filepath.Join(t.TempDir(), "s"))}
	o.Setup.Appearance.Brands = []string{"interac"}
	if _, err := station.Open(t.Context(), o); kernel.CodeOf(err) != setup.CodeValue {
		t.Errorf("a brand that the country does not take: %v", err)
	}
}
