package pairing_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// clock stands still until it is moved.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	waits []wait
}

type wait struct {
	at time.Time
	ch chan time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := wait{c.now.Add(d), make(chan time.Time, 1)}
	c.waits = append(c.waits, w)
	return w.ch
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	left := c.waits[:0]
	for _, w := range c.waits {
		if w.at.After(c.now) {
			left = append(left, w)
		} else {
			w.ch <- c.now
		}
	}
	c.waits = left
}

func start() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

func key(t *testing.T) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// rig is a terminal and what a till needs for it, on loopback.
type rig struct {
	t        *testing.T
	clock    *clock
	tid      pairing.TerminalID
	config   pairing.DeskConfig
	till     pairing.JoinConfig
	root     *pairing.Authority
	location *pairing.Authority

	mu      sync.Mutex
	refused []wire.Code
	address string     // of the pairing port, while it is open
	from    netip.Addr // what tills seem to come from, if it is set
}

// newRig makes a stand-alone pair; managed gives both certificates of one location.
func newRig(t *testing.T, managed bool) *rig {
	t.Helper()
	r := &rig{t: t, clock: &clock{now: start()}, tid: pairing.TerminalID{0xA5, 1, 2, 3}}
	term := pairing.Identity{Merchant: "acme", Location: "store-1", Kind: pairing.Terminal, ID: r.tid.String()}
	till := pairing.Identity{Merchant: "acme", Location: "store-1", Kind: pairing.Till, ID: "till-7"}
	cert := func(id pairing.Identity) tls.Certificate {
		return must[tls.Certificate](t)(pairing.SelfSigned(key(t), id, rand.Reader, start()))
	}
	if managed {
		r.root = must[*pairing.Authority](t)(pairing.NewRoot(key(t), "acme root", rand.Reader, start(), 10*365*24*time.Hour))
		r.location = r.authority(r.root, "acme", "store-1")
		cert = func(id pairing.Identity) tls.Certificate {
			return must[tls.Certificate](t)(r.location.Device(key(t), id, rand.Reader, start()))
		}
	}
	r.config = pairing.DeskConfig{
		Terminal: r.tid, Name: "Counter 1", Cert: cert(term),
		Policy: pairing.Policy{
			Protocol: wire.This, MinApp: pairing.DefaultMinApp, Merchant: "acme", Location: "store-1", Country: "GB", StoreCountry: "GB",
		},
		Records: pairing.NewRecords(),
		Listen: func(ctx context.Context) (net.Listener, error) {
			l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
			if err != nil {
				return nil, err
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.address = l.Addr().String()
			return &listener{l, r}, nil
		},
		Addresses: func() []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} },
		Sessions:  func() []string { return []string{"127.0.0.1:4443"} },
		Clock:     r.clock, Rand: rand.Reader,
		Refused: func(e *wire.Error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.refused = append(r.refused, e.Code)
		},
	}
	r.till = pairing.JoinConfig{
		PosID: "till-7", Name: "Till 7", Cert: cert(till), Version: wire.Version{Major: 8, Minor: 16}, Platform: "ios",
		Protocol: wire.This, Merchant: "acme", Location: "store-1", Country: "GB",
		Networks: func() []string { return []string{"127.0.0.0/8"} },
		Records:  pairing.NewRecords(), Dial: dial, Clock: r.clock, Rand: rand.Reader,
	}
	if managed {
		pool := x509.NewCertPool()
		pool.AddCert(r.root.Cert)
		r.config.Policy.Roots, r.till.Roots = pool, pool
	}
	return r
}

// listener says that connections come from where the rig wants them to.
type listener struct {
	net.Listener
	r *rig
}

type connection struct {
	net.Conn
	from net.Addr
}

func (c *connection) RemoteAddr() net.Addr { return c.from }

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.r.mu.Lock()
	defer l.r.mu.Unlock()
	if !l.r.from.IsValid() {
		return c, nil
	}
	return &connection{c, net.TCPAddrFromAddrPort(netip.AddrPortFrom(l.r.from, 50000))}, nil
}

// comeFrom makes later tills come from an address.
func (r *rig) comeFrom(a string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.from = netip.MustParseAddr(a)
}

// at is where the pairing port is.
func (r *rig) at() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.address
}

func (r *rig) authority(root *pairing.Authority, merchant, location string) *pairing.Authority {
	r.t.Helper()
	return must[*pairing.Authority](r.t)(root.Location(key(r.t), merchant, location, rand.Reader, start(), 365*24*time.Hour))
}

func dial(ctx context.Context, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

// shown is a Run under way.
type shown struct {
	*rig
	codes  chan pairing.Shown
	done   chan struct{}
	paired *pairing.Paired
	err    error
	cancel context.CancelFunc
}

// run starts a Run; the test's end ends it.
func (r *rig) run() *shown {
	r.t.Helper()
	d := must[*pairing.Desk](r.t)(pairing.NewDesk(r.config))
	ctx, cancel := context.WithCancel(context.Background())
	s := &shown{rig: r, codes: make(chan pairing.Shown, 64), done: make(chan struct{}), cancel: cancel}
	go func() {
		defer close(s.done)
		s.paired, s.err = d.Run(ctx, func(c pairing.Shown) { s.codes <- c })
	}()
	r.t.Cleanup(s.stop)
	return s
}

func (s *shown) stop() {
	s.cancel()
	<-s.done
}

// code waits for the next code to scan, typed for the next to type.
func (s *shown) code() string  { s.t.Helper(); return s.next().Text }
func (s *shown) typed() string { s.t.Helper(); return s.next().Typed }

// next waits for what the screen shows next.
func (s *shown) next() (c pairing.Shown) {
	s.t.Helper()
	select {
	case c = <-s.codes:
	case <-s.done:
		s.t.Fatal("Run ended: ", s.err)
	}
	return c
}

func (r *rig) codesRefused() []wire.Code {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]wire.Code(nil), r.refused...)
}

func wantCode(t *testing.T, err error, want wire.Code) {
	t.Helper()
	var e *wire.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want %s", err, want)
	}
	if e.Code != want {
		t.Fatalf("got %v, want %s", err, want)
	}
}
