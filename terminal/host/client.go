package host

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// Config is what a client needs.
type Config struct {
	Dialect  *Dialect // nil is Default
	Endpoint Endpoint

	// Dial, where it is not nil, connects in place of Endpoint.
	Dial func(ctx context.Context) (net.Conn, error)

	Terminal string         // field 41, up to 8 characters
	Merchant string         // field 42, up to 15
	Fields   map[int]string // further fields of the terminal's own, such as 18, 19, 32 and 43

	Keys  Keys   // for the MAC; may be nil where the dialect has none
	Label string // of the DUKPT key

	// Usable says whether a connection from an own address can still carry anything: its interface may have gone, and no
	// packet comes back to say so. Nil takes every connection to be good until it breaks or is silent.
	Usable func(local net.Addr) bool

	Timeout time.Duration // for an answer; 0 is 30 seconds
	Connect time.Duration // for a connection; 0 is 10 seconds

	// Pause is how long Insist waits before a repeat, by the number of the repeat from 1. Nil is Backoff.
	Pause func(n int) time.Duration

	// After is time.After, or what stands for it in a test. Nil is time.After.
	After func(time.Duration) <-chan time.Time

	Events func(Event) // nil is silent; called from several goroutines, and not to block
}

const (
	defaultTimeout = 30 * time.Second
	defaultConnect = 10 * time.Second
	lateTimes      = 4 // by as many times as long as it may take, an answer is waited for that is late
)

// Backoff is the pause before repeats: one second, then twice as long each time, a minute at most.
func Backoff(n int) time.Duration {
	if n > 6 {
		return time.Minute
	}
	return time.Second << max(n-1, 0)
}

// Client is a terminal's side of the connection. It connects when there is something to send, and again when the connection
// was lost. It may be used concurrently.
type Client struct {
	config  Config
	dialect *Dialect
	own     map[int]string

	dialing chan struct{} // holds one token: one connection is made at a time
	readers sync.WaitGroup

	mu     sync.Mutex
	link   *link
	calls  map[call]*pending
	closed bool
	life   context.Context // ends with Close
	end    context.CancelFunc
}

// call names a request under way by what its answer will have.
type call struct {
	mti  MTI
	stan string
}

// pending is a request that waits. All tries of it have one STAN and one set of keys.
type pending struct {
	keys   *MACKeys
	answer chan reply // holds one

	mu    sync.Mutex
	tries []*Message
	given bool // an answer: what else comes is late
}

// reply is an answer, and the try that it answers.
type reply struct{ request, answer *Message }

// New returns a client that is not connected yet. The error is CodeConfig.
func New(c Config) (*Client, error) {
	if c.Dialect == nil {
		c.Dialect = Default()
	}
	if c.Dial == nil {
		if c.Endpoint.Address == "" {
			return nil, &Error{Code: CodeConfig, Text: "no endpoint"}
		}
		e := c.Endpoint
		c.Dial = e.Dial
	}
	if c.Dialect.security.MAC.Algorithm != "" && c.Keys == nil {
		return nil, &Error{Code: CodeConfig, Text: "the dialect has a MAC, and there are no keys"}
	}
	own := map[int]string{fieldTerminal: c.Terminal, fieldMerchant: c.Merchant}
	for n, s := range c.Fields {
		own[n] = s
	}
	for n, s := range own {
		f := c.Dialect.fields[n]
		if f == nil || f.kind == "b" || f.sensitive {
			return nil, &Error{Code: CodeConfig, Field: n, Text: "not a field of the terminal's own"}
		}
		if err := f.check(n, []byte(f.fill(s))); err != nil {
			return nil, &Error{Code: CodeConfig, Field: n, Err: err}
		}
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.Connect <= 0 {
		c.Connect = defaultConnect
	}
	if c.Pause == nil {
		c.Pause = Backoff
	}
	if c.After == nil {
		c.After = time.After
	}
	if c.Events == nil {
		c.Events = func(Event) {}
	}
	client := &Client{
		config: c, dialect: c.Dialect, own: own, calls: map[call]*pending{}, dialing: make(chan struct{}, 1),
	}
	client.life, client.end = context.WithCancel(context.Background())
	return client, nil
}

// Dialect returns what the client speaks.
func (c *Client) Dialect() *Dialect { return c.dialect }

// Close ends the connection and what is under way: with CodeLost where bytes may have left. It returns when nothing of the
// client is running any more.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	c.end()
	l := c.link
	c.mu.Unlock()
	if l != nil {
		l.end(nil)
	}
	c.readers.Wait()
	return nil
}

// register takes a STAN for as long as a request is under way.
func (c *Client) register(k call, p *pending) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return &Error{Code: CodeClosed}
	case c.calls[k] != nil:
		return &Error{Code: CodeInUse, Field: fieldSTAN, Text: "a request with this number is under way"}
	}
	c.calls[k] = p
	return nil
}

func (c *Client) forget(k call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.calls, k)
}

// connect returns the connection, made anew where it is gone.
func (c *Client) connect(ctx context.Context) (*link, error) {
	select {
	case c.dialing <- struct{}{}:
	case <-ctx.Done():
		return nil, &Error{Code: CodeContext, Err: ctx.Err()}
	case <-c.life.Done():
		return nil, &Error{Code: CodeClosed}
	}
	defer func() { <-c.dialing }()
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	if l != nil && c.config.Usable != nil && !c.config.Usable(l.conn.LocalAddr()) {
		c.retire(l)
		l = nil
	}
	if l != nil && l.alive() {
		return l, nil
	}
	within, cancel := context.WithTimeout(ctx, c.config.Connect)
	defer cancel()
	stop := context.AfterFunc(c.life, cancel) // Close ends a connection that is being made
	defer stop()
	conn, err := c.config.Dial(within)
	if err != nil {
		if ctx.Err() != nil {
			return nil, &Error{Code: CodeContext, Err: ctx.Err()}
		}
		var e *Error
		if errors.As(err, &e) {
			return nil, e
		}
		return nil, &Error{Code: CodeConnect, Err: err}
	}
	l = newLink(conn)
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		l.end(nil)
		return nil, &Error{Code: CodeClosed}
	}
	c.link = l
	c.readers.Add(1)
	c.mu.Unlock()
	c.config.Events(Event{Kind: Connected})
	go c.read(l)
	return l, nil
}

// retire has what is sent from here on go over another connection. A connection that died with its route takes what is
// sent without an error, for a quarter of an hour, and a reversal must not wait for that. What comes on the old one is
// taken for a while: it may be late only.
func (c *Client) retire(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link != l || c.closed {
		return
	}
	c.link = nil
	c.readers.Go(func() {
		select {
		case <-c.config.After(lateTimes * c.config.Timeout):
		case <-l.dead:
		case <-c.life.Done():
		}
		l.end(nil)
	})
}

// read takes what comes on a connection until it breaks.
func (c *Client) read(l *link) {
	defer c.readers.Done()
	buffer := make([]byte, c.dialect.maxMessage)
	for {
		b, err := l.receive(buffer, len(buffer))
		if err != nil {
			l.end(err)
			c.config.Events(Event{Kind: Closed, Err: l.err})
			return
		}
		l.heard.Add(1)
		c.take(b)
	}
}

// take gives an answer to who waits for it, or drops it.
func (c *Client) take(b []byte) {
	m, err := c.dialect.Parse(b)
	if err != nil {
		c.config.Events(Event{Kind: Mangled, Err: err})
		return
	}
	e := Event{Kind: Stale, MTI: m.MTI, STAN: m.Text(fieldSTAN)}
	k := call{m.MTI, m.Text(fieldSTAN)}
	c.mu.Lock()
	p := c.calls[k]
	c.mu.Unlock()
	if p == nil {
		c.config.Events(e)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch request := p.asked(c.dialect, m); {
	case p.keys == nil || p.given:
		c.config.Events(e)
	case !c.dialect.Verify(b, m, p.keys):
		e.Kind = WrongMAC
		c.config.Events(e)
	case request == nil:
		e.Kind = Mismatched
		c.config.Events(e)
	default:
		p.given = true
		p.answer <- reply{request, m}
	}
}

// asked returns the try that an answer is to, nil for none.
func (p *pending) asked(d *Dialect, answer *Message) *Message {
	for _, m := range p.tries {
		if d.Matches(m, answer) {
			return m
		}
	}
	return nil
}

// again has the next answer count, behind one that was no acknowledgement.
func (p *pending) again() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.given = false
}

// end wipes the keys: whatever comes now is late.
func (p *pending) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys != nil {
		p.keys.Wipe()
		p.keys = nil
	}
}
