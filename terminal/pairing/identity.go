package pairing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net/url"
	"strings"
	"time"

	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/terminal/wire"
)

// Kind says which side an identity is of.
type Kind string

// The kinds.
const (
	Terminal Kind = "term"
	Till     Kind = "pos"
)

// Identity is whose certificate it is: cardwright://MERCHANT/LOCATION/KIND/ID in its subject alternative name.
// PRODUCT 3.0.
type Identity struct {
	Merchant string
	Location string
	Kind     Kind
	ID       string
}

const scheme = "cardwright"

func (i Identity) String() string {
	return scheme + "://" + i.Merchant + "/" + i.Location + "/" + string(i.Kind) + "/" + i.ID
}

// ParseIdentity reads an identity. The error is CodeChain.
func ParseIdentity(u *url.URL) (Identity, error) {
	parts := strings.Split(strings.TrimPrefix(u.Path, "/"), "/")
	if u.Scheme != scheme || u.Opaque != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.RawPath != "" || len(parts) != 3 {
		return Identity{}, wire.Refuse(wire.CodeChain, "not a cardwright identity")
	}
	i := Identity{u.Host, parts[0], Kind(parts[1]), parts[2]}
	if i.Kind != Terminal && i.Kind != Till || !i.valid() || i.String() != u.String() {
		return Identity{}, wire.Refuse(wire.CodeChain, "not a cardwright identity")
	}
	return i, nil
}

// valid holds all names to one label of a host name, for URI constraints are about hosts. RFC 5280, 4.2.1.10.
func (i Identity) valid() bool { return label(i.Merchant) && label(i.Location) && label(i.ID) }

func label(s string) bool {
	return s != "" && len(s) <= 63 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" &&
		s[0] != '-' && s[len(s)-1] != '-'
}

// Leaf certificates live 90 days and are renewed at two thirds of that. PRODUCT 3.0.
const leafLife = 90 * 24 * time.Hour

// DeviceKey returns the device's key of that label, which is made if there is none: P-256, for signing.
func DeviceKey(store keystore.Provider, label string) (crypto.Signer, error) {
	key, err := store.Signer(label)
	if !errors.Is(err, &keystore.Error{Code: keystore.CodeNotFound}) {
		return key, err
	}
	h := keyblock.Header{
		Usage: keyblock.UsageSignature, Algorithm: keyblock.AlgorithmEC, Mode: keyblock.ModeSign,
		KeyVersion: keyblock.NoKeyVersion, Exportability: keyblock.NonExportable, Context: keyblock.ContextNone,
	}
	if _, err := store.Generate(label, h, 256); err != nil {
		return nil, err
	}
	return store.Signer(label)
}

// SelfSigned makes the certificate of a stand-alone device. Only its key counts: a new one of the same key is as good.
func SelfSigned(key crypto.Signer, id Identity, random io.Reader, now time.Time) (tls.Certificate, error) {
	t, err := leaf(id, random, now)
	if err != nil {
		return tls.Certificate{}, err
	}
	return sign(t, t, key.Public(), key, random, key)
}

// Authority issues certificates: the merchant's root, or one location's.
type Authority struct {
	Cert *x509.Certificate
	Key  crypto.Signer
	up   [][]byte // certificates between this one and the root, this one first; none for the root
}

// NewRoot makes a merchant's root.
func NewRoot(key crypto.Signer, name string, random io.Reader, now time.Time, life time.Duration) (*Authority, error) {
	t, err := authority(name, random, now, life)
	if err != nil {
		return nil, err
	}
	c, err := sign(t, t, key.Public(), key, random, key)
	if err != nil {
		return nil, err
	}
	return &Authority{Cert: c.Leaf, Key: key}, nil
}

// Location makes the authority of a location, constrained to it: by a URI constraint to the merchant (X.509 constrains
// the host of a URI) and, since that says nothing of the path, by its own name, which Verify compares.
func (a *Authority) Location(key crypto.Signer, merchant, location string, random io.Reader, now time.Time, life time.Duration) (*Authority, error) {
	if !label(merchant) || !label(location) {
		return nil, wire.Refuse(wire.CodeChain, "merchant and location are labels of a host name")
	}
	t, err := authority("location "+location, random, now, life)
	if err != nil {
		return nil, err
	}
	t.MaxPathLenZero = true
	t.PermittedURIDomains, t.PermittedDNSDomainsCritical = []string{merchant}, true
	t.URIs = []*url.URL{place(merchant, location)}
	c, err := sign(t, a.Cert, key.Public(), a.Key, random, key)
	if err != nil {
		return nil, err
	}
	return &Authority{Cert: c.Leaf, Key: key, up: append([][]byte{c.Leaf.Raw}, a.up...)}, nil
}

// Device certifies a device's key.
func (a *Authority) Device(key crypto.Signer, id Identity, random io.Reader, now time.Time) (tls.Certificate, error) {
	t, err := leaf(id, random, now)
	if err != nil {
		return tls.Certificate{}, err
	}
	c, err := sign(t, a.Cert, key.Public(), a.Key, random, key)
	c.Certificate = append(c.Certificate, a.up...)
	return c, err
}

func place(merchant, location string) *url.URL {
	return &url.URL{Scheme: scheme, Host: merchant, Path: "/" + location}
}

func serial(random io.Reader) (*big.Int, error) {
	n, err := rand.Int(random, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	return n.Add(n, big.NewInt(1)), nil
}

func leaf(id Identity, random io.Reader, now time.Time) (*x509.Certificate, error) {
	if !id.valid() {
		return nil, wire.Refuse(wire.CodeChain, "merchant, location and id are labels of a host name")
	}
	n, err := serial(random)
	return &x509.Certificate{
		SerialNumber: n,
		Subject:      pkix.Name{CommonName: id.ID},
		NotBefore:    now.Add(-time.Hour), // clocks differ
		NotAfter:     now.Add(leafLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		URIs:         []*url.URL{{Scheme: scheme, Host: id.Merchant, Path: "/" + id.Location + "/" + string(id.Kind) + "/" + id.ID}},

		BasicConstraintsValid: true,
	}, err
}

func authority(name string, random io.Reader, now time.Time, life time.Duration) (*x509.Certificate, error) {
	n, err := serial(random)
	return &x509.Certificate{
		SerialNumber: n,
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(life),
		KeyUsage:     x509.KeyUsageCertSign,
		IsCA:         true,

		BasicConstraintsValid: true,
	}, err
}

func sign(t, parent *x509.Certificate, public crypto.PublicKey, by crypto.Signer, random io.Reader, key crypto.Signer) (tls.Certificate, error) {
	der, err := x509.CreateCertificate(random, t, parent, public, by)
	if err != nil {
		return tls.Certificate{}, err
	}
	c, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: c}, err
}

// Verify checks a certificate of the merchant's authority and returns whose it is. Above the leaf stands the location's
// authority, whose own name must be that of the leaf's location. The errors are CodeCertExpired and CodeChain.
func Verify(cert *x509.Certificate, between []*x509.Certificate, roots *x509.CertPool, now time.Time) (Identity, error) {
	pool := x509.NewCertPool()
	for _, c := range between {
		pool.AddCert(c)
	}
	chains, err := cert.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: pool, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	})
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return Identity{}, &wire.Error{Code: wire.CodeCertExpired, Detail: "a certificate is past its date, or not valid yet"}
	}
	if err != nil {
		return Identity{}, &wire.Error{Code: wire.CodeChain, Detail: "the chain does not lead to the merchant's root", Err: err}
	}
	if len(cert.URIs) != 1 {
		return Identity{}, wire.Refuse(wire.CodeChain, "not one identity")
	}
	id, err := ParseIdentity(cert.URIs[0])
	if err != nil {
		return Identity{}, err
	}
	for _, chain := range chains {
		if len(chain) >= 3 && len(chain[1].URIs) == 1 && chain[1].URIs[0].String() == place(id.Merchant, id.Location).String() {
			return id, nil
		}
	}
	return Identity{}, wire.Refuse(wire.CodeChain, "the authority is of another location")
}

// p256 refuses keys that the protocol does not have.
func p256(cert *x509.Certificate) error {
	if k, ok := cert.PublicKey.(*ecdsa.PublicKey); !ok || k.Curve != elliptic.P256() {
		return wire.Refuse(wire.CodeChain, "the certificate's key is not of P-256")
	}
	return nil
}
