//go:build pcsc

package pcsc

import (
	"context"
	"fmt"
	"sync"

	"github.com/ebfe/scard"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// reader is one reader of the service.
type reader struct {
	options Options
	name    string
	kinds   driver.Kind
	watch   *watch
	events  driver.Queue

	mu      sync.Mutex
	closed  bool
	session *session // the one that is open: a reader has one connection, whatever its kinds
}

// newReader takes over the context.
func newReader(o Options, sc *scard.Context, name string) (*reader, error) {
	r := &reader{options: o, name: name, kinds: kindsOf(name, nil)}
	r.watch = startWatch(sc, name, r.happened)
	now, _ := r.watch.current()
	if now.gone { // it went between being listed and being looked at
		r.watch.close()
		return nil, fmt.Errorf("%w: %q", driver.ErrNotFound, name)
	}
	return r, nil
}

// Identity returns the name that the service has for the reader.
func (r *reader) Identity() driver.Identity { return driver.Identity{Name: r.name} }

// Kinds returns the interface that the name tells, or both kinds.
func (r *reader) Kinds() driver.Kind { return r.kinds }

// kindOf returns at which interface the card is, 0 where there is none.
func (r *reader) kindOf(s state) driver.Kind {
	switch {
	case s.gone || !s.present:
		return 0
	case r.kinds == driver.Contact || r.kinds == driver.Contactless:
		return r.kinds
	case KindOfATR(s.atr) == driver.Contactless:
		return driver.Contactless
	}
	return driver.Contact // a card that does not answer, too: one in a field would not have been noticed
}

// happened turns a change into events.
func (r *reader) happened(before, now state) {
	switch {
	case now.gone:
		r.events.Put(driver.Event{What: driver.Gone})
		return
	case before.gone:
		r.events.Put(driver.Event{What: driver.Back})
		before = state{}
	case before.present && now.present && before.count == now.count:
		return // the same card, powered or not
	}
	switch r.kindOf(before) {
	case driver.Contact:
		r.events.Put(driver.Event{What: driver.Removed})
	case driver.Contactless:
		r.events.Put(driver.Event{What: driver.Left})
	default:
	}
	switch r.kindOf(now) {
	case driver.Contact:
		r.events.Put(driver.Event{What: driver.Inserted})
	case driver.Contactless:
		r.events.Put(driver.Event{What: driver.InField})
	default:
	}
}

// Status tells what the service saw last.
func (r *reader) Status(ctx context.Context) (driver.Status, error) {
	if err := ctx.Err(); err != nil {
		return driver.Status{}, err
	}
	r.mu.Lock()
	closed := r.closed
	r.mu.Unlock()
	if closed {
		return driver.Status{}, driver.ErrClosed
	}
	now, _ := r.watch.current()
	return driver.Status{Gone: now.gone, Present: r.kindOf(now)}, nil
}

// Wait returns the next event.
func (r *reader) Wait(ctx context.Context) (driver.Event, error) { return r.events.Wait(ctx) }

// Open begins a session. At a slot the card is connected at once; in a field when it comes.
func (r *reader) Open(ctx context.Context, kind driver.Kind) (driver.Session, error) {
	s, err := r.take(ctx, kind)
	if err != nil {
		return nil, err
	}
	// Without the lock: a service that hangs must not keep anybody from Status and Close.
	if err = s.begin(ctx); err == nil && kind == driver.Contact {
		err = s.insert(ctx)
	}
	switch {
	case err != nil:
		_ = s.Close()
		return nil, err
	case kind == driver.Contactless:
		return &fieldSession{session: s}, nil
	}
	return &slotSession{s}, nil
}

// take makes a session the reader's, if there can be one.
func (r *reader) take(ctx context.Context, kind driver.Kind) (*session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now, _ := r.watch.current()
	switch {
	case r.closed:
		return nil, driver.ErrClosed
	case kind != driver.Contact && kind != driver.Contactless || !r.kinds.Has(kind):
		return nil, fmt.Errorf("%w: no session of kind %s", driver.ErrUnsupported, kind)
	case now.gone:
		return nil, driver.ErrGone
	case r.session != nil:
		return nil, driver.ErrBusy
	case kind == driver.Contact && r.kindOf(now) != driver.Contact:
		return nil, kernel.ErrRemoved
	}
	r.session = newSession(r, kind, now.epoch)
	return r.session, nil
}

// forget lets another session begin.
func (r *reader) forget(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.session == s {
		r.session = nil
	}
}

// Close ends session and watch.
func (r *reader) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	s := r.session
	r.mu.Unlock()
	r.events.End(driver.ErrClosed)
	if s != nil {
		_ = s.Close()
	}
	r.watch.close()
	return nil
}
