package keystoretest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/cardwright/emv/crypto/keystore"
)

func testKeyPairs(t *testing.T, p keystore.Provider) {
	info, err := p.Generate("device", header("S0ESN"), 256)
	ok(t, err)
	if info.Kind != keystore.KindKeyPair || info.Bits != 256 || len(info.Public) == 0 || info.Created.IsZero() {
		t.Errorf("%+v", info)
	}
	signer, err := p.Signer("device")
	ok(t, err)
	public, isEC := signer.Public().(*ecdsa.PublicKey)
	if !isEC {
		t.Fatalf("the public key is a %T", signer.Public())
	}
	listed, err := x509.ParsePKIXPublicKey(find(t, p, "device").Public)
	if err != nil || !public.Equal(listed) {
		t.Errorf("the list has another public key: %v", err)
	}
	digest := sha256.Sum256([]byte("message"))
	signature, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	ok(t, err)
	if !ecdsa.VerifyASN1(public, digest[:], signature) {
		t.Error("the signature is wrong")
	}
	_, err = signer.Sign(rand.Reader, digest[:20], crypto.SHA1)
	want(t, "SHA-1", err, keystore.CodeLength)
	_, err = signer.Sign(rand.Reader, digest[:31], crypto.SHA256)
	want(t, "31 bytes", err, keystore.CodeLength)
	_, err = p.Generate("device", header("S0ESN"), 256)
	want(t, "again", err, keystore.CodeExists)
	_, err = p.Generate("verifier", header("S0EVN"), 256)
	want(t, "a key pair that only verifies", err, keystore.CodeMode)
	_, err = p.Generate("other", header("S1ESN"), 256)
	want(t, "a CA key pair", err, keystore.CodeUsage)
	_, err = p.Generate("larger", header("S0ESN"), 384)
	want(t, "P-384", err, keystore.CodeLength)

	ok(t, p.Delete("device"))
	_, err = signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	want(t, "a deleted key", err, keystore.CodeNotFound)
	_, err = p.Generate("device", header("S0ESN"), 256)
	ok(t, err)
	_, err = signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	want(t, "a deleted key whose label is taken again", err, keystore.CodeNotFound)
}

// certificate makes a certificate that the key pair signs itself.
func certificate(t testing.TB, signer crypto.Signer) tls.Certificate {
	t.Helper()
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "terminal"}, DNSNames: []string{"terminal"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{
			x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth,
		},
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, signer.Public(), signer)
	ok(t, err)
	leaf, err := x509.ParseCertificate(der)
	ok(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: signer, Leaf: leaf}
}

// testTLS shakes hands with the device key on both sides.
func testTLS(t *testing.T, p keystore.Provider) {
	_, err := p.Generate("device", header("S0ESN"), 256)
	ok(t, err)
	signer, err := p.Signer("device")
	ok(t, err)
	Handshake(t, signer)
}

// Handshake makes a TLS 1.3 connection with mutual authentication, the key pair on both sides, and sends something over it.
func Handshake(t testing.TB, signer crypto.Signer) {
	t.Helper()
	cert := certificate(t, signer)
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	near, far := net.Pipe()
	server := tls.Server(far, &tls.Config{
		Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: roots,
		MinVersion: tls.VersionTLS13,
	})
	client := tls.Client(near, &tls.Config{
		Certificates: []tls.Certificate{cert}, RootCAs: roots, ServerName: "terminal", MinVersion: tls.VersionTLS13,
	})
	defer near.Close()
	defer far.Close()
	deadline := time.Now().Add(30 * time.Second)
	ok(t, near.SetDeadline(deadline))
	ok(t, far.SetDeadline(deadline))
	done := make(chan error, 1)
	serve := func() {
		_, err := io.WriteString(server, "hello")
		done <- err
	}
	time.AfterFunc(0, serve) // on a goroutine of the runtime's timers
	got := make([]byte, 5)
	if _, err := io.ReadFull(client, got); err != nil || string(got) != "hello" {
		t.Fatalf("%q, %v", got, err)
	}
	ok(t, <-done)
	for name, c := range map[string]*tls.Conn{"client": client, "server": server} {
		state := c.ConnectionState()
		if state.Version != tls.VersionTLS13 || len(state.PeerCertificates) != 1 {
			t.Errorf("%s: version %X, %d certificates", name, state.Version, len(state.PeerCertificates))
		}
	}
}
