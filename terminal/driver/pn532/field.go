package pn532

import (
	"context"
	"errors"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// Activate polls until just one card is there and activates it (kernel.Field; Book D, 9.2).
func (s *session) Activate(ctx context.Context) error {
	if err := s.check(ctx); err != nil {
		return err
	}
	if s.there() {
		return nil
	}
	inner, cancel := s.within(ctx)
	defer cancel()
	err := s.activate(inner)
	if err != nil {
		s.reader.noted(err)
		if dead := s.check(ctx); dead != nil {
			return dead
		}
	}
	return err
}

func (s *session) activate(ctx context.Context) error {
	reset := s.on && s.lost != nil // a card that failed is reset with the field (Book D, 9.5)
	for deaf := 0; ; {
		found, err := s.turn(ctx, reset)
		reset = false
		switch {
		case err == nil && found != nil:
			s.target = *found
			s.set(true, nil)
			return nil
		case err == nil:
			deaf = 0
		case ctx.Err() != nil || !kernel.IsCardError(err):
			return err
		case errors.Is(err, kernel.ErrCollision):
			// Book D, 9.3: the field is reset, so that cards that were told apart are found again.
			if err := s.switchOff(ctx, 0); err != nil && !kernel.IsCardError(err) {
				return err
			}
			return kernel.ErrCollision
		default: // the line failed: what was found, if anything, has to begin anew, and the chip may listen to half a frame
			if deaf++; deaf == maxDeaf {
				return driver.ErrGone
			}
			if err := s.link.wake(ctx); err != nil {
				return err
			}
			reset = true
		}
	}
}

// turn switches the field on, off before if it has to be reset, and polls once.
func (s *session) turn(ctx context.Context, reset bool) (*target, error) {
	if reset {
		if err := s.switchOff(ctx, 0); err != nil {
			return nil, err
		}
	}
	if err := s.switchOn(ctx); err != nil {
		return nil, err
	}
	return s.poll(ctx)
}

// poll is one turn of the polling loop: type B first, since a card of type A does not mind being asked that way, and then
// type A; a card of each is a collision. It returns nil when no card is there, or none of a kind that pays.
func (s *session) poll(ctx context.Context) (*target, error) {
	b, err := s.link.list(ctx, typeB)
	switch {
	case err != nil:
		return nil, err
	case len(b) > 1:
		return nil, kernel.ErrCollision
	case len(b) == 1:
		// To see whether one of type A is there too, the one of type B has to go; it is found again at once.
		if err := s.link.release(ctx, 0); err != nil {
			return nil, err
		}
	}
	if err := s.broadcast(ctx); err != nil {
		return nil, err
	}
	a, err := s.link.list(ctx, typeA)
	if err != nil {
		return nil, err
	}
	if len(a)+len(b) > 1 {
		return nil, kernel.ErrCollision
	}
	if len(b) == 1 {
		// Released, it sleeps until the field was off (ISO/IEC 14443-3, 7.8).
		if err := s.switchOff(ctx, 0); err != nil {
			return nil, err
		}
		if err := s.switchOn(ctx); err != nil {
			return nil, err
		}
		if b, err = s.link.list(ctx, typeB); err != nil {
			return nil, err
		}
		a = b
	}
	switch {
	case len(a) > 1:
		return nil, kernel.ErrCollision
	case len(a) == 1 && a[0].layer4:
		return &a[0], nil
	case len(a) == 1: // a key fob, a ticket: no card of a payment
		return nil, s.link.release(ctx, 0)
	}
	return nil, nil
}

// broadcast sends the configured frames, while the chip takes them.
func (s *session) broadcast(ctx context.Context) error {
	for _, f := range s.reader.config.Broadcast {
		if s.raw {
			return nil
		}
		taken, err := s.link.broadcast(ctx, f)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errRefused):
			s.raw = true
		case !taken && err != nil:
			return err
		}
	}
	return nil
}

// switchOn switches the field on, not before its time, and waits until cards have woken up.
func (s *session) switchOn(ctx context.Context) error {
	if s.on {
		return nil
	}
	if s.unsure {
		if err := s.switchOff(ctx, s.hold); err != nil {
			return err
		}
	}
	if !s.offAt.IsZero() {
		if rest := s.hold - s.reader.config.Clock.Since(s.offAt); rest > 0 {
			if err := s.reader.config.Sleep(ctx, rest); err != nil {
				return err
			}
		}
	}
	if err := s.link.setField(ctx, true); err != nil {
		return err
	}
	s.on = true
	return s.reader.config.Sleep(ctx, guardTime)
}

// switchOff switches the field off for at least hold, or a reset's time.
func (s *session) switchOff(ctx context.Context, hold time.Duration) error {
	s.on = false // also if that fails: what follows switches it on anyway
	s.set(false, nil)
	err := s.link.setField(ctx, false)
	s.offAt, s.hold, s.unsure = s.reader.config.Clock.Now(), max(hold, resetTime), err != nil
	return err
}

// Deactivate switches the field off (kernel.Field). The card is deselected first, so that a phone knows that it is over.
func (s *session) Deactivate(ctx context.Context, hold time.Duration) error {
	if err := s.check(ctx); err != nil {
		return err
	}
	err := error(nil)
	if s.there() {
		err = s.link.release(ctx, s.target.number) // S(DESELECT); Book D, 10.6
	}
	if err == nil || kernel.IsCardError(err) {
		err = s.switchOff(ctx, hold)
	}
	if dead := s.check(ctx); dead != nil {
		err = dead
	}
	s.reader.noted(err)
	if kernel.IsCardError(err) {
		// The chip did not confirm it three times over. A transaction does not end for that: the field is switched off, and
		// for as long, before it is switched on again.
		s.unsure, s.hold, err = true, max(hold, resetTime), nil
		s.on = false
		s.set(false, nil)
	}
	return err
}
