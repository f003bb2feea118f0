package pairing_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/crypto/keystore/memory"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

func record(id string, pin byte) pairing.Record {
	return pairing.Record{
		ID: id, Name: "Till " + id, Pin: [32]byte{pin}, Merchant: "acme", Location: "store-1", Country: "GB",
		Addresses: []string{"10.0.0.1:4443"}, ResumeKey: bytes.Repeat([]byte{0xC7}, 32), Paired: start(),
	}
}

func TestRecordsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pairs.json")
	r := must[*pairing.Records](t)(pairing.OpenRecords(path))
	for i, id := range []string{"a", "b", "c"} {
		if err := r.Put(record(id, byte(i+1))); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.SetDefault("b"); err != nil {
		t.Fatal(err)
	}
	if err := r.Delete("a"); err != nil {
		t.Fatal(err)
	}
	if err := r.SetAddresses("c", []string{"10.0.0.9:4443"}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, r.SetDefault("zz"), wire.CodeNoReader)
	again := must[*pairing.Records](t)(pairing.OpenRecords(path))
	if got, want := fmt.Sprint(again.All()), fmt.Sprint(r.All()); got != want {
		t.Errorf("read %s\nwant %s", got, want)
	}
	b, _ := again.ByID("b")
	c, ok := again.ByPin(pairing.Pin{3})
	if !b.Default || c.Default || !ok || c.ID != "c" || c.Addresses[0] != "10.0.0.9:4443" || !bytes.Equal(c.ResumeKey, record("", 0).ResumeKey) || !c.Paired.Equal(start()) {
		t.Errorf("read %v and %v", b, c)
	}
	if s, err := os.Stat(path); err != nil || s.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", s.Mode(), err)
	}
	// A device that comes back under another name is the same device; one that comes back with another key is replaced.
	if err := again.Put(record("new", 3)); err != nil {
		t.Fatal(err)
	}
	if err := again.Put(record("b", 9)); err != nil {
		t.Fatal(err)
	}
	if n := len(again.All()); n != 2 {
		t.Errorf("%d records", n)
	}
	if b, _ := again.ByID("b"); b.Pin != (pairing.Pin{9}) || !b.Default {
		t.Errorf("replaced: %v", b)
	}
}

func TestRecordsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pairs.json")
	r := must[*pairing.Records](t)(pairing.OpenRecords(path))
	if err := r.Put(record("a", 1)); err != nil {
		t.Fatal(err)
	}
	good := must[[]byte](t)(os.ReadFile(path))
	// A half-written new file beside the old one is what a crash leaves: the old one counts.
	if err := os.WriteFile(path+".new", good[:20], 0o600); err != nil {
		t.Fatal(err)
	}
	if r := must[*pairing.Records](t)(pairing.OpenRecords(path)); len(r.All()) != 1 {
		t.Error("the record is gone")
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := pairing.OpenRecords(path)
	wantCode(t, err, wire.CodeInternal)
	for name, text := range map[string]string{
		"empty": "", "cut": string(good[:len(good)/2]), "version": strings.Replace(string(good), `"version": 1`, `"version": 2`, 1),
		"key": strings.Replace(string(good), `"resume_key": "x`, `"resume_key": "`, 1), "member": strings.Replace(string(good), `"name"`, `"nom"`, 1),
	} {
		bad := filepath.Join(dir, name)
		if text == string(good) {
			t.Fatalf("%s is not changed", name)
		}
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := pairing.OpenRecords(bad)
		wantCode(t, err, wire.CodeInternal)
	}
	// What cannot be stored is not taken over.
	lost := must[*pairing.Records](t)(pairing.OpenRecords(filepath.Join(dir, "no", "such", "folder")))
	wantCode(t, lost.Put(record("a", 1)), wire.CodeInternal)
	if len(lost.All()) != 0 {
		t.Error("a record that is not on the disk")
	}
	full := pairing.NewRecords()
	for i := range 64 {
		if err := full.Put(record(fmt.Sprint(i), byte(i))); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, full.Put(record("more", 99)), wire.CodeTooLarge)
}

// Resume keys and secrets do not show, however a record is printed.
func TestMasked(t *testing.T) {
	r := record("a", 1)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "record", r, "secret", pairing.Secret{0xC7})
	code := pairing.Code{Secret: pairing.Secret{0xC7, 0xC7, 0xC7, 0xC7, 0xC7, 0xC7, 0xC7, 0xC7}}
	out := log.String() + fmt.Sprintf("%v %+v %#v %s %x %d", r, r, r, r.ResumeKey, r.ResumeKey, r.ResumeKey) +
		fmt.Sprintf("%v %+v %x %s %q", code, code, code.Secret, code.Secret, code.Secret) + string(must[[]byte](t)(json.Marshal(code)))
	for _, leak := range []string{"199 199", "c7c7", "C7C7", "c7, 0xc7", "x8fHx8", "\xC7"} {
		if strings.Contains(out, leak) {
			t.Errorf("%q shows in %s", leak, out)
		}
	}
}

// The key stays the same as long as the store has it, and the certificate of it serves TLS.
func TestDeviceKey(t *testing.T) {
	store := memory.New(memory.Options{})
	one := must[crypto.Signer](t)(pairing.DeviceKey(store, "device"))
	two := must[crypto.Signer](t)(pairing.DeviceKey(store, "device"))
	if !one.Public().(*ecdsa.PublicKey).Equal(two.Public()) {
		t.Error("the key was made twice")
	}
	r := newRig(t, false)
	id := pairing.Identity{Merchant: "acme", Location: "store-1", Kind: pairing.Terminal, ID: r.tid.String()}
	r.config.Cert = must[tls.Certificate](t)(pairing.SelfSigned(one, id, rand.Reader, start()))
	s := r.run()
	if _, err := pairing.Join(context.Background(), &r.till, s.code()); err != nil {
		t.Error(err)
	}
}

func TestVerify(t *testing.T) {
	r := newRig(t, true)
	pool := r.config.Policy.Roots
	check := func(c tls.Certificate, at time.Time) (pairing.Identity, error) {
		var between []*x509.Certificate
		for _, der := range c.Certificate[1:] {
			between = append(between, must[*x509.Certificate](t)(x509.ParseCertificate(der)))
		}
		return pairing.Verify(c.Leaf, between, pool, at)
	}
	id, err := check(r.till.Cert, start())
	if err != nil || id.String() != "cardwright://acme/store-1/pos/till-7" {
		t.Errorf("%v, %v", id, err)
	}
	_, err = check(r.till.Cert, start().Add(90*24*time.Hour+time.Second))
	wantCode(t, err, wire.CodeCertExpired)
	// The location's authority certifies a device of its neighbour, of another merchant, or stands in for the root.
	for _, i := range []pairing.Identity{
		{Merchant: "acme", Location: "store-2", Kind: pairing.Till, ID: "till-7"},
		{Merchant: "ajax", Location: "store-1", Kind: pairing.Till, ID: "till-7"},
	} {
		_, err = check(must[tls.Certificate](t)(r.location.Device(key(t), i, rand.Reader, start())), start())
		wantCode(t, err, wire.CodeChain)
	}
	direct := must[tls.Certificate](t)(r.root.Device(key(t), id, rand.Reader, start()))
	_, err = check(direct, start())
	wantCode(t, err, wire.CodeChain)
	// A device is no authority.
	device := &pairing.Authority{Cert: r.till.Cert.Leaf, Key: r.till.Cert.PrivateKey.(crypto.Signer)}
	forged := must[tls.Certificate](t)(device.Device(key(t), id, rand.Reader, start()))
	forged.Certificate = append(forged.Certificate, r.till.Cert.Certificate...)
	_, err = check(forged, start())
	wantCode(t, err, wire.CodeChain)
}

func TestNeighbours(t *testing.T) {
	same := pairing.Neighbours(func() []netip.Prefix {
		return []netip.Prefix{netip.MustParsePrefix("192.168.1.20/24"), netip.MustParsePrefix("2001:db8:1::20/64")}
	})
	for _, c := range []struct {
		remote, networks string
		want             bool
	}{
		{"192.168.1.7", "192.168.1.0/24", true},
		{"192.168.1.7", "", true}, // a platform that tells no networks
		{"::ffff:192.168.1.7", "192.168.1.0/24", true},
		{"192.168.1.7", "10.0.0.0/8", false}, // behind a router that hides it
		{"192.168.2.7", "192.168.2.0/24", false},
		{"2001:db8:1::7", "2001:db8:1::/64", true},
		{"2001:db8:2::7", "2001:db8:2::/64", false},
		{"fe80::7%eth0", "192.168.1.0/24", true}, // it was found by DNS-SD
		{"169.254.1.7", "169.254.0.0/16", false},
		{"127.0.0.1", "10.0.0.0/8", true},
	} {
		var networks []string
		if c.networks != "" {
			networks = []string{c.networks}
		}
		if got := same(netip.MustParseAddr(c.remote), networks); got != c.want {
			t.Errorf("%s of %s: %v", c.remote, c.networks, got)
		}
	}
}
