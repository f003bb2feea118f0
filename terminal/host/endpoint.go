package host

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"net"
)

// Endpoint is where a host listens.
type Endpoint struct {
	Address string // HOST:PORT
	TLS     *TLS   // nil is plain TCP
}

// TLS is how the host is known. TLS 1.3 is the least.
type TLS struct {
	// Pins are SHA-256 hashes of the public keys (SubjectPublicKeyInfo) that are trusted: any of them will do. Without Roots
	// they are all that is checked of the certificate.
	Pins [][32]byte

	// Roots are the certification authorities, for Name. Nil with Pins is none; without Pins the system's.
	Roots *x509.CertPool
	Name  string // empty is the host of Address

	Certificate *tls.Certificate // the terminal's own, where the host asks for one
}

// Dial connects. The errors are CodeConnect, and CodePin for a key that is not trusted; nothing was sent then.
func (e *Endpoint) Dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", e.Address)
	if err != nil {
		return nil, &Error{Code: CodeConnect, Err: err}
	}
	if e.TLS == nil {
		return conn, nil
	}
	secure := tls.Client(conn, e.TLS.config(e.Address))
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		if known, ok := err.(*Error); ok { //nolint:errorlint // tls returns what VerifyConnection returned, as it is
			return nil, known
		}
		return nil, &Error{Code: CodeConnect, Err: err}
	}
	return secure, nil
}

func (t *TLS) config(address string) *tls.Config {
	name := t.Name
	if name == "" {
		name, _, _ = net.SplitHostPort(address)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS13, ServerName: name, RootCAs: t.Roots}
	if t.Certificate != nil {
		c.Certificates = []tls.Certificate{*t.Certificate}
	}
	if len(t.Pins) > 0 {
		c.InsecureSkipVerify = t.Roots == nil // the pin is checked in place of the chain
		c.VerifyConnection = func(s tls.ConnectionState) error { return t.pinned(s) }
	}
	return c
}

// pinned checks the key of the server's certificate.
func (t *TLS) pinned(s tls.ConnectionState) error {
	if len(s.PeerCertificates) > 0 {
		is := PinOf(s.PeerCertificates[0])
		for _, pin := range t.Pins {
			if subtle.ConstantTimeCompare(pin[:], is[:]) == 1 {
				return nil
			}
		}
	}
	return &Error{Code: CodePin, Text: "the host's key is not one that is trusted"}
}

// PinOf returns the pin of a certificate's key.
func PinOf(c *x509.Certificate) [32]byte { return sha256.Sum256(c.RawSubjectPublicKeyInfo) }
