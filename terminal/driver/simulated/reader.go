// Package simulated is a reader without hardware: a slot, a field and a stripe head into which a caller puts any
// kernel.Card. It makes a terminal out of a laptop, and it is what the shell's tests hold in their hands: cards come and
// go, and the reader can be unplugged, while a payment runs.
package simulated

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/driver"
)

// Config is how a reader is made. The zero value is a reader of all kinds called "simulated".
type Config struct {
	Identity driver.Identity // the name defaults to "simulated"
	Kinds    driver.Kind     // 0 is all
	Short    bool            // no extended length

	// Clock measures exchanges of cards that don't do so themselves; nil is the system's.
	Clock kernel.Clock
	// Sleep lets a field's hold time pass; nil waits for real.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Reader is such a reader. Its driver's side is driver.Reader, with lights and a beeper; the rest is the caller's, who
// plays the cardholder. Everything is safe for concurrent use.
type Reader struct {
	config Config
	events driver.Queue

	mu       sync.Mutex
	changed  chan struct{} // closed at each change of what follows
	closed   bool
	gone     bool
	slot     *lying
	field    []*lying
	sessions map[driver.Kind]*session
	lit      uint8
	tones    []driver.Tone
}

// lying is a card that lies in slot or field: the same card that is put back is another one.
type lying struct {
	card   kernel.Card
	answer []byte
}

// maxTones bounds what is kept for Tones.
const maxTones = 64

// New returns a reader without a card.
func New(c Config) *Reader {
	if c.Identity.Name == "" {
		c.Identity.Name = "simulated"
	}
	if c.Kinds == 0 {
		c.Kinds = driver.Contact | driver.Contactless | driver.Stripe
	}
	if c.Clock == nil {
		c.Clock = kernel.SystemClock{}
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	return &Reader{config: c, changed: make(chan struct{}), sessions: map[driver.Kind]*session{}}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Identity returns what the configuration says.
func (r *Reader) Identity() driver.Identity { return r.config.Identity }

// Kinds returns what the configuration says.
func (r *Reader) Kinds() driver.Kind { return r.config.Kinds }

// Status tells what lies where. A card is known to be in the field once it is activated.
func (r *Reader) Status(ctx context.Context) (driver.Status, error) {
	if err := ctx.Err(); err != nil {
		return driver.Status{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return driver.Status{}, driver.ErrClosed
	}
	s := driver.Status{Gone: r.gone}
	if r.slot != nil && !r.gone {
		s.Present |= driver.Contact
	}
	if tap := r.sessions[driver.Contactless]; tap != nil && tap.card != nil {
		s.Present |= driver.Contactless
	}
	return s, nil
}

// Wait returns the next event.
func (r *Reader) Wait(ctx context.Context) (driver.Event, error) { return r.events.Wait(ctx) }

// Open begins a session.
func (r *Reader) Open(ctx context.Context, kind driver.Kind) (driver.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, driver.ErrClosed
	case kind != driver.Contact && kind != driver.Contactless || !r.config.Kinds.Has(kind):
		return nil, fmt.Errorf("%w: no session of kind %s", driver.ErrUnsupported, kind)
	case r.gone:
		return nil, driver.ErrGone
	case r.sessions[kind] != nil:
		return nil, driver.ErrBusy
	}
	s := &session{reader: r, kind: kind}
	if kind == driver.Contact {
		if r.slot == nil {
			return nil, kernel.ErrRemoved
		}
		s.take(r.slot)
		r.sessions[kind] = s
		return &slotSession{s}, nil
	}
	r.sessions[kind] = s
	return &fieldSession{session: s}, nil
}

// Close ends everything.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	r.dropSessions(driver.ErrClosed)
	r.change()
	r.events.End(driver.ErrClosed)
	return nil
}

// SetLights keeps which lights are lit (driver.Lights).
func (r *Reader) SetLights(ctx context.Context, lit uint8) error {
	return r.signal(ctx, func() { r.lit = lit & 0x0F })
}

// Beep keeps which tones were heard (driver.Beeper).
func (r *Reader) Beep(ctx context.Context, t driver.Tone) error {
	return r.signal(ctx, func() {
		if len(r.tones) < maxTones {
			r.tones = append(r.tones, t)
		}
	})
}

func (r *Reader) signal(ctx context.Context, what func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return driver.ErrClosed
	case r.gone:
		return driver.ErrGone
	}
	what()
	return nil
}

// Lit returns which lights are lit.
func (r *Reader) Lit() uint8 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lit
}

// Tones returns the tones that were heard, the first 64 of them.
func (r *Reader) Tones() []driver.Tone {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.tones)
}

// Insert puts a card into the slot; it answers a reset with atr, unless it is a contact.Slot itself. A slot that is taken
// stays as it is, and the error wraps driver.ErrBusy.
func (r *Reader) Insert(card kernel.Card, atr []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.slot != nil {
		return driver.ErrBusy
	}
	r.slot = &lying{card, slices.Clone(atr)}
	r.happen(driver.Inserted)
	return nil
}

// Remove takes the card out of the slot, if there is one. An exchange under way ends with kernel.ErrRemoved.
func (r *Reader) Remove() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.slot == nil {
		return
	}
	r.slot = nil
	r.drop(driver.Contact, kernel.ErrRemoved)
	r.happen(driver.Removed)
}

// Tap brings a card into the field, besides those that are there; answer is its ATS or ATQB.
func (r *Reader) Tap(card kernel.Card, answer []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.field = append(r.field, &lying{card, slices.Clone(answer)})
	r.change()
}

// Leave takes all cards out of the field. An exchange under way ends with kernel.ErrRemoved.
func (r *Reader) Leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.field = nil
	r.drop(driver.Contactless, kernel.ErrRemoved)
	r.change()
}

// Swipe draws a stripe through the head and reports whether anybody waited for it. Empty tracks are not on the card.
func (r *Reader) Swipe(track1, track2, track3 string) bool {
	tracks, err := magstripe.Parse(track1, track2, track3)
	return r.SwipeAs(driver.Swipe{Tracks: tracks, Err: err})
}

// SwipeAs is Swipe for one that is made up: of a reader that enciphers, or unreadable.
func (r *Reader) SwipeAs(s driver.Swipe) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.gone && r.config.Kinds.Has(driver.Stripe) && r.events.Put(driver.Event{What: driver.Swiped, Swipe: s})
}

// Unplug pulls the reader's cable. Sessions end with driver.ErrGone.
func (r *Reader) Unplug() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone || r.closed {
		return
	}
	r.gone = true
	r.dropSessions(driver.ErrGone)
	r.change()
	r.events.Put(driver.Event{What: driver.Gone})
}

// Plug puts it back. A card in the slot is seen again.
func (r *Reader) Plug() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.gone || r.closed {
		return
	}
	r.gone = false
	r.change()
	r.events.Put(driver.Event{What: driver.Back})
	if r.slot != nil {
		r.happen(driver.Inserted)
	}
}

// happen is a change that is an event too, if the reader is there and has such an interface. The lock is held.
func (r *Reader) happen(what driver.What) {
	r.change()
	kind := driver.Contact
	if what == driver.InField || what == driver.Left {
		kind = driver.Contactless
	}
	if !r.gone && r.config.Kinds.Has(kind) {
		r.events.Put(driver.Event{What: what})
	}
}

// change wakes who waits for one. The lock is held.
func (r *Reader) change() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// drop takes the card from a session: its exchanges end with why. The lock is held.
func (r *Reader) drop(kind driver.Kind, why error) {
	if s := r.sessions[kind]; s != nil && s.card != nil {
		s.lose(why)
		if kind == driver.Contactless {
			r.happen(driver.Left)
		}
	}
}

// dropSessions ends all sessions. The lock is held.
func (r *Reader) dropSessions(why error) {
	for kind, s := range r.sessions {
		s.lose(why)
		s.dead = why
		delete(r.sessions, kind)
	}
}
