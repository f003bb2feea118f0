package armed

import (
	"context"
	"errors"
	"sync"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/driver"
)

// Await arms the readers and returns the first valid card. The error is ctx's; "armed.none" where nothing can be armed; or
// that of the last reader when all of them are gone for good. No reader is waited at and no goroutine is left when it
// returns, and no session but the Entry's is open.
func Await(ctx context.Context, c Config) (*Entry, error) {
	r := newRace(ctx, c)
	if r.kinds() == 0 {
		return nil, errNone
	}
	if err := r.clearSlots(); err != nil {
		r.cancel()
		return nil, err
	}
	return r.run(nil)
}

// race is one arming, up to its decision.
type race struct {
	Config
	parent context.Context // the caller's
	ctx    context.Context // ends with the decision
	cancel context.CancelFunc

	notices sync.Mutex // Notify is told one thing at a time

	mu     sync.Mutex
	winner *Entry
	armed  int   // readers that can still bring a card
	last   error // of the reader that could not last
}

func newRace(ctx context.Context, c Config) *race {
	r := &race{Config: c, parent: ctx}
	if r.Kinds == 0 {
		r.Kinds = driver.Contact | driver.Contactless | driver.Stripe
	}
	if r.Judge == nil {
		r.Judge = r.judge
	}
	r.ctx, r.cancel = context.WithCancel(ctx)
	return r
}

// kinds returns what is armed at any reader.
func (r *race) kinds() (k driver.Kind) {
	for _, reader := range r.Readers {
		k |= reader.Kinds() & r.Kinds
	}
	return k
}

func (r *race) notify(n Notice) {
	if r.Notify == nil {
		return
	}
	r.notices.Lock()
	defer r.notices.Unlock()
	if r.ctx.Err() == nil {
		r.Notify(n)
	}
}

// judge is Config.Judge by default: a chip that was not tried is to be used.
func (r *race) judge(s *driver.Swipe) (magstripe.Verdict, string) {
	return (&magstripe.Profile{}).Judge(magstripe.Situation{
		ServiceCode: s.Tracks.ServiceCode(), ChipReader: r.kinds().Has(driver.Contact),
	})
}

// clearSlots waits until no slot holds a card from before: that one was not inserted for this sale.
func (r *race) clearSlots() error {
	for _, reader := range r.Readers {
		if !(reader.Kinds() & r.Kinds).Has(driver.Contact) {
			continue
		}
		told := false
		for {
			status, err := reader.Status(r.ctx)
			if r.ctx.Err() != nil {
				return r.ctx.Err()
			}
			if err != nil || status.Gone || !status.Present.Has(driver.Contact) {
				break // a reader that is gone brings its error when it is armed
			}
			if !told {
				r.notify(Notice{About: RemoveFirst, Reader: reader.Identity().Name})
				told = true
			}
			if _, err := reader.Wait(r.ctx); err != nil {
				if r.ctx.Err() != nil {
					return r.ctx.Err()
				}
				break
			}
		}
	}
	return nil
}

// run arms everything and returns the decision once all of it is disarmed again. tap is a field that is there already.
func (r *race) run(tap *tapped) (*Entry, error) {
	defer r.cancel()
	var all sync.WaitGroup
	for _, reader := range r.Readers {
		kinds := reader.Kinds() & r.Kinds
		if kinds == 0 {
			continue
		}
		r.armed++
		l := &lane{race: r, reader: reader, kinds: kinds, back: make(chan struct{}, 1)}
		if tap != nil && tap.entry.Reader == reader {
			l.tap = tap
		}
		all.Go(l.watch)
		if kinds.Has(driver.Contactless) {
			all.Go(l.poll)
		}
	}
	if tap == nil {
		r.notify(Notice{About: Armed})
	}
	all.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.winner != nil:
		return r.winner, nil
	case r.parent.Err() != nil:
		return nil, r.parent.Err()
	}
	return nil, r.last
}

// claim makes an entry the winner, unless there is one or the caller has given up: then its session is closed.
func (r *race) claim(e *Entry, keep bool) {
	r.mu.Lock()
	won := r.winner == nil && r.parent.Err() == nil
	if won {
		r.winner = e
		r.cancel()
	}
	r.mu.Unlock()
	if !won && !keep {
		_ = e.Close()
	}
}

// lost takes a reader out of the race for good; without any the race is over.
func (r *race) lost(l *lane, err error) {
	r.notify(Notice{About: ReaderLost, Reader: l.reader.Identity().Name, Err: err})
	r.mu.Lock()
	defer r.mu.Unlock()
	if l.out {
		return
	}
	l.out, r.last = true, err
	if r.armed--; r.armed == 0 {
		r.cancel()
	}
}

// lane is one reader in the race.
type lane struct {
	*race
	reader driver.Reader
	kinds  driver.Kind
	back   chan struct{} // the reader was gone and is back
	tap    *tapped       // the field of an entry from before
	out    bool          // it can bring no card any more; guarded by mu
}

// watch takes the reader's events.
func (l *lane) watch() {
	name := l.reader.Identity().Name
	for {
		e, err := l.reader.Wait(l.ctx)
		if err != nil {
			l.lost(l, err)
			return
		}
		switch e.What {
		case driver.Inserted:
			if l.kinds.Has(driver.Contact) {
				l.insert()
			}
		case driver.Swiped:
			if l.kinds.Has(driver.Stripe) {
				l.swipe(e.Swipe)
			}
		case driver.Gone:
			l.notify(Notice{About: ReaderLost, Reader: name, Err: driver.ErrGone})
		case driver.Back:
			l.notify(Notice{About: ReaderBack, Reader: name})
			select {
			case l.back <- struct{}{}:
			default:
			}
		case driver.Removed, driver.InField, driver.Left:
		}
	}
}

// insert is a card in the slot: it counts once there is a session with it.
func (l *lane) insert() {
	s, err := l.reader.Open(l.ctx, driver.Contact)
	switch {
	case err == nil:
		l.claim(&Entry{Kind: driver.Contact, Reader: l.reader, Session: s, Card: s}, false)
	case l.ctx.Err() != nil, errors.Is(err, kernel.ErrRemoved), errors.Is(err, driver.ErrGone):
		// It was pulled again, or went with its reader: events tell.
	default:
		l.notify(Notice{About: ReaderLost, Reader: l.reader.Identity().Name, Err: err})
	}
}

// swipe is a stripe: it counts if it could be read and may be used.
func (l *lane) swipe(s driver.Swipe) {
	name := l.reader.Identity().Name
	if s.Err != nil {
		l.notify(Notice{About: SwipeAgain, Reader: name, Why: kernel.CodeOf(s.Err)})
		return
	}
	verdict, why := l.Judge(&s)
	switch verdict {
	case magstripe.Accept, magstripe.Fallback:
		l.claim(&Entry{Kind: driver.Stripe, Reader: l.reader, Swipe: s, Verdict: verdict, Why: why}, false)
	case magstripe.UseChip:
		l.notify(Notice{About: InsertInstead, Reader: name, Why: why})
	case magstripe.Refuse:
		l.notify(Notice{About: SwipeRefused, Reader: name, Why: why})
	}
}

// poll holds the reader's field ready: it counts once just one card is activated.
func (l *lane) poll() {
	for {
		err := l.activate()
		switch {
		case err == nil || l.ctx.Err() != nil:
			return
		case errors.Is(err, driver.ErrGone):
			select {
			case <-l.back:
			case <-l.ctx.Done():
				return
			}
		default:
			// The reader's other interfaces go on; if there are none, the reader is out.
			if l.kinds == driver.Contactless {
				l.lost(l, err)
			} else {
				l.notify(Notice{About: ReaderLost, Reader: l.reader.Identity().Name, Err: err})
			}
			return
		}
	}
}

func (l *lane) activate() error {
	name := l.reader.Identity().Name
	t := l.tap
	if t == nil {
		s, err := l.reader.Open(l.ctx, driver.Contactless)
		if err != nil {
			return err
		}
		f, ok := s.(kernel.Field)
		if !ok {
			_ = s.Close()
			return driver.ErrUnsupported
		}
		t = &tapped{Session: s, field: f, config: l.Config}
		t.entry = &Entry{Kind: driver.Contactless, Reader: l.reader, Session: s, Card: t}
		if m, ok := s.(kernel.Timed); ok {
			t.entry.Card = timed{t, m}
		}
	}
	collided := false
	for {
		err := t.field.Activate(l.ctx)
		switch {
		case err == nil:
			if collided {
				l.notify(Notice{About: OneCardAgain, Reader: name})
			}
			l.claim(t.entry, l.tap != nil)
			return nil
		case errors.Is(err, kernel.ErrCollision) && l.ctx.Err() == nil:
			if !collided {
				l.notify(Notice{About: OneCardOnly, Reader: name})
			}
			collided = true
		case kernel.IsCardError(err) && l.ctx.Err() == nil:
			// A card that could not be activated: it polls on.
		default:
			if l.tap == nil || errors.Is(err, driver.ErrGone) { // the field of before is dead, also when the reader is back
				_ = t.Close()
				l.tap = nil
			}
			return err
		}
	}
}
