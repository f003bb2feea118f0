package till

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/discovery"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// Till is a till with its terminals, one sale, and one payment at a time.
type Till struct {
	state     *State
	register  *pos.Register
	catalogue Catalogue
	finder    *discovery.Finder // nil where the way to find terminals was given

	mu       sync.Mutex
	ctx      context.Context // of Run, nil before and after
	wg       sync.WaitGroup
	sale     Sale
	active   *Payment // the one under way, or the last one until it is dismissed
	pairing  Pairing
	chosen   string // the terminal of this sale, "" for the default
	shown    map[string]wire.CartShown
	leases   map[string]uint64 // epochs that terminals have told
	offline  map[string]*wire.Error
	notice   *wire.Error // what a terminal said to the cart
	books    uint64      // grows when the book changes
	watchers map[chan struct{}]struct{}
}

// New makes the till of a folder.
func New(s *State) (*Till, error) {
	cert, err := pairing.SelfSigned(s.key, pairing.Identity{
		Merchant: "standalone", Location: "standalone", Kind: pairing.Till, ID: s.settings.PosID,
	}, s.random, s.clock.Now())
	if err != nil {
		return nil, err
	}
	t := &Till{
		state: s, shown: map[string]wire.CartShown{}, leases: map[string]uint64{}, offline: map[string]*wire.Error{},
		watchers: map[chan struct{}]struct{}{}, books: 1,
	}
	if err := readData("catalogue.json", &t.catalogue); err != nil {
		return nil, err
	}
	discover := s.discover
	if discover == nil {
		t.finder = discovery.NewFinder(discovery.FinderConfig{Clock: s.clock, Rand: s.random})
		discover = t.finder.Discover
	}
	t.register, err = pos.New(pos.Config{
		PosID: s.settings.PosID, Name: s.settings.Name, Cert: cert, Version: s.version, Platform: runtime.GOOS, Networks: networks,
		Records: s.records, Book: s.book, Dial: dial, Clock: s.clock, Rand: s.random, Events: t.event,
		Discover: discover,
	})
	if err != nil {
		return nil, err
	}
	return t, t.loadSale()
}

// Run keeps the sessions, and follows the payments whose outcome the book does not have, until ctx ends. It closes started,
// unless that is nil, when payments can be asked for.
func (t *Till) Run(ctx context.Context, started chan<- struct{}) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t.mu.Lock()
	if t.ctx != nil {
		t.mu.Unlock()
		return errors.New("till: Run runs already")
	}
	t.ctx = ctx
	t.resume()
	if len(t.sale.Items) > 0 {
		t.showCart()
	}
	t.mu.Unlock()
	if started != nil {
		close(started)
	}
	err := t.register.Run(ctx)
	cancel()
	t.mu.Lock()
	t.ctx = nil // nothing is started from here on
	t.mu.Unlock()
	t.wg.Wait()
	if t.finder != nil {
		t.finder.Close()
	}
	return err
}

// event hears what happens at a terminal. It must not wait.
func (t *Till) event(e pos.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case e.Online:
		delete(t.offline, e.Terminal)
		delete(t.shown, e.Terminal) // it may have started anew: it is sent the cart, and says when it shows it
	case e.Offline != nil:
		t.offline[e.Terminal] = e.Offline
	case e.Lease != nil && e.Lease.Epoch > t.leases[e.Terminal]: // the cart goes with its till
		t.leases[e.Terminal] = e.Lease.Epoch
		delete(t.shown, e.Terminal)
	case e.Shown != nil:
		t.shown[e.Terminal] = *e.Shown
		t.notice = nil
	case e.Refused != nil:
		t.notice = e.Refused
	case e.Progress != nil:
		if p := t.active; p != nil && !p.Done && p.Terminal == e.Terminal && t.learn(p) == e.Progress.RequestID {
			p.State, p.Prompt = e.Progress.State, e.Progress.Prompt
		}
	case e.Final != nil, e.Late != nil:
		t.books++
		if p := t.active; e.Final != nil && p != nil && p.Done && p.Final == nil && p.RequestID == e.Final.RequestID {
			p.Final, p.Error = e.Final, nil // it was open, and nobody waited any more
		}
		t.skipPaid()
	}
	t.changed()
}

// learn returns the request id of a payment, which the book knows as soon as there is one.
func (t *Till) learn(p *Payment) string {
	if p.RequestID == "" {
		for _, e := range t.state.book.Open() {
			if e.Request.OrderRef == p.Order {
				p.RequestID = e.Request.RequestID
			}
		}
	}
	return p.RequestID
}

// changed wakes the watchers.
func (t *Till) changed() {
	for c := range t.watchers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Watch returns a channel that gets a value after changes, several in one, and a function that ends it.
func (t *Till) Watch() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	c <- struct{}{}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watchers[c] = struct{}{}
	return c, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.watchers, c)
	}
}

// market is what the till sells in: the country that it was given, or that of its default terminal.
func (t *Till) market() Market {
	country := t.state.country
	for _, r := range t.state.records.All() {
		if country == "" && r.Default {
			country = r.Country
		}
	}
	return t.catalogue.market(country)
}

// Market returns what the till sells in.
func (t *Till) Market() Market {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.market()
}

// Terminals returns the terminals, the default first.
func (t *Till) Terminals() []pos.Info { return t.register.List() }

// Records returns the pair records.
func (t *Till) Records() []pairing.Record { return t.state.records.All() }

// Online waits until a terminal, "" for the default, has a session; the error is why it has none, after patience.
func (t *Till) Online(ctx context.Context, id string, patience time.Duration) error {
	term, err := t.register.Terminal(id)
	if err != nil {
		return err
	}
	changes, done := t.Watch()
	defer done()
	late := t.state.clock.After(patience)
	for {
		for _, i := range t.register.List() {
			if i.ID == term.ID() && i.State != "offline" {
				return nil
			}
		}
		select {
		case <-changes:
		case <-late:
			t.mu.Lock()
			defer t.mu.Unlock()
			if e := t.offline[term.ID()]; e != nil && e.Code != wire.CodeInterrupted {
				return e
			}
			return wire.Refuse(wire.CodeUnreachable, "no session with the terminal")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// background runs f on a goroutine that Run waits for. t.mu is held, and Run runs.
func (t *Till) background(f func(ctx context.Context)) {
	ctx := t.ctx
	t.wg.Go(func() { f(ctx) })
}
