package simulated

import (
	"context"
	"errors"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// pollTime is how long a field takes to look again while it sees more than one card.
const pollTime = 5 * time.Millisecond

// session is what both kinds have in common. All fields are guarded by the reader's lock.
type session struct {
	reader *Reader
	kind   driver.Kind
	card   *lying // nil while there is none
	dead   error  // why the session is over

	why    error              // why the last card went
	cancel context.CancelFunc // of the exchange under way
	took   time.Duration
}

// slotSession adds contact.Slot.
type slotSession struct{ *session }

// fieldSession adds kernel.Field.
type fieldSession struct {
	*session
	collided bool          // the last look saw more than one card
	hold     time.Duration // how long the field stays off before it goes on
}

func (s *session) take(l *lying) { s.card, s.why = l, nil }

// lose takes the card away. The lock is held.
func (s *session) lose(why error) {
	s.card, s.why = nil, why
	if s.cancel != nil {
		s.cancel()
	}
}

// Transmit hands the command to the card.
func (s *session) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	card, inner, err := s.begin(ctx)
	if err != nil {
		return dst, err
	}
	clock := s.reader.config.Clock
	before := clock.Now()
	answer, err := card.Transmit(inner, dst, command)
	took := clock.Since(before)
	if timed, ok := card.(kernel.Timed); ok {
		took = timed.ExchangeTime()
	}

	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	s.cancel()
	s.cancel, s.took = nil, took
	switch {
	case s.dead != nil:
		return dst, s.dead
	case ctx.Err() != nil && err != nil:
		return dst, ctx.Err()
	case s.card == nil:
		return dst, s.gone()
	case err != nil:
		return dst, err
	}
	return answer, nil
}

// begin returns the card to talk to and a context that ends when the card goes.
func (s *session) begin(ctx context.Context) (kernel.Card, context.Context, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	switch {
	case s.dead != nil:
		return nil, nil, s.dead
	case s.card == nil:
		return nil, nil, s.gone()
	}
	inner, cancel := context.WithCancel(ctx)
	s.cancel = cancel
	return s.card.card, inner, nil
}

func (s *session) gone() error {
	if s.why != nil {
		return s.why
	}
	return kernel.ErrRemoved
}

// ExchangeTime returns the card's own measure of the last exchange, or that of the clock.
func (s *session) ExchangeTime() time.Duration {
	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	return s.took
}

// Answer returns what the card was put there with.
func (s *session) Answer() []byte {
	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	if s.card == nil {
		return nil
	}
	return s.card.answer
}

// Extended reports what the configuration says.
func (s *session) Extended() bool { return !s.reader.config.Short }

// AwaitRemoval waits until the card is gone.
func (s *session) AwaitRemoval(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.reader.mu.Lock()
		dead, there, changed := s.dead, s.card != nil, s.reader.changed
		s.reader.mu.Unlock()
		switch {
		case dead != nil:
			return dead
		case !there:
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// Close ends the session.
func (s *session) Close() error {
	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	if s.dead != nil {
		return nil
	}
	s.lose(driver.ErrClosed)
	s.dead = driver.ErrClosed
	delete(s.reader.sessions, s.kind)
	s.reader.change()
	return nil
}

// Reset resets the card (contact.Slot): by itself where it can, otherwise as a card that loses its power.
func (s *slotSession) Reset(ctx context.Context, warm bool) ([]byte, error) {
	card, inner, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	var atr []byte
	slot, own := card.(contact.Slot)
	if own {
		atr, err = slot.Reset(inner, warm)
	} else if again, ok := card.(interface{ Reset() }); ok {
		again.Reset()
	}
	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	s.cancel()
	s.cancel = nil
	switch {
	case s.dead != nil:
		return nil, s.dead
	case s.card == nil:
		return nil, s.gone()
	case err != nil:
		return nil, err
	case own:
		s.card.answer = append([]byte(nil), atr...)
	}
	return s.card.answer, nil
}

// Activate waits until just one card is in the field (kernel.Field). A card that is a kernel.Field itself, such as a
// script of several taps, is asked too.
func (s *fieldSession) Activate(ctx context.Context) error {
	r := s.reader
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	hold := s.hold
	s.hold = 0
	r.mu.Unlock()
	if hold > 0 {
		if err := r.config.Sleep(ctx, hold); err != nil {
			r.mu.Lock()
			s.hold = hold
			r.mu.Unlock()
			return err
		}
	}
	for {
		card, wait, err := s.look()
		if err != nil {
			return err
		}
		if card != nil {
			if done, err := s.activated(ctx, card); done || err != nil {
				return err
			}
			continue
		}
		if err := wait(ctx); err != nil {
			return err
		}
	}
}

// look returns the card to activate, or how to wait for one.
func (s *fieldSession) look() (*lying, func(context.Context) error, error) {
	r := s.reader
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.dead != nil {
		return nil, nil, s.dead
	}
	changed := r.changed
	switch {
	case len(r.field) == 1:
		s.collided = false
		return r.field[0], nil, nil
	case len(r.field) > 1 && !s.collided:
		s.collided = true
		s.card = nil
		return nil, nil, kernel.ErrCollision
	case len(r.field) > 1: // told already: look again as fast as a reader does
		s.collided = false
		return nil, func(ctx context.Context) error { return either(ctx, changed, pollTime) }, nil
	}
	s.collided = false
	return nil, func(ctx context.Context) error { return either(ctx, changed, 0) }, nil
}

// either waits for a change or, if most is not 0, that long.
func either(ctx context.Context, changed <-chan struct{}, most time.Duration) error {
	var late <-chan time.Time
	if most > 0 {
		t := time.NewTimer(most)
		defer t.Stop()
		late = t.C
	}
	select {
	case <-changed:
	case <-late:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// activated makes a card that lies in the field the session's, and reports whether it was still there.
func (s *fieldSession) activated(ctx context.Context, l *lying) (bool, error) {
	r := s.reader
	r.mu.Lock()
	known := s.card == l
	r.mu.Unlock()
	if field, ok := l.card.(kernel.Field); ok {
		if err := field.Activate(ctx); err != nil {
			return false, err
		}
	} else if again, ok := l.card.(interface{ Reset() }); ok && !known {
		again.Reset()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.dead != nil {
		return false, s.dead
	}
	if len(r.field) == 0 || r.field[0] != l {
		return false, nil
	}
	s.take(l)
	if !known {
		r.happen(driver.InField)
	}
	return true, nil
}

// Deactivate switches the field off (kernel.Field): the card loses its power.
func (s *fieldSession) Deactivate(ctx context.Context, hold time.Duration) error {
	r := s.reader
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	if s.dead != nil {
		defer r.mu.Unlock()
		return s.dead
	}
	l := s.card
	if l != nil {
		s.lose(kernel.ErrRemoved)
		r.happen(driver.Left)
	}
	s.hold = max(hold, s.hold)
	r.mu.Unlock()
	if l == nil {
		return nil
	}
	if field, ok := l.card.(kernel.Field); ok {
		err := field.Deactivate(ctx, hold)
		if err != nil && !errors.Is(err, ctx.Err()) {
			return err
		}
		r.mu.Lock()
		s.hold = 0 // the card's own clock has seen it pass
		r.mu.Unlock()
		return err
	}
	return nil
}
