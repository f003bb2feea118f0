package setup

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/wire"
)

// The bounds of the files that a file names.
const (
	maxDialect = 1 << 20
	maxRoots   = 1 << 20
	maxImage   = 8 << 20
)

// MaxPostPayment is the longest post-payment message, in what a reader counts as letters. PRODUCT S64
const MaxPostPayment = 200

// maxAmount is the largest amount of a payment: twelve digits.
const maxAmount = 999_999_999_999

func readAll(r io.Reader, most int64) ([]byte, error) { return io.ReadAll(io.LimitReader(r, most)) }

// reader reads a document; dir is where the files that it names are looked for.
type reader struct{ dir string }

func (r *reader) path(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(r.dir, name)
}

// file reads a file that a key names; nil where the key is absent, or the fault has been noted.
func (r *reader) file(o *object, key string, most int64) []byte {
	name := r.path(o.Text(key, maxText))
	if name == "" {
		return nil
	}
	var b []byte
	info, err := os.Stat(name)
	if err == nil && info.Mode().IsRegular() { // anything else may not end, or not begin
		b, err = readFile(name, most)
	}
	switch {
	case err == nil && !info.Mode().IsRegular():
		o.Fault(key, CodeFile, "%s is no file", name)
		return nil
	case err != nil:
		o.Fault(key, CodeFile, "%v", err)
		return nil
	case int64(len(b)) > most:
		o.Fault(key, CodeSize, "%s has more than %d bytes", name, most)
		return nil
	case len(b) == 0:
		o.Fault(key, CodeFile, "%s is empty", name)
		return nil
	}
	return b
}

func (r *reader) setup(o *object) *Setup {
	o.Need("format")
	if f := o.Text("format", maxText); f != "" && f != Format {
		o.Fault("format", CodeFormat, "is %q; this program reads %q", f, Format)
	}
	o.Text("about", maxText) // for people
	s := &Setup{
		Name: o.Text("name", wire.MaxID), State: r.path(o.Text("state", maxText)),
		Merchant: o.Text("merchant", 63), Location: o.Text("location", 63),
		Readers: o.texts("readers", maxText), CAKeys: o.texts("ca_keys", maxText),
		Profile: r.profile(o),
		Serial:  o.Text("serial", 8), Address: o.Text("receipt_name", 100),
	}
	if o.Has("merchant") != o.Has("location") {
		o.Fault("merchant", CodeMissing, "merchant and location belong together")
	}
	for _, key := range []string{"merchant", "location"} {
		v, _ := o.Take(key)
		if place, _ := v.(string); place != "" && !placeName.MatchString(place) {
			o.Fault(key, CodeValue, "must be a label as in a host name: a-z, 0-9 and '-'")
		}
	}
	if s.Serial != "" && !printable(s.Serial) {
		o.Fault("serial", CodeValue, "printable ASCII characters only (9F1E)")
	}
	for i, name := range s.CAKeys {
		if name != "test" && name != "production" {
			s.CAKeys[i] = r.path(name)
		}
	}
	r.category(o, s)
	if p := o.object("ports"); p != nil {
		r.ports(p, &s.Ports)
	}
	if k := o.object("keystore"); k != nil {
		s.Keystore = r.keystore(k)
	}
	if h := o.object("host"); h != nil {
		s.Host = r.host(h)
	}
	if d := o.object("dock"); d != nil {
		r.dock(d, s)
	}
	s.Discovery = o.texts("discovery", maxText)
	for i, way := range s.Discovery {
		if way != "" && way != SSDP && way != DNSSD {
			o.Fault("discovery["+strconv.Itoa(i)+"]", CodeValue, "must be one of %s, %s", SSDP, DNSSD)
		}
	}
	if p := o.object("policy"); p != nil {
		r.policy(p, s)
	}
	if a := o.object("appearance"); a != nil {
		r.appearance(a, s)
	}
	if a := o.object("authority"); a != nil {
		r.authority(a, s)
	}
	o.Done()
	return s
}

var placeName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7E })
}

// profile reads the country, or the file of another one.
func (r *reader) profile(o *object) *profile.Profile {
	country, file := o.Text("country", 2), r.file(o, "profile", profile.MaxFile)
	var p *profile.Profile
	var err error
	key := "profile"
	switch {
	case o.Has("country") && o.Has("profile"):
		o.Fault("country", CodeConflict, "country and profile: the profile has the country")
		return nil
	case country != "":
		key = "country"
		p, err = profile.Builtin(country)
	case file != nil:
		p, err = profile.Load(file)
	}
	var config *kernel.ConfigError
	switch {
	case errors.As(err, &config):
		o.Nested(key, config.Faults)
	case err != nil:
		o.Fault(key, kernel.CodeOf(err), "%v", err)
	}
	return p
}

// category reads the Merchant Category Code (9F15): ISO 18245, four digits.
func (r *reader) category(o *object, s *Setup) {
	t := o.Text("category", 4)
	if t == "" {
		return
	}
	b, err := hex.DecodeString(t)
	if _, digits := strconv.Atoi(t); err != nil || digits != nil || len(b) != 2 {
		o.Fault("category", CodeValue, "must have four digits (ISO 18245)")
		return
	}
	s.Code = [2]byte(b)
}

func (r *reader) ports(o *object, p *Ports) {
	for _, e := range []struct {
		key string
		to  *string
	}{
		{"session", &p.Session},
		{"plain", &p.Plain},
		{"pairing", &p.Pairing},
		{"presence", &p.Presence},
		{"counter", &p.Counter},
	} {
		if *e.to = o.Text(e.key, maxText); *e.to != "" {
			if err := CheckAddress(*e.to); err != nil {
				o.Fault(e.key, CodeValue, "%v", err)
			}
		}
	}
	o.Done()
}

// CheckAddress refuses what is not HOST:PORT with a numeric port; the host may be empty.
func CheckAddress(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return errors.New("must be HOST:PORT or :PORT, as in 127.0.0.1:8080; port 0 takes a free one")
	}
	return nil
}

func (r *reader) keystore(o *object) *Keystore {
	o.Need("provider")
	k := &Keystore{
		Provider: o.word("provider", "file", "tpm"),
		Dir:      r.path(o.Text("dir", maxText)), Passphrase: r.path(o.Text("passphrase_file", maxText)),
		TPM: o.Text("tpm", maxText), Device: o.Text("device", maxText),
	}
	if k.Device != "" {
		if err := keystore.CheckLabel(k.Device); err != nil {
			o.Fault("device", CodeValue, "%v", err)
		}
	}
	if k.Provider == "tpm" && k.Passphrase != "" {
		o.Fault("passphrase_file", CodeConflict, "a TPM has no passphrase")
	}
	if k.Provider == "file" && k.TPM != "" {
		o.Fault("tpm", CodeConflict, "a store of files has no TPM")
	}
	o.Done()
	return k
}

func (r *reader) host(o *object) *Host {
	o.Need("address", "terminal", "merchant", "key")
	h := &Host{
		Address: o.Text("address", maxText), Terminal: o.Text("terminal", 8), Merchant: o.Text("merchant", 15),
		Key:     o.Text("key", maxText),
		Timeout: time.Duration(o.Number("timeout_ms", 120_000)) * time.Millisecond,
		Connect: time.Duration(o.Number("connect_ms", 60_000)) * time.Millisecond,
	}
	if h.Address != "" {
		if err := CheckAddress(h.Address); err != nil || strings.HasPrefix(h.Address, ":") {
			o.Fault("address", CodeValue, "must be HOST:PORT")
		}
	}
	if h.Key != "" {
		if err := keystore.CheckLabel(h.Key); err != nil {
			o.Fault("key", CodeValue, "%v", err)
		}
	}
	if b := r.file(o, "dialect", maxDialect); b != nil {
		d, err := host.LoadDialect(b)
		if err != nil {
			o.Fault("dialect", kernel.CodeOf(err), "%v", err)
		}
		h.Dialect = d
	}
	if f := o.object("fields"); f != nil {
		h.Fields = map[int]string{}
		for _, key := range f.Keys() {
			n, err := strconv.Atoi(key)
			if err != nil || n < 2 || n > 128 || strconv.Itoa(n) != key {
				f.Take(key)
				f.Fault(key, CodeValue, "must be the number of a field, 2 to 128")
				continue
			}
			h.Fields[n] = f.Text(key, maxText)
		}
		f.Done()
	}
	if t := o.object("tls"); t != nil {
		h.TLS = r.tls(t)
	}
	o.Done()
	return h
}

func (r *reader) tls(o *object) *host.TLS {
	t := &host.TLS{Name: o.Text("name", maxText), Roots: r.roots(o, "roots")}
	for i, text := range o.texts("pins", maxText) {
		pin, err := ParsePin(text)
		if err != nil {
			o.Fault("pins["+strconv.Itoa(i)+"]", CodeValue, "%v", err)
			continue
		}
		t.Pins = append(t.Pins, pin)
	}
	o.Done()
	return t
}

// ParsePin reads the pin of a public key: the SHA-256 of its SubjectPublicKeyInfo.
func ParsePin(s string) (pin [sha256.Size]byte, err error) {
	b, err := hex.DecodeString(strings.TrimPrefix(s, "sha256:"))
	if err != nil || len(b) != len(pin) {
		return pin, errors.New("must be sha256: and 64 hexadecimal digits")
	}
	return [sha256.Size]byte(b), nil
}

// authority reads what the merchant's authority has certified. The private key is the device key, in the keystore.
func (r *reader) authority(o *object, s *Setup) {
	o.Need("roots", "certificate")
	s.Roots = r.roots(o, "roots")
	for rest := r.file(o, "certificate", maxRoots); len(rest) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			s.Certificate = append(s.Certificate, block.Bytes)
		}
	}
	if len(s.Certificate) == 0 {
		v, _ := o.Take("certificate")
		if _, named := v.(string); named {
			o.Fault("certificate", CodeFile, "there is no certificate in it (PEM)")
		}
	} else if _, err := x509.ParseCertificate(s.Certificate[0]); err != nil {
		o.Fault("certificate", CodeFile, "%v", err)
	}
	if s.Merchant == "" {
		o.Fault("roots", CodeConflict, "a terminal with an authority has merchant and location")
	}
	o.Done()
}

// roots reads certificates in PEM.
func (r *reader) roots(o *object, key string) *x509.CertPool {
	b := r.file(o, key, maxRoots)
	if b == nil {
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		o.Fault(key, CodeFile, "there is no certificate in it (PEM)")
		return nil
	}
	return pool
}

func (r *reader) dock(o *object, s *Setup) {
	o.Need("kind")
	s.Dock = o.word("kind", DockVirtual, DockUSB, DockNone)
	for i, id := range o.texts("devices", 9) {
		d, err := dock.ParseUSBID(id)
		if err != nil && id != "" {
			o.Fault("devices["+strconv.Itoa(i)+"]", CodeValue, "must be VENDOR:PRODUCT as lsusb prints it: 0bda:8153")
		}
		s.DockDevices = append(s.DockDevices, d)
	}
	switch {
	case s.Dock == DockUSB && len(s.DockDevices) == 0:
		o.Fault("devices", CodeMissing, "is required with usb: VENDOR:PRODUCT of what is built into the dock")
	case s.Dock != "" && s.Dock != DockUSB && o.Has("devices"):
		o.Fault("devices", CodeConflict, "only a dock of kind usb has devices")
	}
	o.Done()
}
