package station

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/counter"
	"github.com/cardwright/emv/cmd/emv/internal/setup"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/journal"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// Options are what a station is made of besides its setup.
type Options struct {
	Setup setup.Setup // with Profile and State

	// CAPKs verify cards. Nil are the production keys for a real bank, and the test keys where the bank is simulated.
	CAPKs *capk.Set

	Open  func(ctx context.Context, name string) (driver.Reader, error) // opens a real reader
	Delay time.Duration                                                 // of simulated cards, for each answer
	Log   *slog.Logger
	Bank  func(iso.Event) // hears what the simulated bank does; nil is deaf
	Told  func(string)    // hears what the person at the counter does; nil is deaf

	// ShowCode hears each pairing code that comes on the screen, for a till in the same process; nil is deaf.
	ShowCode func(text string)

	// Interfaces of the network; nil are the machine's.
	Interfaces func() []terminal.Interface
	Version    string
}

// Station is a terminal with what belongs to it.
type Station struct {
	Terminal *terminal.Terminal
	Counter  *counter.Counter // nil where nothing is simulated
	Pad      *counter.Pad     // nil where PINs can't be entered
	Reader   *simulated.Reader
	Bank     *iso.Server
	Staff    *dock.Staff      // nil without a dock to take it out of
	Scanner  *counter.Scanner // of the staff
	Keys     keystore.Provider
	KeyDir   string

	options  Options
	dock     *dock.USB
	client   *host.Client
	bank     net.Listener
	page     net.Listener // of the counter
	closings []func() error

	mu    sync.Mutex
	shown string // the pairing code that came on the screen last
}

// Open puts a station together. Nothing of it listens to anybody else before Run, but the counter's port is taken.
func Open(ctx context.Context, o Options) (s *Station, err error) {
	s = &Station{options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
			s = nil
		}
	}()
	c := &terminal.Config{
		State: o.Setup.State, Name: o.Setup.Name, Merchant: o.Setup.Merchant, Location: o.Setup.Location,
		Profile: o.Setup.Profile, Log: o.Log, Version: o.Version, Interfaces: o.Interfaces,
		Env:         kernel.Env{Clock: kernel.SystemClock{}, Rand: rand.Reader},
		Platforms:   o.Setup.Policy.Platforms,
		PostPayment: o.Setup.Appearance.PostPayment,
		Ports: terminal.Ports{
			Session: o.Setup.Ports.Session, Plain: o.Setup.Ports.Plain, Pairing: o.Setup.Ports.Pairing, Presence: o.Setup.Ports.Presence,
		},
		ShowCode: s.showCode,
	}
	// Nobody is told of a terminal that this machine alone can reach.
	here := onLoopback(o.Setup.Ports.Session)
	ways := o.Setup.Discovery
	c.NoSSDP = here || ways != nil && !slices.Contains(ways, setup.SSDP)
	c.NoDNSSD = here || ways != nil && !slices.Contains(ways, setup.DNSSD)
	if v := o.Setup.Policy.MinApp; v != nil {
		c.MinApp = *v
	}
	for _, part := range []func(context.Context, *terminal.Config) error{
		s.rules, s.appearance, s.keys, s.readers, s.docks, s.host, s.counter,
	} {
		if err := part(ctx, c); err != nil {
			return s, err
		}
	}
	s.Terminal, err = terminal.Open(*c)
	var locked *journal.Error
	if errors.As(err, &locked) && locked.Code == journal.CodeLocked {
		err = fmt.Errorf("%w: %s is another emv terminal's; --state takes another folder", err, c.State)
	}
	return s, err
}

func onLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *Station) closing(f func() error) { s.closings = append(s.closings, f) }

// Close ends everything, in the reverse order.
func (s *Station) Close() error {
	var err error
	if s.Terminal != nil {
		err = s.Terminal.Close()
	}
	for _, f := range slices.Backward(s.closings) {
		err = errors.Join(err, f())
	}
	s.closings = nil
	return err
}

// rules are the merchant's over those of the country.
func (s *Station) rules(_ context.Context, c *terminal.Config) error {
	p := &s.options.Setup.Policy
	if t := p.Tips; t != nil {
		profile := *c.Profile
		profile.Tips.Ask, profile.Tips.Percent, profile.Tips.Custom = t.Ask, t.Percent, t.Custom
		c.Profile = &profile
	}
	c.Payment = payment.Policy{
		Surcharge: p.Surcharge, UnreferencedRoles: p.RefundRoles, UnreferencedMax: p.RefundMost, CardRefunds: p.CardRefunds,
		Adjust: p.Adjust, AdjustMaxPercent: p.AdjustMost, RequireCart: p.RequireCart, Disclaimers: p.Disclaimers,
	}
	if p.Forward == nil {
		return nil
	}
	return forward(p.Forward, c)
}

// forward has the terminal store what cards approve while the bank is away, by the country's caps and the merchant's.
func forward(f *setup.Forward, c *terminal.Config) error {
	refuse := func(key, text string) error {
		return &kernel.ConfigError{Faults: []kernel.Fault{{Path: "policy.forward" + key, Code: setup.CodeValue, Text: text}}}
	}
	if c.Profile.Forward == nil {
		return refuse("", "the profile of "+c.Profile.Country.Alpha2+" has no such payments")
	}
	n := *c.Profile.Forward
	n.Max, n.Sum = cmp.Or(f.Max, n.Max), cmp.Or(f.Sum, n.Sum)
	n.Count, n.Age = cmp.Or(f.Count, n.Count), cmp.Or(f.Age, n.Age)
	n.PIN = n.PIN || f.PIN
	n.Never = slices.Concat(n.Never, f.Brands)
	if n.Max > n.Sum {
		return refuse(".max", "is more than the sum")
	}
	country := *c.Profile
	country.Forward = &n
	c.Profile = &country
	c.Payment.Forward = terminal.Forward(c.Profile)
	return nil
}

func (s *Station) appearance(_ context.Context, c *terminal.Config) error {
	a := &s.options.Setup.Appearance
	c.Appearance = display.Appearance{Language: a.Language, Image: a.Standby}
	for _, key := range a.Brands {
		brand, ok := c.Profile.Accepts(key)
		if !ok {
			return &kernel.ConfigError{Faults: []kernel.Fault{{
				Path: "appearance.brands", Code: setup.CodeValue, Text: c.Profile.Country.Alpha2 + " takes no brand " + key,
			}}}
		}
		c.Appearance.Brands = append(c.Appearance.Brands, brand.Marks...)
	}
	return nil
}

// keys opens the store, and makes one where there is none.
func (s *Station) keys(_ context.Context, c *terminal.Config) error {
	k := s.options.Setup.Keystore
	if k == nil {
		k = &setup.Keystore{Provider: "file"}
	}
	dir := k.Dir
	if dir == "" {
		dir = filepath.Join(c.State, "keys")
	}
	store, err := openStore(dir, k)
	if err != nil {
		return err
	}
	s.Keys, s.KeyDir = store, dir
	s.closing(store.Close)
	c.Store, c.Label = store, k.Device
	c.KeyPlace = "software"
	if store.Hardware() {
		c.KeyPlace = "TPM 2.0"
	}
	if roots := s.options.Setup.Roots; roots != nil {
		label := c.Label
		if label == "" {
			label = "device"
		}
		key, err := pairing.DeviceKey(store, label)
		if err != nil {
			return err
		}
		c.Roots, c.Certificate = roots, &tls.Certificate{Certificate: s.options.Setup.Certificate, PrivateKey: key}
	}
	return nil
}

// readers opens those of the setup, or makes a simulated one.
func (s *Station) readers(ctx context.Context, c *terminal.Config) error {
	if len(s.options.Setup.Readers) == 0 {
		s.Reader = simulated.New(simulated.Config{})
		c.Readers = []driver.Reader{s.Reader}
	}
	for _, name := range s.options.Setup.Readers {
		r, err := s.options.Open(ctx, name)
		if err != nil {
			return err
		}
		c.Readers = append(c.Readers, r)
	}
	for _, r := range c.Readers {
		s.closing(r.Close) // a second Close, after the terminal's, does nothing
	}
	c.Env.CAPKs = s.options.CAPKs
	if s.options.CAPKs == nil {
		set, err := capk.Test()
		if s.options.Setup.Host != nil {
			set, err = capk.Production()
		}
		if err != nil {
			return err
		}
		c.Env.CAPKs = set
	}
	return nil
}

// docks opens the dock. A terminal whose reader is simulated stands in a virtual one, unless it is said otherwise.
func (s *Station) docks(_ context.Context, c *terminal.Config) error {
	kind := s.options.Setup.Dock
	if kind == "" {
		kind = setup.DockNone
		if s.Reader != nil {
			kind = setup.DockVirtual
		}
	}
	switch kind {
	case setup.DockVirtual:
		v := &dock.Virtual{}
		v.Dock()
		c.Dock = v
	case setup.DockUSB:
		u, err := dock.OpenSystem(s.options.Setup.DockDevices)
		if err != nil {
			return err
		}
		s.dock, c.Dock = u, u
		c.Power = dock.Supply{FS: os.DirFS("/sys/class/power_supply")}.Read // of a device with a dock of its own. S27, S92
	}
	return nil
}

// counter makes the person, where there is something simulated to play with.
func (s *Station) counter(ctx context.Context, c *terminal.Config) error {
	v, _ := c.Dock.(*dock.Virtual)
	if s.Reader == nil && s.Bank == nil && v == nil {
		return nil
	}
	address := s.options.Setup.Ports.Counter
	if address == "" {
		address = DefaultCounter
	}
	if address[0] == ':' { // it is for this device alone
		address = "127.0.0.1" + address
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", address)
	if err != nil {
		return &terminal.Error{Code: terminal.CodePort, Field: "counter", Text: address, Err: err}
	}
	s.page = l
	s.closing(func() error { return ignoreClosed(l.Close()) })
	s.staff(c)
	s.Counter = counter.New(counter.Config{
		Reader: s.Reader, Pad: s.Pad, Dock: v, Bank: s.Bank, Staff: s.Staff, Scanner: s.Scanner, Mode: s.mode,
		Code: s.code, Delay: s.options.Delay, Told: s.options.Told,
	})
	s.closing(func() error { s.Counter.Close(); return nil })
	return nil
}

// showCode keeps the pairing code that came on the screen.
func (s *Station) showCode(text string) {
	s.mu.Lock()
	s.shown = text
	s.mu.Unlock()
	if s.options.ShowCode != nil {
		s.options.ShowCode(text)
	}
}

// code returns the pairing code, as long as it is on the screen.
func (s *Station) code() string {
	if s.Terminal == nil || s.Terminal.Display().Screen != display.QR {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown
}

// DefaultCounter is where the counter is, unless it is said otherwise.
const DefaultCounter = "127.0.0.1:8088"

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// CounterURL returns where the counter is, "" where there is none.
func (s *Station) CounterURL() string {
	if s.page == nil {
		return ""
	}
	return "http://" + s.page.Addr().String() + "/"
}

// Run runs the terminal and what belongs to it until ctx ends or one of them fails. ready is called once, when everything
// listens.
func (s *Station) Run(ctx context.Context, ready func(terminal.Addresses)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var running sync.WaitGroup
	start := func(run func(context.Context) error) {
		running.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	if s.bank != nil {
		start(func(ctx context.Context) error { return s.Bank.Serve(ctx, s.bank) })
	}
	if s.dock != nil {
		start(s.dock.Run)
	}
	if s.Counter != nil {
		start(s.serveCounter)
	}
	start(func(ctx context.Context) error {
		at, err := s.Terminal.Addresses(ctx)
		if err == nil {
			if s.Counter != nil {
				s.Counter.ShowDisplay(at.Display)
			}
			if ready != nil {
				ready(at)
			}
		}
		return nil // what keeps the ports shut is Run's to say
	})
	err := s.Terminal.Run(ctx)
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	cancel(nil)
	running.Wait()
	return err
}

func (s *Station) serveCounter(ctx context.Context) error {
	web := &http.Server{Handler: s.Counter.Handler(), ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		_ = web.Close()
	})
	err := web.Serve(s.page)
	if !stop() {
		<-ended
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
