package pos

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// How long a till waits before it tries again. PRODUCT 3.1.
const (
	firstWait = 200 * time.Millisecond
	longWait  = 5 * time.Second
	attempt   = 10 * time.Second // for all addresses together
	redial    = time.Second      // of an address that did not answer, while others are looked for
)

// Terminal is a paired terminal, connected or not.
type Terminal struct {
	register *Register
	id       string
	stream   *session.Stream
	again    chan struct{} // try now
	told     chan struct{} // the terminal has other addresses
	newCart  chan struct{}
	stop     context.CancelFunc // ends run; of the register's lock, nil before Run

	mu      sync.Mutex
	link    *session.Link
	up      chan struct{} // closed at every change of link, and made anew
	lease   wire.Lease
	status  wire.Status
	waits   wire.Heartbeat // what the last one told
	cart    *wire.CartSet
	shown   []byte        // hash of the cart that the terminal said last that it shows
	said    chan struct{} // closed whenever it says so, and made anew
	calls   map[string]chan wire.Frame
	finals  map[string]chan struct{} // by request id: closed when the book has the final
	flights map[string]*flight       // by request id
	calling uint64

	missed []outcome // of this connection; of its goroutine alone
}

func newTerminal(r *Register, id string) (*Terminal, error) {
	s, err := session.NewStream(r.c.Rand)
	if err != nil {
		return nil, err
	}
	return &Terminal{
		register: r, id: id, stream: s, again: make(chan struct{}, 1), told: make(chan struct{}, 1), newCart: make(chan struct{}, 1), up: make(chan struct{}),
		said: make(chan struct{}), calls: map[string]chan wire.Frame{}, finals: map[string]chan struct{}{},
		flights: map[string]*flight{},
	}, nil
}

// ID returns the terminal's id.
func (t *Terminal) ID() string { return t.id }

func (t *Terminal) wake() { poke(t.again) }

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (t *Terminal) info() Info {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := Info{ID: t.id, State: "offline"}
	if t.link == nil {
		return i
	}
	i.Heard = t.link.Heard()
	if t.register.c.Clock.Now().Sub(i.Heard) < session.Dead { // a status is as old as the last frame, never older. P10
		i.State, i.Status, i.Waits = t.status.State, t.status, t.waits
		if t.lease.Owner != t.register.c.PosID {
			i.Holder = t.lease.Name
		}
	}
	return i
}

// run connects, again and again, until ctx ends. It gives up never; in the background it waits.
func (t *Terminal) run(ctx context.Context) {
	wait := firstWait
	epoch := uint64(0)
	var next *way
	defer func() { next.close() }()
	for ctx.Err() == nil {
		if t.register.inBackground() {
			select {
			case <-ctx.Done():
			case <-t.again:
			}
			continue
		}
		epoch++
		var up bool
		var err error
		up, next, err = t.connection(ctx, epoch, next)
		if ctx.Err() != nil {
			return
		}
		if next != nil {
			continue
		}
		e := refusal(err)
		t.register.event(Event{Terminal: t.id, Offline: e})
		if up {
			wait = firstWait
		}
		select {
		case <-ctx.Done():
		case <-t.again:
			wait = firstWait
		case <-t.register.c.Clock.After(t.jitter(wait)):
			wait = min(2*wait, longWait)
		}
	}
}

// jitter takes up to half of a wait away, so that tills do not all come at once after a power cut.
func (t *Terminal) jitter(d time.Duration) time.Duration {
	var b [4]byte
	if _, err := io.ReadFull(t.register.c.Rand, b[:]); err != nil {
		return d
	}
	return d - time.Duration(uint64(d/2)*uint64(binary.BigEndian.Uint32(b[:]))>>32)
}

func refusal(err error) *wire.Error {
	var e *wire.Error
	if errors.As(err, &e) {
		return e
	}
	return &wire.Error{Code: wire.CodeInterrupted, Err: err}
}

// connection makes one connection, or takes the one that is there, and carries it to its end; up says whether it came about.
// next is the one that the session goes on over: the terminal ends this one when that greets it. S32
func (t *Terminal) connection(ctx context.Context, epoch uint64, there *way) (up bool, next *way, err error) {
	record, ok := t.register.c.Records.ByID(t.id)
	if !ok {
		there.close()
		return false, nil, wire.Refuse(wire.CodeNoReader, "the record is gone")
	}
	c := t.register.connectConfig(&record, t.stream, epoch)
	c.Beats = func(h wire.Heartbeat) {
		t.waiting(h)
		t.catchUp()
	}
	t.missed = nil // each connection begins with all that was not acknowledged
	if there == nil {
		if there, err = t.reach(ctx, c, t.register.c.Discover); err != nil {
			return false, nil, err
		}
	}
	address := there.address
	l, w, err := session.Greet(ctx, c, there.conn)
	if err != nil {
		return false, nil, err
	}
	addresses := w.Addresses
	if !slices.Contains(addresses, address) {
		addresses = append([]string{address}, addresses...)
	}
	if !slices.Equal(addresses, record.Addresses) {
		_ = t.register.c.Records.SetAddresses(t.id, addresses) // without it the old ones are tried the next time
	}
	t.set(l, func() { t.lease, t.status = w.Lease, w.Status })
	t.register.event(Event{Terminal: t.id, Online: true})
	poke(t.newCart)
	run, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { t.showCarts(run, l) })
	wg.Go(func() {
		if next = t.elsewhere(run, l, address); next != nil {
			stop()
		}
	})
	err = l.Run(run, t.receive)
	stop()
	wg.Wait()
	t.set(nil, nil)
	if next != nil && t.register.c.Clock.Now().Sub(l.Heard()) >= session.Dead {
		t.register.event(Event{Terminal: t.id, Offline: wire.Refuse(wire.CodeInterrupted, "nothing was heard for %v", session.Dead)})
	}
	return true, next, err
}

// set changes the link and wakes who waits for that.
func (t *Terminal) set(l *session.Link, more func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.link = l
	if more != nil {
		more()
	}
	close(t.up)
	t.up = make(chan struct{})
}

// discovery is the type of Config.Discover.
type discovery = func(ctx context.Context, r *pairing.Record, found func(address string))

// reach tries every known address at once, and those that discovery finds while it goes on, until the terminal's key has
// answered at one of them. An address that refuses is tried again meanwhile: most often it is that of a terminal that is
// starting. S23, P8, P12.
func (t *Terminal) reach(ctx context.Context, c *session.ConnectConfig, discover discovery) (*way, error) {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	type result struct {
		conn    *tls.Conn
		address string
		err     error
	}
	const most = 32 // addresses in one attempt
	found := make(chan string, most)
	looking := 0
	results := make(chan result, most)
	var wg sync.WaitGroup
	defer wg.Wait() // with ctx cancelled they end at once
	defer cancel()
	searched := make(chan struct{})
	if discover != nil {
		wg.Go(func() {
			defer close(searched)
			discover(ctx, &c.Record, func(a string) {
				select {
				case found <- a:
				default:
				}
			})
		})
	} else {
		close(searched)
	}
	tried := map[string]bool{} // true for as long as there is no result
	try := func(a string) {
		if busy, known := tried[a]; busy || !known && len(tried) == most {
			return
		}
		tried[a] = true
		looking++
		wg.Go(func() {
			conn, err := session.Secure(ctx, c, a)
			results <- result{conn, a, err}
		})
	}
	tryKnown := func() {
		for _, a := range c.Record.Addresses {
			try(a)
		}
	}
	tryKnown()
	again := t.register.c.Clock.After(redial)
	var worst error = wire.Refuse(wire.CodeUnreachable, "no address is known")
	for looking > 0 || searched != nil {
		select {
		case <-again:
			if searched == nil || ctx.Err() != nil { // it ends with what is being tried
				again = nil
				continue
			}
			tryKnown()
			again = t.register.c.Clock.After(redial)
		case a := <-found:
			try(a)
		case <-searched:
			searched = nil
			for len(found) > 0 {
				try(<-found)
			}
		case r := <-results:
			looking--
			tried[r.address] = false
			if r.err == nil {
				cancel()
				go func(left int) { // another may have got through at the same time
					for range left {
						if r := <-results; r.conn != nil {
							_ = r.conn.NetConn().Close()
						}
					}
				}(looking)
				return &way{r.conn, r.address}, nil
			}
			worst = r.err
		}
	}
	return nil, worst
}

// receive handles a frame of the terminal's.
func (t *Terminal) receive(f wire.Frame) {
	e := Event{Terminal: t.id}
	var err error
	switch f.Type {
	case wire.TypeLease:
		var l wire.Lease
		if err = wire.Decode(f.Body, &l); err == nil {
			t.mu.Lock()
			if l.Epoch >= t.lease.Epoch { // an answer and a notice may come in either order
				t.lease = l
			}
			t.mu.Unlock()
			e.Lease = &l
		}
	case wire.TypeStatus:
		var s wire.Status
		if err = wire.Decode(f.Body, &s); err == nil {
			t.mu.Lock()
			t.status = s
			t.mu.Unlock()
			e.Status = &s
		}
	case wire.TypeAddrUpdate:
		var a wire.AddrUpdate
		if err = wire.Decode(f.Body, &a); err == nil {
			_ = t.register.c.Records.SetAddresses(t.id, a.Addresses)
			poke(t.told)
		}
	case wire.TypeCartResync:
		poke(t.newCart)
	case wire.TypeCartShown:
		var s wire.CartShown
		if err = wire.Decode(f.Body, &s); err == nil {
			t.mu.Lock()
			t.shown = s.Hash
			close(t.said)
			t.said = make(chan struct{})
			t.mu.Unlock()
			e.Shown = &s
		}
	case wire.TypePayEvent:
		var p wire.PaymentEvent
		if err = wire.Decode(f.Body, &p); err == nil {
			e.Progress = &p
		}
	case wire.TypeFinal:
		var final wire.Final
		if err = wire.Decode(f.Body, &final); err == nil {
			e, err = t.takeDown(outcome{final: &final})
		}
	case wire.TypePayState: // it may be the first to tell of a final, and the last: who acknowledged it is not told again
		var s wire.PaymentState
		if wire.Decode(f.Body, &s) == nil && s.Final != nil { // who asked hears what is wrong with it
			e, err = t.takeDown(outcome{final: s.Final})
		}
	case wire.TypePayLate:
		var late wire.PaymentLate
		if err = wire.Decode(f.Body, &late); err == nil {
			e, err = t.takeDown(outcome{late: &late})
		}
	case wire.TypeError:
		var refused wire.Error
		if err = wire.Decode(f.Body, &refused); err == nil && !t.waited(f.ID) {
			e.Refused = &refused
		}
	default: // answers, and what a later version sends
	}
	if f.ID != "" {
		t.mu.Lock()
		if c := t.calls[f.ID]; c != nil {
			c <- f // has room for the one answer
			delete(t.calls, f.ID)
		}
		t.mu.Unlock()
	}
	if e != (Event{Terminal: t.id}) {
		t.register.event(e)
	}
	if err != nil {
		t.register.event(Event{Terminal: t.id, Refused: refusal(err)})
	}
}

func (t *Terminal) waited(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.calls[id] != nil
}

// paid reports whether a final is the approval of the cart that was sent last. The lock is held.
func (t *Terminal) paid(f *wire.Final) bool {
	if f.Result != wire.Approved || f.Kind != wire.KindSale && f.Kind != wire.KindPreauth {
		return false
	}
	e, ok := t.register.c.Book.Find(f.RequestID)
	return ok && t.newest(e.Request.CartHash)
}

// ask sends a frame that must arrive and waits for its answer. An error frame is returned as its error; an error of ctx
// says nothing about whether the frame arrived.
func (t *Terminal) ask(ctx context.Context, kind wire.Type, v wire.Body) (wire.Frame, error) {
	body, err := wire.Encode(v)
	if err != nil {
		return wire.Frame{}, err
	}
	answer := make(chan wire.Frame, 1)
	t.mu.Lock()
	t.calling++
	id := t.stream.Name() + "-" + strconv.FormatUint(t.calling, 10) // an answer to this till's former life is none to this one
	t.calls[id] = answer
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		delete(t.calls, id)
		t.mu.Unlock()
	}()
	if err := t.stream.Add(kind, id, body); err != nil {
		return wire.Frame{}, err
	}
	select {
	case f := <-answer:
		if f.Type == wire.TypeError {
			var e wire.Error
			if wire.Decode(f.Body, &e) != nil {
				return f, errAnswer
			}
			return f, &e
		}
		return f, nil
	case <-ctx.Done():
		return wire.Frame{}, ctx.Err()
	}
}

// errAnswer is an answer that can't be read: it has no code, for it says nothing about what was asked.
var errAnswer = errors.New("pos: an answer that is not as the schema says")

// TakeLease makes this till the one that commands the terminal. The errors are CodeLeased, with the holder's name, unless
// takeOver is set, and CodeBusy while that one's payment is under way.
func (t *Terminal) TakeLease(ctx context.Context, takeOver bool) (wire.Lease, error) {
	t.mu.Lock()
	now := t.lease
	t.mu.Unlock()
	if now.Owner == t.register.c.PosID {
		return now, nil
	}
	f, err := t.ask(ctx, wire.TypeLeaseAsk, &wire.LeaseAsk{TakeOver: takeOver})
	if err != nil {
		return wire.Lease{}, err
	}
	var l wire.Lease
	return l, wire.Decode(f.Body, &l)
}

// GiveLease gives the lease back.
func (t *Terminal) GiveLease(ctx context.Context) error {
	t.mu.Lock()
	epoch := t.lease.Epoch
	t.mu.Unlock()
	_, err := t.ask(ctx, wire.TypeLeaseGive, &wire.LeaseGive{Epoch: epoch})
	return err
}

// online waits for a connection.
func (t *Terminal) online(ctx context.Context) error {
	for {
		t.mu.Lock()
		l, up := t.link, t.up
		t.mu.Unlock()
		if l != nil {
			return nil
		}
		select {
		case <-up:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// changed returns a channel that is closed when the connection comes or goes.
func (t *Terminal) changed() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.up
}
