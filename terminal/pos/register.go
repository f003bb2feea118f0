package pos

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// Config is what a till is.
type Config struct {
	PosID    string
	Name     string
	Cert     tls.Certificate // of the till's device key
	Roots    *x509.CertPool  // of the merchant; nil is stand-alone
	Version  wire.Version    // of the app
	Platform string

	// Where the till is signed in; empty for a stand-alone till, which is where its terminals are.
	Merchant, Location, Country string

	Networks func() []string // prefixes of the till's interfaces
	Records  *pairing.Records
	Book     *Book
	Dial     func(ctx context.Context, address string) (net.Conn, error)
	Clock    pairing.Clock
	Rand     io.Reader

	// Discover looks for a terminal and calls found with every address, ADDRESS:PORT, at which it may be, until ctx
	// ends. It runs beside the known addresses. nil looks nowhere; Beacon is the usual one.
	Discover func(ctx context.Context, r *pairing.Record, found func(address string))

	// Events hears what happens, one event after the other, on goroutines of the library: it must not wait. nil is deaf.
	// It hears of each outcome once, when the book has stored it; what it missed while the till was off is in the book.
	// Pay may return its final just before Events hears of it.
	Events func(Event)
}

// Event is what happens at a terminal. One of the members is set besides Terminal.
type Event struct {
	Terminal string
	Online   bool               // the session is up
	Offline  *wire.Error        // it is not: why
	Lease    *wire.Lease        // who holds the terminal now
	Status   *wire.Status       //
	Progress *wire.PaymentEvent //
	Final    *wire.Final        // stored in the book
	Late     *wire.PaymentLate  // what the card had approved is not paid: the host has refused it. Stored in the book
	Waits    *wire.Heartbeat    // what waits in the terminal for its host has changed
	Shown    *wire.CartShown    //
	Refused  *wire.Error        // a frame that nobody waits for was refused: a cart
}

// Register is a till with all its terminals.
type Register struct {
	c Config

	mu         sync.Mutex
	terminals  map[string]*Terminal
	ctx        context.Context // of Run, nil before
	wg         sync.WaitGroup
	background bool

	hearing sync.Mutex // one event after the other: terminals are on goroutines of their own
}

// New checks a configuration.
func New(c Config) (*Register, error) {
	if c.PosID == "" || len(c.Cert.Certificate) == 0 || c.Networks == nil || c.Records == nil || c.Book == nil || c.Dial == nil || c.Clock == nil || c.Rand == nil {
		return nil, errors.New("pos: a member of Config is missing")
	}
	r := &Register{c: c, terminals: map[string]*Terminal{}}
	for _, record := range c.Records.All() {
		if err := r.add(record.ID); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// add makes the terminal of a record and, while Run runs, connects it.
func (r *Register) add(id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.terminals[id]; t != nil {
		t.wake()
		return nil
	}
	t, err := newTerminal(r, id)
	if err != nil {
		return err
	}
	r.terminals[id] = t
	r.start(t)
	return nil
}

func (r *Register) start(t *Terminal) {
	if r.ctx != nil {
		ctx, stop := context.WithCancel(r.ctx)
		t.stop = stop
		r.wg.Go(func() {
			defer stop()
			t.run(ctx)
		})
	}
}

// Forget ends the pairing with a terminal on this side: its record is deleted and its connection closed. The error is
// CodeOrderOpen, with the request id, while the book waits for a final from it.
func (r *Register) Forget(id string) error {
	for _, e := range r.c.Book.Open() {
		if e.Terminal == id {
			return &wire.Error{Code: wire.CodeOrderOpen, RequestID: e.Request.RequestID}
		}
	}
	if err := r.c.Records.Delete(id); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.terminals[id]; t != nil && t.stop != nil {
		t.stop()
	}
	delete(r.terminals, id)
	return nil
}

// Run keeps a session with every paired terminal until ctx ends.
func (r *Register) Run(ctx context.Context) error {
	r.mu.Lock()
	if r.ctx != nil {
		r.mu.Unlock()
		return errors.New("pos: Run runs already")
	}
	r.ctx = ctx
	for _, t := range r.terminals {
		r.start(t)
	}
	r.mu.Unlock()
	<-ctx.Done()
	r.mu.Lock()
	r.ctx = nil // nothing is started from here on
	r.mu.Unlock()
	r.wg.Wait()
	return ctx.Err()
}

// Foreground says whether the app is in the foreground: connections are only made there, and at once when it comes
// back. S71
func (r *Register) Foreground(on bool) {
	r.mu.Lock()
	r.background = !on
	list := make([]*Terminal, 0, len(r.terminals))
	for _, t := range r.terminals {
		list = append(list, t)
	}
	r.mu.Unlock()
	for _, t := range list {
		t.wake()
	}
}

func (r *Register) inBackground() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.background
}

// Pair pairs with the terminal whose code was scanned. S43. The errors are those of pairing.Join; Advise tells more.
func (r *Register) Pair(ctx context.Context, text string) (*pairing.Paired, error) {
	p, err := pairing.Join(ctx, r.joining(), text)
	if err != nil {
		return nil, err
	}
	return p, r.add(p.Record.ID)
}

// PairCode pairs with the terminal at an address, ADDRESS or ADDRESS:PORT, whose eight digits were typed: where no camera
// can scan the code. The errors are those of pairing.JoinCode; Advise tells more.
func (r *Register) PairCode(ctx context.Context, address, code string) (*pairing.Paired, error) {
	p, err := pairing.JoinCode(ctx, r.joining(), address, code)
	if err != nil {
		return nil, err
	}
	return p, r.add(p.Record.ID)
}

func (r *Register) joining() *pairing.JoinConfig {
	c := &r.c
	return &pairing.JoinConfig{
		PosID: c.PosID, Name: c.Name, Cert: c.Cert, Roots: c.Roots, Version: c.Version, Platform: c.Platform, Protocol: wire.This,
		Merchant: c.Merchant, Location: c.Location, Country: c.Country, Networks: c.Networks, Records: c.Records, Dial: c.Dial,
		Clock: c.Clock, Rand: c.Rand,
	}
}

// SetDefault chooses the terminal that is used unless another is named. S46. The error is CodeNoReader.
func (r *Register) SetDefault(id string) error { return r.c.Records.SetDefault(id) }

// Terminal returns a terminal by its id; for "" the default. The error is CodeNoReader.
func (r *Register) Terminal(id string) (*Terminal, error) {
	if id == "" {
		for _, record := range r.c.Records.All() {
			if record.Default {
				id = record.ID
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.terminals[id]; t != nil {
		return t, nil
	}
	return nil, wire.Refuse(wire.CodeNoReader, "no terminal of that id is paired")
}

// Choose returns the terminal to pay on: the default if it is ready, the only one that is ready otherwise. Where there are
// several the cashier chooses, CodeChoose; where there is none, CodeNoReader. S91
func (r *Register) Choose() (*Terminal, error) {
	var ready []Info
	for _, i := range r.List() {
		if i.State == "ready" {
			ready = append(ready, i)
		}
	}
	switch {
	case len(ready) == 0:
		return nil, wire.Refuse(wire.CodeNoReader, "no terminal is ready")
	case len(ready) == 1 || ready[0].Default:
		return r.Terminal(ready[0].ID)
	default:
		return nil, wire.Refuse(wire.CodeChoose, "%d terminals are ready", len(ready))
	}
}

// Info is a terminal in the list that the cashier chooses from.
type Info struct {
	ID, Name string
	Default  bool
	State    string // "ready", "busy", "not_ready", "offline"
	Holder   string // the till that holds it, if it is another
	Heard    time.Time
	Status   wire.Status // as of Heard; the zero Status while it is offline

	// Waits is what waits in the terminal for its host, as the last heartbeat told; Time is 0.
	Waits wire.Heartbeat
}

// List returns the terminals for a picker: the default first, then those that are ready, busy, not ready, offline; by name
// among themselves.
func (r *Register) List() []Info {
	records := r.c.Records.All()
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []Info
	for _, record := range records {
		if t := r.terminals[record.ID]; t != nil {
			i := t.info()
			i.Name, i.Default = record.Name, record.Default
			list = append(list, i)
		}
	}
	order := []string{"ready", "busy", "not_ready", "offline"}
	slices.SortStableFunc(list, func(a, b Info) int {
		if a.Default != b.Default {
			if a.Default {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State)), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (r *Register) event(e Event) {
	if r.c.Events != nil {
		r.hearing.Lock()
		defer r.hearing.Unlock()
		r.c.Events(e)
	}
}

// hello is what the till says of itself to a terminal.
func (r *Register) hello(record *pairing.Record, epoch uint64) wire.Hello {
	c := &r.c
	h := wire.Hello{
		AppVersion: c.Version, Platform: c.Platform, PosID: c.PosID, Name: c.Name, Merchant: c.Merchant, Location: c.Location,
		Country: c.Country, Networks: c.Networks(), Epoch: epoch,
	}
	if c.Merchant == "" && c.Location == "" {
		h.Merchant, h.Location = record.Merchant, record.Location
	}
	return h
}

// connectConfig is what a connection to a terminal is made with.
func (r *Register) connectConfig(record *pairing.Record, s *session.Stream, epoch uint64) *session.ConnectConfig {
	return &session.ConnectConfig{
		Cert: r.c.Cert, Roots: r.c.Roots, Record: *record, Hello: r.hello(record, epoch), Stream: s, Clock: r.c.Clock, Dial: r.c.Dial,
	}
}
