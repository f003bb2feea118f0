//go:build pcsc

package pcsc

import (
	"context"
	"errors"
	"time"

	"github.com/ebfe/scard"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// fieldSession adds kernel.Field.
type fieldSession struct {
	*session
	rest time.Time // the card gets no power before that
}

// again is how long a card that did not answer is left alone.
const again = 100 * time.Millisecond

// Activate waits for a card in the field and connects it (kernel.Field). A card that is connected stays so.
func (s *fieldSession) Activate(ctx context.Context) error {
	if err := sleepUntil(ctx, s.rest, s.worker.quit); err != nil {
		return err
	}
	for {
		now, changed := s.reader.watch.current()
		switch err := s.state(); {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			return nil
		case !kernel.IsCardError(err):
			return err
		}
		var later <-chan time.Time
		if s.reader.kindOf(now) == driver.Contactless {
			done, err := s.take(ctx, now)
			if done {
				return err
			}
			later = time.After(again)
		}
		select {
		case <-changed:
		case <-later:
		case <-s.worker.quit:
		case <-ctx.Done():
		}
	}
}

// take connects a card that is there. It reports false where there is nothing to do but to look again.
func (s *fieldSession) take(ctx context.Context, now state) (bool, error) {
	c, err := call(ctx, s.session, s.reader.options.answer(), func() connected {
		s.unpower() // of a card that was there before
		return s.connect()
	}, nil)
	switch {
	case errors.Is(err, kernel.ErrTimeout):
		return false, nil
	case err != nil:
		return true, err
	case c.err == nil:
		s.keep(c, now.count)
		return true, nil
	case errors.Is(c.err, scard.ErrSharingViolation):
		return true, driver.ErrBusy
	}
	return false, nil // gone already, or it did not answer; a service that went is seen by the watch
}

// Deactivate takes the card's power (kernel.Field).
func (s *fieldSession) Deactivate(ctx context.Context, hold time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.state(); err != nil && !kernel.IsCardError(err) {
		return err
	}
	s.lose()
	_, err := call(ctx, s.session, s.reader.options.answer(), func() struct{} {
		s.unpower()
		return struct{}{}
	}, nil)
	if until := time.Now().Add(hold); hold > 0 && until.After(s.rest) {
		s.rest = until
	}
	return err
}

// sleepUntil waits for a time that may have passed.
func sleepUntil(ctx context.Context, until time.Time, quit <-chan struct{}) error {
	d := time.Until(until)
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-quit:
		return driver.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}
