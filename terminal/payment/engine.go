package payment

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/journal"
)

// Config is what the engine works with. FS, Host, Reader, Screen and Lease are required.
type Config struct {
	FS      journal.FS // the journal's folder
	Journal journal.Options

	Host   Host
	Reader Reader
	Screen Screen
	Lease  Lease
	Clock  Clock // nil is the machine's

	// Notify is told of each change, in the order of the journal. It must not wait, and not call the engine: a session
	// queues. nil is silent; Unacked has what must not be missed.
	Notify func(Event)

	// Ready says why no payment can be taken now (no host, keys missing), nil while one can. nil is always ready. Where the
	// host alone is missing the error wraps ErrHostAway. It must not wait, and not call the engine.
	Ready func() error

	Policy Policy

	HostTimeout time.Duration // of a request; 0 is 45 s
	CardTimeout time.Duration // of the card after the host has answered; 0 is 60 s
	Deadline    time.Duration // of a request without its own; 0 is 2 minutes
	Grace       time.Duration // how long after a start a Final waits for its reversal to be acknowledged; 0 is 60 s
	Unclaimed   time.Duration // after which an approval that no till took note of is shown; 0 is 60 s
	Keep        time.Duration // how long answers are kept; 0 is 400 days, which is more than 13 months
	CompactAt   int64         // from how many bytes of records on the journal is compacted; 0 is 8 MiB

	// open replaces journal.Open: for tests of what goes wrong where the journal lies.
	open func(journal.FS, journal.Options, func(journal.Record) error) (log, error)
}

// Policy is what the merchant, the acquirer and the country allow.
type Policy struct {
	Surcharge bool

	// Unreferenced refunds need a card, one of these roles, and no more than UnreferencedMax minor units. No role allows none.
	UnreferencedRoles []string
	UnreferencedMax   uint64

	// CardRefunds are the brands whose refunds need the card that paid; nil is interac alone.
	CardRefunds []string

	Adjust           bool   // a tip may be added after a sale without PIN
	AdjustMaxPercent uint64 // of the sale's total, by which the new one may be more; 0 is 20

	Forward ForwardPolicy // payments that the card approves without the host

	RequireCart bool     // sale and preauth without a cart hash are refused
	Disclaimers []string // on receipts
}

// log is the journal, as far as the engine uses it.
type log interface {
	Append(kind journal.Kind, payload []byte) (journal.At, error)
	Read(at journal.At) (journal.Kind, []byte, error)
	Compact(write func(keep func(journal.Kind, []byte) (journal.At, error)) error) error
	Grown() int64
	Err() error
	Close() error
}

// Engine takes payments, one at a time. It is safe for concurrent use.
type Engine struct {
	config Config
	ctx    context.Context // ends with Close, or when the journal fails
	stop   context.CancelFunc
	work   sync.WaitGroup
	kick   chan struct{} // the chains have something to do

	mu     sync.Mutex
	log    log
	book   *book
	active *active // whose customer is at the terminal
	idle   <-chan struct{}
	timers map[*timer]struct{}
	broken error // why nothing can be written
	closed bool
}

// active is the payment at the reader.
type active struct {
	p      *payment
	cancel context.CancelCauseFunc
}

// Open opens the journal, recovers what was interrupted and begins to send what is due. Listeners are opened after it. With
// a damaged journal the engine opens too: it answers Status for what it can read, and refuses payments; Err tells.
func Open(c Config) (*Engine, error) {
	if c.FS == nil || c.Host == nil || c.Reader == nil || c.Screen == nil || c.Lease == nil {
		return nil, errors.New("payment: FS, Host, Reader, Screen and Lease are required")
	}
	c.fill()
	e := &Engine{config: c, book: newBook(), kick: make(chan struct{}, 1), timers: map[*timer]struct{}{}}
	var err error
	if e.log, err = c.open(c.FS, c.Journal, e.book.read); err != nil {
		return nil, err
	}
	e.ctx, e.stop = context.WithCancel(context.Background())
	none := make(chan struct{})
	close(none)
	e.idle = none
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.log.Err(); err != nil {
		e.broken = err
		c.Screen.Show(Showing{About: AboutDamaged, Code: CodeJournalDamaged})
		return e, nil
	}
	if err := e.recover(); err != nil {
		e.stop()
		return nil, errors.Join(err, e.log.Close())
	}
	e.work.Go(e.chains)
	return e, nil
}

func (c *Config) fill() {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&c.HostTimeout, 45*time.Second)
	set(&c.CardTimeout, time.Minute)
	set(&c.Deadline, 2*time.Minute)
	set(&c.Grace, time.Minute)
	set(&c.Unclaimed, time.Minute)
	set(&c.Keep, 400*24*time.Hour)
	if c.CompactAt == 0 {
		c.CompactAt = 8 << 20
	}
	if c.Clock == nil {
		c.Clock = SystemClock{}
	}
	if c.Policy.CardRefunds == nil {
		c.Policy.CardRefunds = []string{"interac"}
	}
	if c.Policy.Forward.Brands == nil {
		c.Policy.Forward.Brands = []string{"interac"}
	}
	if c.Policy.AdjustMaxPercent == 0 {
		c.Policy.AdjustMaxPercent = 20
	}
	if c.open == nil {
		c.open = func(fs journal.FS, o journal.Options, replay func(journal.Record) error) (log, error) {
			j, err := journal.Open(fs, o, replay)
			if err != nil {
				return nil, err
			}
			return j, nil
		}
	}
}

// Close stops at once, as a loss of power would: a payment under way is recovered by the next Open. No goroutine is left.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	for t := range e.timers {
		t.stop()
	}
	clear(e.timers)
	e.mu.Unlock()
	e.stop()
	e.work.Wait()
	return e.log.Close()
}

// Err returns why no payment can be taken until the terminal is started again: a damaged journal, or one that failed.
func (e *Engine) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken == nil {
		return nil
	}
	return e.usable()
}

// Active returns the payment whose customer is at the terminal: while there is one a lease is not taken over, settings are
// not opened and updates wait.
func (e *Engine) Active() (Status, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.active == nil {
		return Status{}, false
	}
	return e.status(e.active.p), true
}

// usable says why nothing can be written. The lock is held.
func (e *Engine) usable() *Refusal {
	var j *journal.Error
	switch {
	case e.closed:
		return refuse(CodeClosed, "the terminal is shutting down")
	case e.broken == nil:
		return nil
	case errors.As(e.broken, &j) && j.Code == journal.CodeDamaged:
		return &Refusal{Code: CodeJournalDamaged, Text: "the journal is damaged", Err: e.broken}
	}
	return &Refusal{Code: CodeJournalFailed, Text: "the journal can't be written", Err: e.broken}
}

// write puts a record into the journal, synced, and lets it count. The lock is held. After an error nothing may be done
// that the record was to precede.
func (e *Engine) write(p *payment, state State, rec record) error {
	rec.POS, rec.ID = p.POS, p.ID
	if _, err := e.put(journal.Kind(state), &rec); err != nil {
		return err
	}
	if e.config.Notify != nil {
		ev := Event{POS: p.POS, RequestID: p.ID, State: state}
		switch {
		case state == Finished:
			ev.Final = p.Final
		case state == SAFDeclined && p.refused():
			ev = p.refusal()
		}
		e.config.Notify(ev)
	}
	return nil
}

// put appends a record and folds it.
func (e *Engine) put(kind journal.Kind, rec *record) (*payment, error) {
	if err := e.usable(); err != nil {
		return nil, err
	}
	rec.At = e.now()
	payload, err := json.Marshal(rec)
	if err != nil {
		return nil, &Refusal{Code: CodeInvalid, Text: "it can't be written", Err: err}
	}
	at, err := e.log.Append(kind, payload)
	if err != nil {
		return nil, e.fail(err)
	}
	p, err := e.book.fold(kind, rec, at)
	if err != nil {
		return nil, e.fail(err)
	}
	return p, nil
}

// fail stops the engine: nothing may happen any more that the journal does not know, and no customer is asked for a card.
// The next start ends the payment that was under way.
func (e *Engine) fail(err error) error {
	e.broken = err
	e.stop()
	e.config.Screen.Show(Showing{About: AboutDamaged, Code: CodeJournalFailed})
	return e.usable()
}

func (e *Engine) now() time.Time { return e.config.Clock.Now().UTC().Truncate(time.Millisecond) }

// timer is a call in the future that Close takes back.
type timer struct{ stop func() bool }

// after calls f in d, with the lock held. The lock is held.
func (e *Engine) after(d time.Duration, f func()) *timer {
	t := &timer{}
	e.timers[t] = struct{}{}
	t.stop = e.config.Clock.AfterFunc(d, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if _, waits := e.timers[t]; !waits {
			return
		}
		delete(e.timers, t)
		if e.usable() == nil {
			f()
		}
	})
	return t
}

// drop takes a call back. The lock is held.
func (e *Engine) drop(t *timer) {
	if t != nil {
		delete(e.timers, t)
		t.stop()
	}
}
