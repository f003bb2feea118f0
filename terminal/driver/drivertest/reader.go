package drivertest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cardwright/emv/terminal/driver"
)

func identity(ctx context.Context, s *Stand) error {
	if s.Reader.Identity().Name == "" {
		return errors.New("no name")
	}
	if k := s.Reader.Kinds(); k == 0 || k > driver.Contact|driver.Contactless|driver.Stripe {
		return fmt.Errorf("kinds %d", k)
	}
	status, err := s.Reader.Status(ctx)
	if err != nil || status.Gone || status.Present != 0 {
		return fmt.Errorf("a reader without a card has the status %+v, %v", status, err)
	}
	return nil
}

func waitEnds(_ context.Context, s *Stand) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := within(func() (driver.Event, error) { return s.Reader.Wait(ctx) }); !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("returned %v", err)
	}
	return nil
}

func closed(ctx context.Context, s *Stand) error {
	if err := s.Reader.Close(); err != nil {
		return err
	}
	if err := s.Reader.Close(); err != nil {
		return fmt.Errorf("second close: %w", err)
	}
	if _, err := s.Reader.Wait(ctx); !errors.Is(err, driver.ErrClosed) {
		return fmt.Errorf("in Wait: %v", err)
	}
	if _, err := s.Reader.Status(ctx); !errors.Is(err, driver.ErrClosed) {
		return fmt.Errorf("in Status: %v", err)
	}
	for _, k := range driver.Kinds {
		if k == driver.Stripe || !s.Reader.Kinds().Has(k) {
			continue
		}
		if _, err := s.Reader.Open(ctx, k); !errors.Is(err, driver.ErrClosed) {
			return fmt.Errorf("in Open(%s): %v", k, err)
		}
	}
	return nil
}

func closeEndsWait(ctx context.Context, s *Stand) error {
	done := make(chan error, 1)
	go func() {
		_, err := s.Reader.Wait(ctx)
		done <- err
	}()
	time.Sleep(time.Millisecond) // most often the wait has begun; the outcome is the same if not
	if err := s.Reader.Close(); err != nil {
		return err
	}
	if err := <-done; !errors.Is(err, driver.ErrClosed) {
		return fmt.Errorf("returned %v", err)
	}
	return nil
}

func noStripeSession(ctx context.Context, s *Stand) error {
	return lacksKind(driver.Stripe)(ctx, s)
}

func lacksKind(k driver.Kind) func(context.Context, *Stand) error {
	return func(ctx context.Context, s *Stand) error {
		if _, err := s.Reader.Open(ctx, k); !errors.Is(err, driver.ErrUnsupported) {
			return fmt.Errorf("in Open(%s): %v", k, err)
		}
		return nil
	}
}

// Published numbers for tests of payment systems.
const (
	track1 = "%B4111111111111111^TEST/CARD^2912101000000000?"
	track2 = ";4111111111111111=29121010000000000?"
	pan    = "4111111111111111"
)

func swipe(ctx context.Context, s *Stand) error {
	if err := lostSwipe(ctx, s); err != nil {
		return err
	}
	type result struct {
		e   driver.Event
		err error
	}
	done := make(chan result, 1)
	go func() {
		e, err := s.Reader.Wait(ctx)
		done <- result{e, err}
	}()
	for {
		s.Swipe(track1, track2, "")
		select {
		case r := <-done:
			if r.err != nil {
				return r.err
			}
			if r.e.What != driver.Swiped || r.e.Swipe.Err != nil {
				return fmt.Errorf("%s, %w", r.e.What, r.e.Swipe.Err)
			}
			if got := r.e.Swipe.Tracks; got.PAN.Unmasked() != pan || got.Tracks[0].Number != 1 || got.Tracks[1].Number != 2 {
				return fmt.Errorf("got %v", got)
			}
			return nil
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// lostSwipe swipes while nobody waits. The swipe needs its time to the driver, which a stand may not see: each try gives
// it more.
func lostSwipe(ctx context.Context, s *Stand) error {
	for d := time.Millisecond; ; d *= 2 {
		s.Swipe(track1, track2, "")
		time.Sleep(d)
		short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		_, err := s.Reader.Wait(short)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			return nil
		case err != nil:
			return err
		case d > Patience/10:
			return errors.New("a swipe that nobody waited for was kept")
		}
	}
}

func unplugged(ctx context.Context, s *Stand) error {
	kind := driver.Contactless
	if s.Insert != nil {
		kind = driver.Contact
	}
	var session driver.Session
	if s.Insert != nil || s.Tap != nil {
		var err error
		if session, err = s.present(ctx, kind, ok); err != nil {
			return err
		}
	}
	s.Unplug()
	for { // what the cable took with it may be told first
		e, err := s.Reader.Wait(ctx)
		if errors.Is(err, driver.ErrGone) {
			break
		}
		if err != nil {
			return fmt.Errorf("in Wait: %w", err)
		}
		if e.What == driver.Gone {
			break
		}
		if e.What != driver.Removed && e.What != driver.Left && e.What != driver.InField {
			return fmt.Errorf("%s where gone was due", e.What)
		}
	}
	if status, err := s.Reader.Status(ctx); err != nil || !status.Gone {
		return fmt.Errorf("status %+v, %v", status, err)
	}
	if session == nil {
		return nil
	}
	if _, err := session.Transmit(ctx, nil, command); !errors.Is(err, driver.ErrGone) {
		return fmt.Errorf("in Transmit: %v", err)
	}
	_ = session.Close()
	if _, err := s.Reader.Open(ctx, kind); !errors.Is(err, driver.ErrGone) {
		return fmt.Errorf("in Open: %v", err)
	}
	return nil
}

func replugged(ctx context.Context, s *Stand) error {
	s.Unplug()
	if err := s.expect(ctx, driver.Gone); err != nil {
		return err
	}
	s.Plug()
	if err := s.expect(ctx, driver.Back); err != nil {
		return err
	}
	for _, k := range []driver.Kind{driver.Contact, driver.Contactless} {
		if k == driver.Contact && s.Insert == nil || k == driver.Contactless && s.Tap == nil {
			continue
		}
		session, err := s.present(ctx, k, ok)
		if err != nil {
			return err
		}
		if got, err := session.Transmit(ctx, nil, command); err != nil || len(got) != 2 {
			return fmt.Errorf("%X, %w", got, err)
		}
	}
	return nil
}

// within runs a call and gives up on it after Patience.
func within[T any](call func() (T, error)) (T, error) {
	type result struct {
		v   T
		err error
	}
	done := make(chan result, 1)
	go func() {
		v, err := call()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.v, r.err
	case <-time.After(Patience):
		var none T
		return none, fmt.Errorf("still waiting after %v", Patience)
	}
}
