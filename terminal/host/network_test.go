package host_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore/memory"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

func TestNetwork(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{Timeout: soon})
	for _, f := range []func(context.Context, host.Trace) error{b.calm.SignOn, b.calm.Echo, b.calm.SignOff} {
		if err := f(within(t, long), b.trace()); err != nil {
			t.Error(err)
		}
	}
	if a, err := b.calm.Network(within(t, long), b.trace(), 777); code(err) != host.CodeRefused || a == nil || a.Code != "12" {
		t.Errorf("%+v, %v", a, err)
	}
	b.server.Misbehave(iso.Fault{Kind: iso.Drop, Times: 1})
	if err := b.client.Echo(within(t, long), b.trace()); code(err) != host.CodeNoAnswer {
		t.Error(err)
	}
}

// TestForeignKey has a terminal whose keys come from another base derivation key: no answer is believed.
func TestForeignKey(t *testing.T) {
	b := newLab(t, iso.Config{BDK: bytes.Repeat([]byte{0x42}, 16)}, host.Config{Timeout: soon})
	if err := b.client.Echo(within(t, long), b.trace()); code(err) != host.CodeNoAnswer {
		t.Error(err)
	}
	b.wait(host.WrongMAC)
}

// TestKeystore has the keys in a keystore, which imports them in a key block.
func TestKeystore(t *testing.T) {
	store := memory.New(memory.Options{})
	kek := bytes.Repeat([]byte{0x5A}, 16)
	other := bytes.Repeat([]byte{0x11}, 16)
	part := make([]byte, 16)
	for i := range part {
		part[i] = kek[i] ^ other[i]
	}
	h := keyblock.Header{
		Version: keyblock.VersionD, Usage: "K1", Algorithm: keyblock.AlgorithmAES, Mode: keyblock.ModeDecrypt, KeyVersion: "00",
		Exportability: keyblock.NonExportable, Context: keyblock.ContextNone,
	}
	if _, err := store.Compose("kek", h, part, other); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Import("dukpt", "kek", must(iso.TestKeyBlock(kek, iso.TestInitialKeyID(9)))); err != nil {
		t.Fatal(err)
	}
	b := newLab(t, iso.Config{}, host.Config{})
	c := must(host.New(host.Config{
		Endpoint: host.Endpoint{Address: b.addr}, Terminal: "T0000009", Merchant: "M", Keys: store, Label: "dukpt",
	}))
	defer func() { _ = c.Close() }()
	for range 3 {
		if err := c.Echo(within(t, long), b.trace()); err != nil {
			t.Error(err)
		}
	}
}

// TestNewKey unwraps the key that the host sends: it is the one that the base derivation key gives for the ID in the block.
func TestNewKey(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{})
	block, err := b.client.NewKey(within(t, long), b.trace())
	if err != nil {
		t.Fatal(err)
	}
	var bdk, initial, update, want dukpt.Key
	id := iso.TestInitialKeyID(1)
	for _, err := range []error{
		dukpt.SetKey(&bdk, iso.TestBDK()), dukpt.AESInitialKey(&initial, &bdk, id),
		dukpt.AESUpdateKey(&update, &initial, dukpt.AES128, id),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	h, key, err := keyblock.Unwrap(update.Bytes(), block, 0)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := h.InitialKeyID()
	if err != nil || fresh == id || h.Usage != keyblock.UsageInitialKey {
		t.Fatal(fresh, err)
	}
	if err := dukpt.AESInitialKey(&want, &bdk, fresh); err != nil || !bytes.Equal(want.Bytes(), key.Bytes()) {
		t.Error("another key", err)
	}
}

func TestSettle(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{})
	pay := func(amount uint64, processing string) *host.Request {
		t.Helper()
		r := b.sale(amount)
		r.Processing = processing
		if a, err := b.client.Financial(within(t, long), r); err != nil || !a.Approved() {
			t.Fatal(a, err)
		}
		return r
	}
	pay(1000, "")
	undone := pay(500, "")
	pay(250, "200000")
	if a, err := b.client.Reverse(within(t, long), b.reversal(undone, "0200"), false); err != nil || a.Code != "00" {
		t.Fatal(a, err)
	}
	totals := host.Totals{
		Debits: 2, DebitAmount: 1500, ReversedDebits: 1, ReversedDebitAmount: 500, Credits: 1, CreditAmount: 250,
	}
	if n, owed := totals.Net(); n != 750 || owed {
		t.Errorf("net %d, %v", n, owed)
	}
	if n, _ := b.server.Charged("826"); n != 750 {
		t.Errorf("charged %d", n)
	}
	s, err := b.client.Settle(within(t, long), b.trace(), 826, totals)
	if err != nil || !s.Balanced || s.Host != totals {
		t.Errorf("%+v, %v", s, err)
	}
	// A new period: nothing is in it.
	s, err = b.client.Settle(within(t, long), b.trace(), 826, totals)
	if err != nil || s.Balanced || s.Host != (host.Totals{}) || s.Answer.Action != host.Unbalanced {
		t.Errorf("%+v, %v", s, err)
	}
	if n, owed := (&host.Totals{CreditAmount: 3, DebitAmount: 1}).Net(); n != 2 || !owed {
		t.Errorf("net %d, %v", n, owed)
	}
	if _, err := b.client.Settle(within(t, long), b.trace(), 826, host.Totals{DebitAmount: 1 << 63}); code(err) != host.CodeField {
		t.Error(err)
	}
}

// certificate makes a server's certificate.
func certificate(t *testing.T) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "acquirer"}, DNSNames: []string{"acquirer.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, must(x509.ParseCertificate(der))
}

func TestTLS(t *testing.T) {
	server, leaf := certificate(t)
	_, other := certificate(t)
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	pin := host.PinOf(leaf)
	for _, x := range []struct {
		about string
		max   uint16
		tls   host.TLS
		code  host.Code
	}{
		{"the pin", 0, host.TLS{Pins: [][32]byte{pin}}, ""},
		{"one of two pins", 0, host.TLS{Pins: [][32]byte{host.PinOf(other), pin}}, ""},
		{"another pin", 0, host.TLS{Pins: [][32]byte{host.PinOf(other)}}, host.CodePin},
		{"the authority", 0, host.TLS{Roots: roots, Name: "acquirer.test"}, ""},
		{"the authority and the pin", 0, host.TLS{Roots: roots, Name: "acquirer.test", Pins: [][32]byte{pin}}, ""},
		{"the authority and another pin", 0, host.TLS{Roots: roots, Name: "acquirer.test", Pins: [][32]byte{{}}}, host.CodePin},
		{"another name", 0, host.TLS{Roots: roots, Name: "other.test"}, host.CodeConnect},
		{"no authority", 0, host.TLS{Roots: x509.NewCertPool(), Name: "acquirer.test"}, host.CodeConnect},
		{"TLS 1.2", tls.VersionTLS12, host.TLS{Pins: [][32]byte{pin}}, host.CodeConnect},
	} {
		t.Run(x.about, func(t *testing.T) {
			l := must(tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{server}, MaxVersion: x.max}))
			s := must(iso.New(iso.Config{}))
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = s.Serve(ctx, l)
			}()
			keys := must(iso.NewTerminalKeys(iso.TestInitialKeyID(1)))
			c := must(host.New(host.Config{
				Endpoint: host.Endpoint{Address: l.Addr().String(), TLS: &x.tls}, Keys: keys, Terminal: "T0000001", Merchant: "M",
			}))
			err := c.Echo(within(t, long), host.Trace{STAN: 1, RRN: "000000000001", Time: now})
			if code(err) != x.code || sent(err) {
				t.Errorf("%v", err)
			}
			_ = c.Close()
			cancel()
			<-done
		})
	}
}

// TestHostileServer has a server send what no host sends: nothing of it ends in an approval, or hangs.
func TestHostileServer(t *testing.T) {
	for about, sends := range map[string][]byte{
		"nothing, and closes":    {},
		"half a length":          {0},
		"a length without end":   {0xFF, 0xFF, 1, 2, 3},
		"empty messages":         make([]byte, 64),
		"a message that is none": {0, 4, '0', '2', '1', '0'},
	} {
		t.Run(about, func(t *testing.T) {
			l := must(net.Listen("tcp", "127.0.0.1:0"))
			done := make(chan struct{})
			go func() {
				defer close(done)
				conn, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Read(make([]byte, 4096))
				_, _ = conn.Write(sends)
				_ = conn.Close()
			}()
			c := must(host.New(host.Config{
				Endpoint: host.Endpoint{Address: l.Addr().String()}, Terminal: "T0000001", Merchant: "M",
				Keys: must(iso.NewTerminalKeys(iso.TestInitialKeyID(1))),
			}))
			_, err := c.Financial(within(t, long), goldenRequest())
			if code(err) != host.CodeLost || !sent(err) {
				t.Errorf("%v", err)
			}
			_ = c.Close()
			_ = l.Close()
			<-done
		})
	}
}

func TestConfig(t *testing.T) {
	keys := must(iso.NewTerminalKeys(iso.TestInitialKeyID(1)))
	good := host.Config{Endpoint: host.Endpoint{Address: "127.0.0.1:1"}, Terminal: "T", Merchant: "M", Keys: keys}
	for about, change := range map[string]func(*host.Config){
		"no endpoint":               func(c *host.Config) { c.Endpoint.Address = "" },
		"no keys":                   func(c *host.Config) { c.Keys = nil },
		"a terminal that is longer": func(c *host.Config) { c.Terminal = "T00000001" },
		"a field of bytes":          func(c *host.Config) { c.Fields = map[int]string{55: "x"} },
		"a card number":             func(c *host.Config) { c.Fields = map[int]string{2: pan} },
		"letters in a number":       func(c *host.Config) { c.Fields = map[int]string{18: "59AA"} },
	} {
		c := good
		change(&c)
		if _, err := host.New(c); code(err) != host.CodeConfig {
			t.Errorf("%s: %v", about, err)
		}
	}
	if _, err := host.New(good); err != nil {
		t.Error(err)
	}
}

func TestBackoff(t *testing.T) {
	for n, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 6: 32 * time.Second, 7: time.Minute, 1000: time.Minute} {
		if host.Backoff(n) != want {
			t.Errorf("%d: %v", n, host.Backoff(n))
		}
	}
}

// BenchmarkAuthorise is one 0100 over a socket on loopback, with the DUKPT keys of both sides, the simulated issuer and its
// cryptogram. The message of the terminal is made before.
func BenchmarkAuthorise(b *testing.B) {
	l := newLab(b, iso.Config{}, host.Config{})
	requests := make([]*host.Request, b.N)
	for i := range requests {
		r := &host.Request{
			Trace:  host.Trace{STAN: uint32(i%999999) + 1, RRN: "000000000000", Time: now.Add(time.Duration(i) * time.Second)},
			Amount: 1250, Currency: 826, Entry: "071",
		}
		l.card(r, objects(1250, uint16(i)), "")
		requests[i] = r
	}
	ctx := within(b, time.Minute)
	b.ResetTimer()
	for i := range b.N {
		if _, err := l.client.Authorise(ctx, requests[i]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	d := host.Default()
	m, err := built(b, d, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := d.Parse(m); err != nil {
			b.Fatal(err)
		}
	}
}
