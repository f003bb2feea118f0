package pos_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/canonical"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantCode(t *testing.T, err error, want wire.Code) {
	t.Helper()
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != want {
		t.Fatalf("got %v, want %s", err, want)
	}
}

// hasty is a clock on which nobody waits: pauses between attempts are over at once, or after a millisecond.
type hasty struct{}

func (hasty) Now() time.Time { return time.Now() }

func (hasty) After(d time.Duration) <-chan time.Time { return time.After(min(d, time.Millisecond)) }

// device is a terminal with a payment engine of a few lines: it accepts, and says what it is told to.
type device struct {
	t       *testing.T
	id      pairing.TerminalID
	records *pairing.Records
	lease   *session.Lease
	server  *session.Server
	desk    *pairing.Desk
	address string
	conns   *listener

	mu     sync.Mutex
	codes  chan string
	carts  []wire.CartSet
	asked  map[string]int // how often a request arrived
	finals map[string]*wire.Final
	acked  map[string]bool
	refuse *wire.Error
	deaf   int // requests that are accepted without a word
	result wire.Result
	hold   bool // finals wait
	once   bool // of each id the first one is refused alone
	shows  bool // carts are shown, and only the one that is can be paid
	shown  []byte

	inquired int // how often the state was asked for

	offline bool // approvals are the card's
	late    map[string]*wire.PaymentLate
	noted   map[string]bool
	beat    wire.Heartbeat

	takes func(*session.Till, wire.Frame) bool // gets each frame first; true: it is not handled
}

// listener keeps its connections, to cut them.
type listener struct {
	net.Listener
	mu   sync.Mutex
	list []net.Conn
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.mu.Lock()
		l.list = append(l.list, c)
		l.mu.Unlock()
	}
	return c, err
}

func (l *listener) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.list {
		_ = c.Close()
	}
	l.list = nil
}

func certificate(t *testing.T, kind pairing.Kind, id string) tls.Certificate {
	t.Helper()
	k := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	return must[tls.Certificate](t)(pairing.SelfSigned(k, pairing.Identity{Merchant: "acme", Location: "store-1", Kind: kind, ID: id}, rand.Reader, time.Now()))
}

func newDevice(t *testing.T, n byte) *device {
	t.Helper()
	d := &device{
		t: t, id: pairing.TerminalID{n}, records: pairing.NewRecords(), codes: make(chan string, 16), asked: map[string]int{},
		finals: map[string]*wire.Final{}, acked: map[string]bool{}, result: wire.Approved,
		late: map[string]*wire.PaymentLate{}, noted: map[string]bool{},
	}
	cert := certificate(t, pairing.Terminal, d.id.String())
	policy := pairing.Policy{Protocol: wire.This, MinApp: pairing.DefaultMinApp, Merchant: "acme", Location: "store-1", Country: "GB", StoreCountry: "GB"}
	d.lease = session.NewLease(0, func(uint64) error { return nil }, func() string { return "" }, nil)
	d.server = must[*session.Server](t)(session.NewServer(session.ServerConfig{
		Terminal: d.id, Name: fmt.Sprintf("Counter %d", n), Cert: cert, Policy: policy, Records: d.records,
		Config: func() uint64 { return 1 }, Addresses: func() []string { return []string{d.address} },
		Status: func() wire.Status { return wire.Status{State: "ready", Docked: true} }, Beat: func() wire.Heartbeat {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.beat
		},
		Lease: d.lease, Clock: pairing.SystemClock{}, Handle: d.handle, Connected: d.connected,
	}))
	d.conns = &listener{Listener: must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))}
	d.address = d.conns.Addr().String()
	d.desk = must[*pairing.Desk](t)(pairing.NewDesk(pairing.DeskConfig{
		Terminal: d.id, Name: fmt.Sprintf("Counter %d", n), Cert: cert, Policy: policy, Records: d.records,
		Listen: func(ctx context.Context) (net.Listener, error) {
			return (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		},
		Addresses: func() []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} },
		Sessions:  func() []string { return []string{d.address} }, Clock: pairing.SystemClock{}, Rand: rand.Reader,
	}))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.server.Serve(ctx, d.conns)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return d
}

func (d *device) connected(till *session.Till) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, f := range d.finals { // until it is acknowledged. PRODUCT 3.3
		if !d.acked[id] && !d.hold {
			_ = till.Send(wire.TypeFinal, "", f)
		}
	}
	for id, l := range d.late {
		if !d.noted[id] {
			_ = till.Send(wire.TypePayLate, "", l)
		}
	}
}

func (d *device) handle(till *session.Till, f wire.Frame) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.takes != nil && d.takes(till, f) {
		return
	}
	switch f.Type {
	case wire.TypeCartSet:
		var c wire.CartSet
		if err := wire.Decode(f.Body, &c); err != nil {
			d.t.Error(err)
		}
		d.carts = append(d.carts, c)
		if d.shows {
			hash, err := canonical.Hash(&c)
			if err != nil {
				d.t.Error(err)
			}
			d.shown = hash[:]
			_ = till.Notify(wire.TypeCartShown, &wire.CartShown{CartID: c.CartID, Rev: c.Rev, Hash: d.shown})
		}
	case wire.TypePay:
		var r wire.PaymentRequest
		if err := wire.Decode(f.Body, &r); err != nil {
			d.t.Error(err)
			return
		}
		d.asked[r.RequestID]++
		if d.shows && !bytes.Equal(r.CartHash, d.shown) {
			_ = till.Refuse(f, &wire.Error{Code: wire.CodeCartMismatch})
			return
		}
		if d.refuse != nil && (!d.once || d.asked[r.RequestID] == 1) {
			_ = till.Refuse(f, d.refuse)
			return
		}
		if d.finals[r.RequestID] == nil {
			n := &wire.Final{RequestID: r.RequestID, OrderRef: r.OrderRef, Result: d.result, Kind: r.Kind, Amount: r.Amount, Currency: r.Currency, Time: 1}
			if d.result == wire.Approved {
				n.Total, n.Offline = r.Amount, d.offline
			}
			d.finals[r.RequestID] = n
		}
		if d.deaf > 0 {
			d.deaf--
			return
		}
		_ = till.Send(wire.TypePayAccepted, f.ID, &wire.PaymentAccepted{RequestID: r.RequestID, State: wire.StateAccepted})
		if !d.hold {
			_ = till.Send(wire.TypeFinal, "", d.finals[r.RequestID])
		}
	case wire.TypePayStatus:
		var s wire.PaymentStatus
		if err := wire.Decode(f.Body, &s); err != nil {
			d.t.Error(err)
		}
		d.inquired++
		n := d.finals[s.RequestID]
		if n == nil {
			_ = till.Refuse(f, &wire.Error{Code: wire.CodeNotFound})
			return
		}
		state := &wire.PaymentState{RequestID: s.RequestID, State: wire.StateFinal, Final: n}
		if d.hold {
			state.State, state.Final = wire.StatePrompting, nil
		}
		_ = till.Send(wire.TypePayState, f.ID, state)
	case wire.TypePayCancel:
		var c wire.PaymentCancel
		if err := wire.Decode(f.Body, &c); err != nil {
			d.t.Error(err)
			return
		}
		n := d.finals[c.RequestID]
		n.Result, n.Total, d.hold = wire.Cancelled, 0, false
		_ = till.Send(wire.TypeCancelled, f.ID, &wire.CancelResult{RequestID: c.RequestID, Result: "cancelled", State: wire.StatePrompting})
		_ = till.Send(wire.TypeFinal, "", n)
	case wire.TypePayAck:
		var a wire.PaymentAck
		if err := wire.Decode(f.Body, &a); err != nil {
			d.t.Error(err)
		}
		d.acked[a.RequestID] = true
	case wire.TypePayNoted:
		var n wire.PaymentNoted
		if err := wire.Decode(f.Body, &n); err != nil {
			d.t.Error(err)
		}
		d.noted[n.RequestID] = true
	default:
		d.t.Errorf("unexpected %s", f.Type)
	}
}

// set changes what the device does.
func (d *device) set(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("in vain: ", what)
		}
	}
}

func config(t *testing.T) pos.Config {
	return pos.Config{
		PosID: "till-7", Name: "Till 7", Cert: certificate(t, pairing.Till, "till-7"), Version: wire.Version{Major: 8, Minor: 16}, Platform: "linux",
		Networks: func() []string { return []string{"127.0.0.0/8"} }, Records: pairing.NewRecords(), Book: pos.NewBook(),
		Dial: func(ctx context.Context, a string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", a)
		},
		Clock: hasty{}, Rand: rand.Reader,
	}
}

// start runs a register until the test or stop ends it.
func start(t *testing.T, c pos.Config) (r *pos.Register, stop func()) {
	t.Helper()
	r = must[*pos.Register](t)(pos.New(c))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = r.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return r, stop
}

// pair scans the device's code.
func pair(t *testing.T, r *pos.Register, d *device) *pos.Terminal {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		_, err := d.desk.Run(context.Background(), func(s pairing.Shown) { d.codes <- s.Text })
		done <- err
	}()
	if _, err := r.Pair(context.Background(), <-d.codes); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return must[*pos.Terminal](t)(r.Terminal(d.id.String()))
}

func sale(order string, amount int64) wire.PaymentRequest {
	return wire.PaymentRequest{
		OrderRef: order, Kind: wire.KindSale, Amount: amount, Currency: "GBP", TipPolicy: wire.TipPolicy{Mode: "none"},
		SurchargePolicy: wire.SurchargePolicy{Mode: "none"}, Offline: wire.Offline{Mode: "forbid"}, Entry: []wire.Entry{wire.EntryTap},
		Within: 60_000,
	}
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}
