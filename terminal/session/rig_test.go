package session_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
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

func cert(t *testing.T, kind pairing.Kind, id string) tls.Certificate {
	t.Helper()
	k := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	i := pairing.Identity{Merchant: "acme", Location: "store-1", Kind: kind, ID: id}
	return must[tls.Certificate](t)(pairing.SelfSigned(k, i, rand.Reader, time.Now()))
}

// rig is a terminal that serves on loopback, with one paired till.
type rig struct {
	t       *testing.T
	records *pairing.Records
	config  session.ServerConfig
	server  *session.Server
	address string
	till    session.ConnectConfig
	lease   *session.Lease

	frames    chan wire.Frame // that Handle got
	connected chan *session.Till
	gone      chan *session.Till

	mu   sync.Mutex
	busy string // request id of the payment under way
}

func newRig(t *testing.T, change func(*rig)) *rig {
	t.Helper()
	r := &rig{t: t, records: pairing.NewRecords(), frames: make(chan wire.Frame, 4096), connected: make(chan *session.Till, 256), gone: make(chan *session.Till, 256)}
	tid := pairing.TerminalID{0xA5, 1}
	term, till := cert(t, pairing.Terminal, tid.String()), cert(t, pairing.Till, "till-7")
	r.lease = session.NewLease(7, func(uint64) error { return nil }, func() string {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.busy
	}, nil)
	r.config = session.ServerConfig{
		Terminal: tid, Name: "Counter 1", Cert: term, Records: r.records, Lease: r.lease, Clock: pairing.SystemClock{}, Rand: rand.Reader,
		Policy: pairing.Policy{Protocol: wire.This, MinApp: pairing.DefaultMinApp, Merchant: "acme", Location: "store-1", Country: "GB", StoreCountry: "GB"},
		Config: func() uint64 { return 3 }, Addresses: func() []string { return []string{r.address} },
		Status:    func() wire.Status { return wire.Status{State: "ready", Docked: true} },
		Beat:      func() wire.Heartbeat { return wire.Heartbeat{} },
		Handle:    func(_ *session.Till, f wire.Frame) { r.frames <- f },
		Connected: func(t *session.Till) { r.connected <- t },
		Gone:      func(t *session.Till) { r.gone <- t },
	}
	record := pairing.Record{ID: "till-7", Name: "Till 7", Pin: pairing.PinOf(till.Leaf.RawSubjectPublicKeyInfo), ResumeKey: make(wire.Key, 32)}
	if err := r.records.Put(record); err != nil {
		t.Fatal(err)
	}
	r.till = session.ConnectConfig{
		Cert: till, Record: pairing.Record{ID: tid.String(), Pin: pairing.PinOf(term.Leaf.RawSubjectPublicKeyInfo), Merchant: "acme", Location: "store-1"},
		Hello: wire.Hello{
			AppVersion: wire.Version{Major: 8, Minor: 16}, Platform: "ios", PosID: "till-7", Name: "Till 7", Merchant: "acme",
			Location: "store-1", Country: "GB", Networks: []string{"127.0.0.0/8"}, Epoch: 1,
		},
		Stream: must[*session.Stream](t)(session.NewStream(rand.Reader)), Clock: pairing.SystemClock{},
		Dial: func(ctx context.Context, a string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", a)
		},
	}
	if change != nil {
		change(r)
	}
	r.server = must[*session.Server](t)(session.NewServer(r.config))
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	r.address = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.server.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Serve: %v", err)
		}
	})
	return r
}

// running is a connection of the till whose Run is under way.
type running struct {
	welcome *wire.Welcome
	frames  chan wire.Frame
	cancel  context.CancelFunc
	err     chan error
}

func (r *rig) connect() *running {
	r.t.Helper()
	l, w, err := session.Connect(context.Background(), &r.till, r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &running{w, make(chan wire.Frame, 4096), cancel, make(chan error, 1)}
	go func() { c.err <- l.Run(ctx, func(f wire.Frame) { c.frames <- f }) }()
	r.t.Cleanup(cancel)
	return c
}

func (c *running) next(t *testing.T) wire.Frame {
	t.Helper()
	select {
	case f := <-c.frames:
		return f
	case err := <-c.err:
		t.Fatal("the connection ended: ", err)
	}
	return wire.Frame{}
}

// ask sends a frame and returns the answer.
func (r *rig) ask(c *running, kind wire.Type, id string, v wire.Body) wire.Frame {
	r.t.Helper()
	if err := r.till.Stream.Add(kind, id, must[[]byte](r.t)(encode(v))); err != nil {
		r.t.Fatal(err)
	}
	for {
		if f := c.next(r.t); f.ID == id {
			return f
		}
	}
}

func encode(v wire.Body) ([]byte, error) { return wire.Encode(v) }

func errorOf(t *testing.T, f wire.Frame) *wire.Error {
	t.Helper()
	var e wire.Error
	if f.Type != wire.TypeError {
		t.Fatalf("%s instead of an error: %s", f.Type, f.Body)
	}
	if err := wire.Decode(f.Body, &e); err != nil {
		t.Fatal(err)
	}
	return &e
}

const ulid = "01JDC3V8Q4ZT5R6Y7W8X9ABCDE"

func payment(epoch uint64) *wire.PaymentRequest {
	return &wire.PaymentRequest{
		RequestID: ulid, OrderRef: "o-1", Kind: wire.KindSale, Amount: 1250, Currency: "GBP", TipPolicy: wire.TipPolicy{Mode: "none"},
		SurchargePolicy: wire.SurchargePolicy{Mode: "none"}, Offline: wire.Offline{Mode: "forbid"}, Entry: []wire.Entry{wire.EntryTap},
		Within: 60_000, LeaseEpoch: epoch,
	}
}
