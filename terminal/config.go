package terminal

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/journal"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/reader"
	"github.com/cardwright/emv/terminal/wire"
)

// Config is what a terminal is made of. State, Profile, Readers, Env, Keys, Host and Store are required; the zero value of
// every other member is good.
type Config struct {
	// State is the terminal's folder; it is made, for its owner alone. FS is the journal's, "journal" below it where nil.
	State string
	FS    journal.FS

	// Name is what tills call the terminal; "" is "Terminal".
	Name string

	// Merchant and Location are where the terminal is: lower-case labels as in a host name. Without a merchant it stands
	// alone: the merchant is "standalone", and the location is made at the first start and kept. PRODUCT 3.0
	Merchant, Location string

	// Country is the location's, ISO 3166-1 by two letters, and StoreCountry the store's; "" is the profile's. A terminal
	// whose countries differ starts, says so on its welcome screen and takes no till. S7
	Country, StoreCountry string

	Profile *profile.Profile

	Readers []driver.Reader // at least one card interface among them (S3); Close closes them
	PINPad  reader.PINPad   // nil where there is none
	Keys    reader.Keys
	Env     kernel.Env
	Objects []byte // TLV data objects of merchant and device: 9F01, 9F15, 9F16, 9F1C, 9F1E, 9F4E

	Foreign func(bin string) bool // reader.Config.Foreign

	Host payment.Host

	// Echo asks whether the host is there (0800). Until it has answered once after a start, payments are refused (S6). nil
	// takes the host to be there.
	Echo func(ctx context.Context) error

	// Store keeps the device key, under Label; "" is "device". Nothing else of it is used. KeyPlace says on the panel where
	// the key is kept: a code of terminal/text or plain words.
	Store    keystore.Provider
	Label    string
	KeyPlace string

	// Certificate and Roots are of the merchant's authority. Without them the terminal has a certificate that it signed
	// itself, and trusts tills by their pair records alone. PRODUCT 3.0
	Certificate *tls.Certificate
	Roots       *x509.CertPool

	// MinApp is the least version of a till, zero for pairing.DefaultMinApp (S9); Platforms those that are taken, nil for
	// all (S10). SameNetwork says whether a till is on a network of this terminal's (S12); nil is pairing.Neighbours of
	// Interfaces, and this device itself.
	MinApp      wire.Version
	Platforms   []string
	SameNetwork func(remote netip.Addr, networks []string) bool

	// Payment is what merchant, acquirer and country allow; Surcharge is what a till gets that asks for "the profile's".
	Payment   payment.Policy
	Surcharge payment.SurchargePolicy

	// Appearance is how the store wants its display; without Brands, those of the profile are named (S61), and without
	// Language its first. PostPayment is the merchant's message after an approval, by language (S64): "" is for all others.
	Appearance  display.Appearance
	PostPayment map[string]string

	// Dock tells whether the terminal is in its dock; nil is always in it.
	Dock dock.Dock

	// Staff is who is signed in to the device itself, and its scanner: wiped and closed in the dock (S80, S86). nil is a
	// device without a mode of its own for staff.
	Staff *dock.Staff

	// Power tells what feeds the terminal, such as dock.Supply.Read; nil is mains (S92).
	Power func() (dock.Power, error)

	Ports      Ports
	Interfaces func() []Interface // of the network; nil is those of the machine that lead to Ports.Session. Cables come before radio (S31)

	// NoSSDP and NoDNSSD leave out a way in which paired tills find the terminal again (S23).
	NoSSDP, NoDNSSD bool

	Times Times
	Clock Clock        // nil is the machine's
	Rand  io.Reader    // nil is crypto/rand
	Log   *slog.Logger // nil is silent

	// ShowCode hears of each pairing code that comes on the display, as the QR code has it: it is for a till in the same
	// process, and must not wait. nil is deaf.
	ShowCode func(text string)

	Version string // of the program, for the panel
	Config  uint64 // version of the configuration, for tills
}

// Ports are where the terminal listens: HOST:PORT, where an empty host is every interface and port 0 a free one. Empty ones
// are the protocol's, on every interface.
type Ports struct {
	Session  string // 4443/tcp
	Plain    string // 8080/tcp; the display is on it, for this device alone
	Pairing  string // 27000/tcp
	Presence string // 27001/udp

	Listen       func(ctx context.Context, network, address string) (net.Listener, error)   // nil is the machine's
	ListenPacket func(ctx context.Context, network, address string) (net.PacketConn, error) // nil is the machine's
}

// Times are how long things take. Zero is the usual time.
type Times struct {
	Result    time.Duration // that an outcome stays on the screen; 0 is 5 s, with a message of the merchant 8 s
	Paired    time.Duration // that the confirmation of a pairing stays; 0 is until it is read
	Echo      time.Duration // from one echo to the next; 0 is 1 minute
	Retry     time.Duration // to the first repeat of an echo that failed, and twice as long each time, up to Echo; 0 is 1 s
	Watch     time.Duration // from one look at interfaces, panel and power to the next; 0 is 1 s
	HostReply time.Duration // payment.Config.HostTimeout
	Deadline  time.Duration // payment.Config.Deadline
	Unclaimed time.Duration // payment.Config.Unclaimed
	SecondTap time.Duration // reader.Config.SecondTap
	Removal   time.Duration // reader.Config.Removal: that an outcome waits for the card to be taken out
}

// Interface is one of the network, up, with its usable addresses.
type Interface struct {
	Name     string
	Link     Link
	Prefixes []netip.Prefix // addresses with the length of their network
}

// Link is what kind of network an interface is of.
type Link uint8

// The links, best first: a cable is preferred whenever it is there. S31
const (
	Ethernet Link = iota
	WiFi
	OtherLink
	Loopback
)

// Clock is the time, and how to wait for it.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

type systemClock struct {
	pairing.SystemClock
}

func (systemClock) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
