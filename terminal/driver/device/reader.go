package device

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// Reader is a stack as a driver.Reader of kind contactless.
type Reader struct {
	stack  Stack
	name   string
	events driver.Queue
	call   chan struct{} // holds one token: who has it may call the stack

	mu      sync.Mutex
	closed  bool
	gone    bool
	changed chan struct{} // closed at each change of closed, gone and the session's card
	session *session
}

// New makes a reader of a stack, which is the reader's from now on.
func New(s Stack) *Reader {
	r := &Reader{stack: s, name: s.Name(), call: make(chan struct{}, 1), changed: make(chan struct{})}
	r.call <- struct{}{}
	s.Watch(Callbacks{Left: r.left, Gone: r.lost})
	return r
}

// left is the stack's word that the card is gone.
func (r *Reader) left() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.session != nil && r.session.card {
		r.session.drop(kernel.ErrRemoved)
	}
}

// lost is its word that it is of no use any more.
func (r *Reader) lost(error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone || r.closed {
		return
	}
	r.gone = true
	if r.session != nil {
		r.session.drop(driver.ErrGone)
	}
	r.change()
	r.events.Put(driver.Event{What: driver.Gone})
	r.events.End(driver.ErrGone)
}

// change wakes who waits for one. The lock is held.
func (r *Reader) change() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// Identity returns the stack's name.
func (r *Reader) Identity() driver.Identity { return driver.Identity{Name: r.name} }

// Kinds returns driver.Contactless.
func (r *Reader) Kinds() driver.Kind { return driver.Contactless }

// Status tells what the stack has said last.
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
	if r.session != nil && r.session.card {
		s.Present = driver.Contactless
	}
	return s, nil
}

// Wait returns the next event.
func (r *Reader) Wait(ctx context.Context) (driver.Event, error) { return r.events.Wait(ctx) }

// Open begins a session. The field stays off until its Activate.
func (r *Reader) Open(ctx context.Context, kind driver.Kind) (driver.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, driver.ErrClosed
	case kind != driver.Contactless:
		return nil, fmt.Errorf("%w: no session of kind %s", driver.ErrUnsupported, kind)
	case r.gone:
		return nil, driver.ErrGone
	case r.session != nil:
		return nil, driver.ErrBusy
	}
	s := &session{reader: r}
	s.life, s.kill = context.WithCancel(context.Background())
	r.session = s
	return s, nil
}

// Close ends everything and closes the stack.
func (r *Reader) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	if s := r.session; s != nil {
		s.end()
	}
	r.change()
	r.mu.Unlock()
	err := r.stack.Close()
	<-r.call // whatever was under way has ended
	r.call <- struct{}{}
	r.events.End(driver.ErrClosed)
	return err
}

// session is a field and its card. All fields are guarded by the reader's lock.
type session struct {
	reader *Reader
	life   context.Context // ends with the session
	kill   context.CancelFunc

	card   bool
	lost   error // why there is none
	ended  bool
	answer Card
	took   time.Duration
	offAt  time.Time
	hold   time.Duration
}

// drop takes the card away. The lock is held.
func (s *session) drop(why error) {
	if s.card {
		s.reader.events.Put(driver.Event{What: driver.Left})
	}
	s.card, s.lost = false, why
	s.reader.change()
}

// end makes the session dead. The lock is held.
func (s *session) end() {
	s.card, s.ended = false, true
	s.kill()
	s.reader.change()
}

// enter waits until the stack can be called and returns a context that ends with the session, and what to call after. A
// session that is over, or whose reader is gone, is not entered.
func (s *session) enter(ctx context.Context) (context.Context, func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.life, cancel)
	select {
	case <-s.reader.call:
	case <-inner.Done():
		stop()
		cancel()
		return nil, nil, s.explain(ctx, inner.Err())
	}
	leave := func() {
		stop()
		cancel()
		s.reader.call <- struct{}{}
	}
	if err := s.explain(ctx, nil); err != nil {
		leave()
		return nil, nil, err
	}
	return inner, leave, nil
}

// explain returns what an error, or none, means: a context, a session or a reader that ended counts first. A stack that
// calls itself gone is.
func (s *session) explain(ctx context.Context, err error) error {
	if errors.Is(err, driver.ErrGone) {
		s.reader.lost(err)
	}
	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case s.ended || s.reader.closed:
		return driver.ErrClosed
	case s.reader.gone:
		return driver.ErrGone
	}
	return err
}

// Transmit gives the command to the stack.
func (s *session) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	inner, leave, err := s.enter(ctx)
	if err != nil {
		return dst, err
	}
	defer leave()
	s.reader.mu.Lock()
	card, lost := s.card, s.lost
	s.reader.mu.Unlock()
	switch {
	case !card && kernel.IsCardError(lost):
		return dst, lost
	case !card:
		return dst, kernel.ErrRemoved
	case len(command) == 0 || len(command) > maxCommand:
		return dst, fmt.Errorf("%w: no command APDU", kernel.ErrProtocol)
	}
	start := len(dst)
	answer, took, err := s.reader.stack.Transceive(inner, dst, command)
	if err == nil && len(answer) < start+2 {
		err = fmt.Errorf("%w: no status word", kernel.ErrProtocol)
	}
	if err != nil {
		err = s.explain(ctx, err)
		s.reader.mu.Lock()
		defer s.reader.mu.Unlock()
		why := err
		if !kernel.IsCardError(err) { // its answer, if it still comes, is nobody's
			why = kernel.ErrTransmission
		}
		if s.card {
			s.drop(why)
		}
		return dst, err
	}
	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	s.took = took
	return answer, nil
}

// ExchangeTime returns the stack's measure of the last exchange.
func (s *session) ExchangeTime() time.Duration {
	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	return s.took
}

// Answer returns the ATS or the ATQB, nil where the stack keeps it to itself.
func (s *session) Answer() []byte {
	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	if !s.card {
		return nil
	}
	return s.answer.Answer
}

// Extended reports what the stack said of the card.
func (s *session) Extended() bool {
	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	return s.card && s.answer.Extended
}

// Activate switches the field on and waits for a card (kernel.Field).
func (s *session) Activate(ctx context.Context) error {
	inner, leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	s.reader.mu.Lock()
	card, failed, rest := s.card, s.lost != nil, s.hold-time.Since(s.offAt)
	if failed { // what became of the last card is not known, or of the field: it begins anew
		rest = s.hold
	}
	s.reader.mu.Unlock()
	if card {
		return nil
	}
	if failed {
		if err := s.reader.stack.Off(inner); err != nil && !kernel.IsCardError(err) {
			return s.explain(ctx, err)
		}
	}
	if err := pause(inner, rest); err != nil {
		return s.explain(ctx, err)
	}
	s.reader.mu.Lock()
	s.lost, s.hold = nil, 0
	s.reader.mu.Unlock()
	for {
		c, err := s.reader.stack.On(inner)
		switch {
		case err == nil:
			s.reader.mu.Lock()
			defer s.reader.mu.Unlock()
			if s.ended || s.reader.gone {
				return driver.ErrGone
			}
			s.card, s.answer, s.lost = true, c, nil
			s.reader.events.Put(driver.Event{What: driver.InField})
			s.reader.change()
			return nil
		case !kernel.IsCardError(err) || inner.Err() != nil:
			return s.explain(ctx, err)
		case errors.Is(err, kernel.ErrCollision): // the stack says so at once for as long as they lie there
			s.reader.mu.Lock()
			s.offAt, s.hold = time.Now(), again
			s.reader.mu.Unlock()
			return s.explain(ctx, err)
		}
		// A card that could not be activated: the next one.
		if err := pause(inner, again); err != nil {
			return s.explain(ctx, err)
		}
	}
}

// again is how long a stack that has found no card to activate is left alone.
const again = 50 * time.Millisecond

// pause lets time pass.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Deactivate switches the field off (kernel.Field).
func (s *session) Deactivate(ctx context.Context, hold time.Duration) error {
	inner, leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	err = s.reader.stack.Off(inner)
	s.reader.mu.Lock()
	s.drop(nil)
	if kernel.IsCardError(err) {
		s.lost = err // the field may be on
	}
	s.offAt, s.hold = time.Now(), max(hold, 0)
	s.reader.mu.Unlock()
	if err != nil && !kernel.IsCardError(err) {
		return s.explain(ctx, err)
	}
	return nil
}

// AwaitRemoval waits until the stack says that the card is gone.
func (s *session) AwaitRemoval(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.reader.mu.Lock()
		card, ended, gone, changed := s.card, s.ended, s.reader.gone, s.reader.changed
		s.reader.mu.Unlock()
		switch {
		case ended:
			return driver.ErrClosed
		case gone:
			return driver.ErrGone
		case !card:
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// Close ends the session and switches the field off.
func (s *session) Close() error {
	r := s.reader
	r.mu.Lock()
	if s.ended {
		r.mu.Unlock()
		return nil
	}
	s.end()
	usable := !r.gone && !r.closed
	r.mu.Unlock()
	if usable {
		<-r.call
		ctx, cancel := context.WithTimeout(context.Background(), closeTime)
		_ = r.stack.Off(ctx)
		cancel()
		r.call <- struct{}{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.session == s {
		r.session = nil
	}
	return nil
}

// closeTime is how long a stack may take to switch its field off at the end of a session.
const closeTime = 2 * time.Second
