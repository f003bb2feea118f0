// Package setup reads the one configuration file of a terminal. docs/terminal.md describes it for those who write one.
//
//	s, err := setup.Load("terminal.json")
//
// Whatever is wrong is told at once: each fault has a stable code and the path of its place, in the file or in a file that
// it names. What a flag can say as well is left empty where the file does not say it: flags come first, then the file, then
// the defaults, which are the command's.
package setup

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/wire"
)

// Format is what a file must say it is.
const Format = "cardwright-terminal/1"

// Setup is a file that was read, with the files that it names.
type Setup struct {
	Name, Merchant, Location string

	Profile *profile.Profile // nil where neither country nor profile is given

	State string // the folder
	Ports Ports

	CAKeys   []string  // "test", "production" and files; nil is as the bank is
	Keystore *Keystore // nil is the default one
	Readers  []string  // as emv readers names them; none is the simulated one
	Host     *Host     // nil is the simulated one
	Dock     string    // one of the docks below; empty where it is not given

	Discovery []string // of "ssdp" and "dns-sd"; nil is both

	DockDevices []dock.USBID // what is built into a dock of kind usb

	Policy     Policy
	Appearance Appearance

	Roots       *x509.CertPool // of the merchant's authority; nil is stand-alone
	Certificate [][]byte       // the terminal's own and those between, DER; with Roots

	Code    [2]byte // Merchant Category Code (9F15), binary coded decimal; zero where it is not given
	Serial  string  // IFD Serial Number (9F1E), 8 characters
	Address string  // Merchant Name and Location (9F4E); empty is Name
}

// The kinds of dock.
const (
	DockVirtual = "virtual" // a button
	DockUSB     = "usb"     // known by what is built into it
	DockNone    = "none"    // the terminal stands where it stands
)

// The ways in which paired tills find the terminal again, besides its beacon.
const (
	SSDP  = "ssdp"
	DNSSD = "dns-sd"
)

// Ports are where the terminal listens: HOST:PORT each, empty where it is not given.
type Ports struct{ Session, Plain, Pairing, Presence, Counter string }

// Keystore is where keys are.
type Keystore struct {
	Provider   string // "file" or "tpm"
	Dir        string // empty is keys in the state's folder
	Passphrase string // file with the passphrase of a store of files; empty is one that the terminal made
	TPM        string // device or socket; empty is the usual one
	Device     string // label of the device key; empty is "device"
}

// Host is the acquirer.
type Host struct {
	Address  string
	TLS      *host.TLS // nil is plain TCP
	Terminal string    // field 41
	Merchant string    // field 42
	Dialect  *host.Dialect
	Fields   map[int]string
	Key      string // label of the DUKPT key in the keystore
	Timeout  time.Duration
	Connect  time.Duration
}

// Policy is what the merchant allows.
type Policy struct {
	MinApp      *wire.Version // nil where it is not given
	Platforms   []string      // nil is every one
	RefundRoles []string
	RefundMost  uint64 // minor units
	CardRefunds []string
	Surcharge   bool
	RequireCart bool
	Adjust      bool
	AdjustMost  uint64   // percent
	Forward     *Forward // what may be stored and sent later; nil is nothing
	Tips        *Tips    // nil: the country's
	Disclaimers []string
}

// Forward bounds what the card alone may approve while the bank can't be reached, in minor units of the country's currency.
// What is zero is as the country's profile has it.
type Forward struct {
	Max, Sum uint64
	Count    int
	Age      time.Duration
	Brands   []string // that go online always, besides those of the country
	PIN      bool     // in any case, not only where the country wants one
}

// Tips are what the customer is offered.
type Tips struct {
	Ask     bool
	Percent []uint64
	Custom  bool
}

// Appearance is how the display looks.
type Appearance struct {
	Standby     *display.Image
	Language    string
	Brands      []string          // keys of brands to show; nil are all that are accepted
	PostPayment map[string]string // by language
}

// Load reads a file and the files that it names, which are found from its own folder. The error is a *kernel.ConfigError.
func Load(path string) (*Setup, error) {
	b, err := readFile(path, maxFile)
	if err != nil {
		return nil, &kernel.ConfigError{Faults: []kernel.Fault{{Path: "file", Code: CodeFile, Text: err.Error()}}}
	}
	return Parse(b, filepath.Dir(path))
}

// Parse reads a file's bytes; the files that it names are looked for from a folder.
func Parse(file []byte, dir string) (*Setup, error) {
	o, err := parse(file)
	if err != nil {
		return nil, err
	}
	s := (&reader{dir}).setup(o)
	if err := o.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// readFile reads at most most bytes and one more, so that what is too long is seen.
func readFile(path string, most int64) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return readAll(in, most+1)
}
