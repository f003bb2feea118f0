package terminal_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/host/acquirer"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// The chain is the whole way of the money, of real parts from end to end:
//
//	pos.Register ─ TLS session ─ terminal ─ reader ─ simulated card
//	                                └───── host/acquirer ─ TCP ─ issuer/iso
//
// Networks, disk and hands are passed in, so that a test can cut, record and crash what is between the parts.

func made[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// chain is a terminal with its host and its customer's hands; chainTill is a till of it.
type chain struct {
	testing.TB
	config terminal.Config
	server *iso.Server
	keys   *iso.TerminalKeys
	reach  func(ctx context.Context) (net.Conn, error) // how the terminal gets to its host
	wait   time.Duration                               // for the host's answer
	hands  *simulated.Reader
	dock   *dock.Virtual
	log    *lockedBuffer
	heard  func(host.Event)
	codes  chan string // pairing codes that came on the display

	terminal *terminal.Terminal
	where    terminal.Addresses
	down     func() error
}

// newChain sets up what does not lose its memory when the terminal is switched off. Listen is the host's.
func newChain(t testing.TB, issuer iso.Config, listen net.Listener, reach func(ctx context.Context) (net.Conn, error)) *chain {
	t.Helper()
	c := &chain{
		TB: t, reach: reach, wait: 2 * time.Second, dock: &dock.Virtual{}, log: &lockedBuffer{}, codes: make(chan string, 64),
		server: made[*iso.Server](t)(iso.New(issuer)),
		keys:   made[*iso.TerminalKeys](t)(iso.NewTerminalKeys(iso.TestInitialKeyID(1))),
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = c.server.Serve(ctx, listen)
	}()
	t.Cleanup(func() {
		cancel()
		<-served
	})
	c.dock.Dock()
	c.config = terminal.Config{
		State: t.TempDir() + "/state", Name: "Counter 1", Profile: made[*profile.Profile](t)(profile.Builtin("US")), PINPad: pad{},
		Keys: drawn{c.keys}, Env: kernel.Env{Clock: kernel.SystemClock{}, Rand: rand.Reader}, Objects: merchant(), Dock: c.dock,
		Interfaces: loopback, NoSSDP: true, NoDNSSD: true,
		Ports: terminal.Ports{Session: "127.0.0.1:0", Plain: "127.0.0.1:0", Pairing: "127.0.0.1:0", Presence: "127.0.0.1:0"},
		Times: terminal.Times{Paired: time.Millisecond, HostReply: 2 * time.Second},
		Log:   slog.New(slog.NewJSONHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		ShowCode: func(text string) {
			select {
			case c.codes <- text:
			default:
			}
		},
	}
	var err error
	if c.config.Env.CAPKs, err = capks(); err != nil {
		t.Fatal(err)
	}
	if c.config.Store, err = store(); err != nil {
		t.Fatal(err)
	}
	return c
}

// lasting is a chain on the machine's own network and disk.
func lasting(t testing.TB, issuer iso.Config) *chain {
	t.Helper()
	l := made[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	return newChain(t, issuer, l, func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr().String())
	})
}

// up switches the terminal on.
func (c *chain) up() error {
	client, err := host.New(host.Config{
		Dial: c.reach, Keys: c.keys, Terminal: "T0000001", Merchant: "M00000000000001", Timeout: c.wait,
		Events: c.heard,
	})
	if err != nil {
		return err
	}
	c.hands = simulated.New(simulated.Config{})
	c.config.Readers = []driver.Reader{c.hands}
	c.config.Host = acquirer.New(client, acquirer.Config{PIN: true})
	if c.terminal, err = terminal.Open(c.config); err != nil {
		return errors.Join(err, client.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.terminal.Run(ctx) }()
	c.down = sync.OnceValue(func() error {
		cancel()
		err := <-ended
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		return errors.Join(err, c.terminal.Close(), client.Close())
	})
	if c.where, err = c.terminal.Addresses(ctx); err != nil {
		return errors.Join(err, c.down())
	}
	c.config.Ports.Session = c.where.Session.String() // as on a device: its tills know it
	return nil
}

// chainTill is a till; what it has stored outlives its crashes.
type chainTill struct {
	*pos.Register
	config pos.Config
	off    func()
}

// till makes a till that is switched on, and is not paired.
func (c *chain) till(id string, dial func(ctx context.Context, address string) (net.Conn, error), hear func(pos.Event)) *chainTill {
	c.Helper()
	key := made[*ecdsa.PrivateKey](c)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	cert := made[tls.Certificate](c)(pairing.SelfSigned(key, pairing.Identity{Merchant: "standalone", Location: "x", Kind: pairing.Till, ID: id}, rand.Reader, time.Now()))
	k := &chainTill{config: pos.Config{
		PosID: id, Name: "Till " + id, Cert: cert, Version: wire.Version{Major: 8, Minor: 16}, Platform: "linux",
		Networks: func() []string { return []string{"127.0.0.0/8"} }, Records: pairing.NewRecords(), Book: pos.NewBook(), Dial: dial,
		Clock: pairing.SystemClock{}, Rand: rand.Reader, Events: hear,
	}}
	k.on(c)
	return k
}

func dialTCP(ctx context.Context, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

// on starts the till's app.
func (k *chainTill) on(t testing.TB) {
	t.Helper()
	k.Register = made[*pos.Register](t)(pos.New(k.config))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	r := k.Register
	go func() {
		defer close(done)
		_ = r.Run(ctx)
	}()
	k.off = sync.OnceFunc(func() {
		cancel()
		<-done
	})
}

// pair takes the next code that comes on the display, and waits until the till is connected.
func (c *chain) pair(k *chainTill) *pos.Terminal {
	c.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := k.Pair(ctx, <-c.codes); err != nil {
		c.Fatal(err)
	}
	c.await("the till connects", func() bool { return k.List()[0].State == "ready" })
	return made[*pos.Terminal](c)(k.Terminal(""))
}

func (c *chain) await(what string, is func() bool) {
	c.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			c.Fatal("in vain: ", what)
		}
	}
}

// sale asks for a payment without a cart.
func (c *chain) sale(order string, amount int64) wire.PaymentRequest {
	return wire.PaymentRequest{
		OrderRef: order, Kind: wire.KindSale, Amount: amount, Currency: c.config.Profile.Currency.Alpha,
		TipPolicy: wire.TipPolicy{Mode: "none"}, SurchargePolicy: wire.SurchargePolicy{Mode: "none"},
		Offline: wire.Offline{Mode: "forbid"}, Entry: []wire.Entry{wire.EntryTap, wire.EntryInsert, wire.EntrySwipe}, Within: 60_000,
	}
}

func cardOf(t testing.TB, name string) *card.Card {
	t.Helper()
	return made[*card.Card](t)(card.New(card.Config{Profile: name, ATC: uint16(atc.Add(16))}))
}

// atc is where the counters of cards begin: several profiles have one number, and an issuer takes none twice.
var atc atomic.Uint32
