package display

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/wire"
)

// Config is what a display needs besides events. The zero value works.
type Config struct {
	Appearance Appearance

	// Act is told what the customer did, by a goroutine of a page; it may call the display. nil ignores customers.
	Act func(Action)

	// AfterFunc calls f after a time and returns what stops it. nil is time.AfterFunc.
	AfterFunc func(d time.Duration, f func()) (stop func() bool)

	// Every is the least time between two states of one screen on a page; 0 is 100 ms (PRODUCT 3.2).
	Every time.Duration

	// Rand makes the token of this start; nil is crypto/rand.
	Rand io.Reader
}

// Display is a state machine with pages. Its methods may be called by any goroutine.
type Display struct {
	config Config
	token  string

	mu       sync.Mutex
	machine  Machine
	pages    map[*page]struct{}
	rendered uint64
	stop     func() bool // ends the timer of the present screen
	closed   bool
}

// page is told that there is something to fetch.
type page struct {
	changed chan struct{} // a state that the page does not have
	urgent  chan struct{} // another screen
}

// New starts a display on its welcome screen. The error is that of Rand.
func New(config Config) (*Display, error) {
	if config.AfterFunc == nil {
		config.AfterFunc = func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	}
	if config.Every == 0 {
		config.Every = 100 * time.Millisecond
	}
	if config.Rand == nil {
		config.Rand = rand.Reader
	}
	var secret [16]byte
	if _, err := io.ReadFull(config.Rand, secret[:]); err != nil {
		return nil, err
	}
	d := &Display{config: config, token: base64.RawURLEncoding.EncodeToString(secret[:]), pages: map[*page]struct{}{}}
	return d, d.machine.Step(config.Appearance)
}

// Step takes an event. The error is *Refusal.
func (d *Display) Step(e Event) error {
	return d.change(func() error { return d.machine.Step(e) })
}

// CartSet takes a whole cart; see Machine.CartSet.
func (d *Display) CartSet(c *wire.CartSet) error {
	return d.change(func() error { return d.machine.CartSet(c) })
}

// CartPatch takes a change of the cart; see Machine.CartPatch.
func (d *Display) CartPatch(p *wire.CartPatch) (resync bool, err error) {
	err = d.change(func() (err error) {
		resync, err = d.machine.CartPatch(p)
		return err
	})
	return resync, err
}

// ShownCart returns the cart that can be paid and its hash; see Machine.ShownCart.
func (d *Display) ShownCart() (*wire.CartSet, [sha256.Size]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.machine.ShownCart()
}

// State returns what is on the screen.
func (d *Display) State() State {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.machine.State()
}

// Pages returns how many pages are connected, and the highest revision that one of them has drawn.
func (d *Display) Pages() (connected int, rendered uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.pages), d.rendered
}

// Close ends the timer and lets pages go. The display takes no more events.
func (d *Display) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.halt()
	for p := range d.pages {
		delete(d.pages, p)
		close(p.changed)
		nudge(p.urgent) // it may be waiting for its next turn
	}
}

// act carries out what a page said.
func (d *Display) act(a Action) error {
	var told Action
	var tell bool
	err := d.change(func() (err error) {
		told, tell, err = d.machine.Act(a)
		return err
	})
	if err == nil && tell && d.config.Act != nil {
		d.config.Act(told) // without the lock: it may well lead to the next screen
	}
	return err
}

// change runs f on the machine and tells the pages.
func (d *Display) change(f func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return &Refusal{Code: "E_CLOSED", Screen: d.machine.Screen(), What: "the display was closed"}
	}
	screen, since, revision, shows := d.machine.Screen(), d.machine.since, d.machine.revision, d.machine.shows
	err := f()
	if d.machine.revision == revision {
		return err
	}
	urgent := d.machine.Screen() != screen || d.machine.since != since
	for p := range d.pages {
		nudge(p.changed)
		if urgent {
			nudge(p.urgent)
		}
	}
	if d.machine.shows != shows {
		d.schedule()
	}
	return err
}

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (d *Display) halt() {
	if d.stop != nil {
		d.stop()
		d.stop = nil
	}
}

// schedule ends the present screen when its time is over, unless another one came.
func (d *Display) schedule() {
	d.halt()
	hold := d.machine.Hold()
	if hold <= 0 {
		return
	}
	shown := d.machine.shows
	d.stop = d.config.AfterFunc(hold, func() {
		_ = d.change(func() error { // refused after Close, and where another screen came
			if d.machine.shows != shown {
				return nil
			}
			return d.machine.expire()
		})
	})
}
