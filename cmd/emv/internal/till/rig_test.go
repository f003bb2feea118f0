package till_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/terminal/canonical"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantCode(t testing.TB, err error, want wire.Code) *wire.Error {
	t.Helper()
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	return e
}

// until waits for something that will be.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("in vain: ", what)
		}
	}
}

// device is a terminal with real pairing and sessions, and a payment engine of a few lines that keeps the rules of the
// protocol: a request id has one outcome, and a payment is of the cart that is shown.
type device struct {
	t       *testing.T
	id      pairing.TerminalID
	name    string
	lease   *session.Lease
	server  *session.Server
	desk    *pairing.Desk
	address string

	mu     sync.Mutex
	carts  []wire.CartSet
	asked  map[string]int // how often a request arrived
	orders map[string]int // how many request ids an order has
	last   wire.PaymentRequest
	finals map[string]*wire.Final
	acked  map[string]bool
	held   map[string]bool // finals that wait
	hold   bool            // new ones do
	result wire.Result
	tip    int64
	label  string
	refuse wire.Code
	state  wire.State // of a held payment
	late   bool       // cancels come too late
	tills  []*session.Till
	conns  []net.Conn
	gone   bool // connections are closed at once
	full   bool // its journal can't be written: nobody is told of any payment
	blind  bool // carts are lost

	damaged bool // it can't say what it has accepted

	status wire.Status // as of the next connection
	beat   wire.Heartbeat
	noted  map[string]bool // what the bank refused later, and the till knows
}

// gate is the device's listener, which a test can close and open.
type gate struct {
	net.Listener
	d *device
}

func (g gate) Accept() (net.Conn, error) {
	c, err := g.Listener.Accept()
	if err != nil {
		return nil, err
	}
	g.d.mu.Lock()
	defer g.d.mu.Unlock()
	g.d.conns = append(g.d.conns, c)
	if g.d.gone {
		_ = c.Close()
	}
	return c, nil
}

// away cuts the device off, or brings it back.
func (d *device) away(gone bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = gone
	for _, c := range d.conns {
		_ = c.Close()
	}
	d.conns = nil
}

func certificate(t *testing.T, id string) tls.Certificate {
	t.Helper()
	k := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	return must[tls.Certificate](t)(pairing.SelfSigned(k, pairing.Identity{
		Merchant: "acme", Location: "store-1", Kind: pairing.Terminal, ID: id,
	}, rand.Reader, time.Now()))
}

// newDevice starts a terminal.
func newDevice(t *testing.T, n byte, name, country string) *device {
	t.Helper()
	d := &device{
		t: t, id: pairing.TerminalID{n}, name: name, asked: map[string]int{}, orders: map[string]int{}, finals: map[string]*wire.Final{},
		status: wire.Status{State: "ready", Docked: true}, acked: map[string]bool{}, held: map[string]bool{}, noted: map[string]bool{}, result: wire.Approved, state: wire.StatePrompting, label: "Visa Credit",
	}
	cert := certificate(t, d.id.String())
	records := pairing.NewRecords()
	policy := pairing.Policy{
		Protocol: wire.This, MinApp: pairing.DefaultMinApp, Merchant: "acme", Location: "store-1", Country: country, StoreCountry: country,
	}
	d.lease = session.NewLease(0, func(uint64) error { return nil }, func() string { return "" }, nil)
	d.server = must[*session.Server](t)(session.NewServer(session.ServerConfig{
		Terminal: d.id, Name: name, Cert: cert, Policy: policy, Records: records,
		Config: func() uint64 { return 1 }, Addresses: func() []string { return []string{d.address} },
		Status: func() wire.Status {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.status
		}, Beat: func() wire.Heartbeat {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.beat
		},
		Lease: d.lease, Clock: pairing.SystemClock{}, Handle: d.handle, Connected: d.connected,
	}))
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	d.address = l.Addr().String()
	d.desk = must[*pairing.Desk](t)(pairing.NewDesk(pairing.DeskConfig{
		Terminal: d.id, Name: name, Cert: cert, Policy: policy, Records: records,
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
		_ = d.server.Serve(ctx, gate{l, d})
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return d
}

// code shows a pairing code until a till has used it; paired gives what the terminal's screen says then.
func (d *device) code() (text string, paired <-chan string) {
	shown, paired := d.show()
	return shown.Text, paired
}

// show is code with all that is on the screen.
func (d *device) show() (first pairing.Shown, paired <-chan string) {
	shown, done := make(chan pairing.Shown, 8), make(chan string, 1)
	ctx, cancel := context.WithCancel(context.Background())
	d.t.Cleanup(cancel)
	go func() {
		p, err := d.desk.Run(ctx, func(s pairing.Shown) { shown <- s })
		if err == nil {
			done <- p.Confirmation.String()
		}
	}()
	return <-shown, done
}

func (d *device) connected(s *session.Till) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tills = append(d.tills, s)
	for id, f := range d.finals { // until it is acknowledged. PRODUCT 3.3
		if !d.acked[id] && !d.held[id] {
			_ = s.Send(wire.TypeFinal, "", f)
		}
	}
}

func (d *device) handle(s *session.Till, f wire.Frame) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full && (f.Type == wire.TypePay || f.Type == wire.TypePayStatus || f.Type == wire.TypePayCancel) {
		_ = s.Refuse(f, &wire.Error{Code: "E_JOURNAL_FAILED"})
		return
	}
	switch f.Type {
	case wire.TypeCartSet:
		var c wire.CartSet
		if err := wire.Decode(f.Body, &c); err != nil {
			d.t.Error(err)
			return
		}
		if d.blind {
			return
		}
		d.carts = append(d.carts, c)
		hash, err := canonical.Hash(&c)
		if err != nil {
			d.t.Error(err)
		}
		_ = s.Notify(wire.TypeCartShown, &wire.CartShown{CartID: c.CartID, Rev: c.Rev, Hash: hash[:]})
	case wire.TypePay:
		d.pay(s, f)
	case wire.TypePayStatus:
		var q wire.PaymentStatus
		if err := wire.Decode(f.Body, &q); err != nil {
			d.t.Error(err)
		}
		if d.damaged {
			_ = s.Refuse(f, &wire.Error{Code: "E_JOURNAL_DAMAGED"})
			return
		}
		n := d.finals[q.RequestID]
		if n == nil {
			_ = s.Refuse(f, &wire.Error{Code: wire.CodeNotFound})
			return
		}
		state := &wire.PaymentState{RequestID: q.RequestID, State: wire.StateFinal, Final: n}
		if d.held[q.RequestID] {
			state.State, state.Final = d.state, nil
		}
		_ = s.Send(wire.TypePayState, f.ID, state)
	case wire.TypePayCancel:
		var c wire.PaymentCancel
		if err := wire.Decode(f.Body, &c); err != nil {
			d.t.Error(err)
			return
		}
		if d.late {
			_ = s.Send(wire.TypeCancelled, f.ID, &wire.CancelResult{RequestID: c.RequestID, Result: "too_late", State: wire.StateAuthSent})
			return
		}
		n := d.finals[c.RequestID]
		n.Result, n.Total, n.Tip, n.Reason, n.Receipt = wire.Cancelled, 0, 0, c.Reason, nil
		delete(d.held, c.RequestID)
		_ = s.Send(wire.TypeCancelled, f.ID, &wire.CancelResult{RequestID: c.RequestID, Result: "cancelled", State: wire.StatePrompting})
		_ = s.Send(wire.TypeFinal, "", n)
	case wire.TypePayAck:
		var a wire.PaymentAck
		if err := wire.Decode(f.Body, &a); err != nil {
			d.t.Error(err)
			return
		}
		d.acked[a.RequestID] = true
	case wire.TypePayNoted:
		var n wire.PaymentNoted
		if err := wire.Decode(f.Body, &n); err != nil {
			d.t.Error(err)
			return
		}
		d.noted[n.RequestID] = true
	default:
		d.t.Errorf("unexpected %s", f.Type)
	}
}

func (d *device) pay(s *session.Till, f wire.Frame) {
	var r wire.PaymentRequest
	if err := wire.Decode(f.Body, &r); err != nil {
		d.t.Error(err)
		return
	}
	d.asked[r.RequestID]++
	d.last = r
	if d.asked[r.RequestID] == 1 {
		d.orders[r.OrderRef]++
	}
	if d.refuse != "" {
		_ = s.Refuse(f, &wire.Error{Code: d.refuse, Holder: "Till 9"})
		return
	}
	if (r.Kind == wire.KindSale || r.Kind == wire.KindPreauth) && !d.shows(r.CartHash) {
		_ = s.Refuse(f, &wire.Error{Code: wire.CodeCartMismatch})
		return
	}
	if d.finals[r.RequestID] == nil {
		n := &wire.Final{
			RequestID: r.RequestID, OrderRef: r.OrderRef, Result: d.result, Kind: r.Kind, Amount: r.Amount, Currency: r.Currency,
			Time: time.Now().UnixMilli(),
		}
		if r.TipPolicy.Mode == "ask" {
			n.Tip = d.tip
		}
		n.Receipt = &wire.Receipt{
			MaskedPAN: "•••• 1234", Scheme: "Visa", Entry: wire.EntryTap, AID: "A0000000031010", Label: d.label,
			Cryptogram: "A1B2C3D4E5F60718", TVR: "0000000000", TSI: "0000", CVM: "none", RRN: "629913000042",
		}
		switch d.result {
		case wire.Approved:
			n.Total, n.Receipt.AuthCode = r.Amount+n.Tip, "042517"
			if n.Offline = r.Offline.Mode == "allow"; n.Offline {
				n.Receipt.AuthCode = ""
			}
		case wire.Declined:
			n.Tip, n.HostCode, n.Reason = 0, "51", "host.declined"
		default:
			n.Tip = 0
		}
		d.finals[r.RequestID] = n
		if d.hold {
			d.held[r.RequestID] = true
		}
	}
	_ = s.Send(wire.TypePayAccepted, f.ID, &wire.PaymentAccepted{RequestID: r.RequestID, State: wire.StateAccepted})
	if d.held[r.RequestID] {
		_ = s.Notify(wire.TypePayEvent, &wire.PaymentEvent{RequestID: r.RequestID, State: d.state, Prompt: "present_card", Time: 1})
		return
	}
	_ = s.Send(wire.TypeFinal, "", d.finals[r.RequestID])
}

func (d *device) shows(hash []byte) bool {
	if len(d.carts) == 0 {
		return false
	}
	shown, err := canonical.Hash(&d.carts[len(d.carts)-1])
	return err == nil && string(shown[:]) == string(hash)
}

// release lets the held finals go.
func (d *device) release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id := range d.held {
		delete(d.held, id)
		for _, s := range d.tills {
			_ = s.Send(wire.TypeFinal, "", d.finals[id])
		}
	}
	d.hold = false
}

// set changes what the device does.
func (d *device) set(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

func (d *device) see(f func() bool) func() bool {
	return func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return f()
	}
}

// nowhere finds no terminal: those of the tests stay where they are.
func nowhere(context.Context, *pairing.Record, func(string)) {}

func options(t *testing.T, dir string) till.Options {
	return till.Options{Dir: dir, Name: "Till 1", Discover: nowhere, Key: must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
}

// start runs a till until the test or stop ends it.
func start(t *testing.T, o till.Options) (r *till.Till, stop func()) {
	t.Helper()
	s := must[*till.State](t)(till.Open(o))
	r = must[*till.Till](t)(till.New(s))
	ctx, cancel := context.WithCancel(context.Background())
	done, started := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		_ = r.Run(ctx, started)
	}()
	<-started
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			<-done
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return r, stop
}

// pair scans the device's code and waits for the session.
func pair(t *testing.T, r *till.Till, d *device) {
	t.Helper()
	code, done := d.code()
	p := must[*pairing.Paired](t)(r.Pair(t.Context(), code))
	if said := <-done; said != p.Confirmation.String() {
		t.Errorf("the terminal says %s, the till %s", said, p.Confirmation)
	}
	r.PairingDone()
	online(t, r, d)
}

func online(t *testing.T, r *till.Till, d *device) {
	t.Helper()
	until(t, "the session", func() bool {
		for _, i := range r.Terminals() {
			if i.ID == d.id.String() && i.State == "ready" {
				return true
			}
		}
		return false
	})
}

// ring rings products up and returns the sale.
func ring(t *testing.T, r *till.Till, products ...string) till.SaleView {
	t.Helper()
	for _, p := range products {
		if err := r.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	return r.View().Sale
}

func checkout(s till.SaleView) till.Checkout { return till.Checkout{Order: s.Order, Rev: s.Rev} }
