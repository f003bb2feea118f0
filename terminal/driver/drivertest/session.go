package drivertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cardtest"
	"github.com/cardwright/emv/terminal/driver"
)

// cards runs kernel/cardtest over sessions of a kind, each on a stand of its own.
func cards(kind driver.Kind) func(Setup) error {
	return func(setup Setup) error {
		first, err := setup()
		if err != nil {
			return err
		}
		features := first.Card
		first.close()

		ctx, cancel := context.WithTimeout(context.Background(), 6*Patience)
		defer cancel()
		var stands []*Stand
		defer func() {
			for _, s := range stands {
				s.close()
			}
		}()
		violations := cardtest.Check(func(answer cardtest.Answer) (kernel.Card, error) {
			s, err := setup()
			if err != nil {
				return nil, err
			}
			stands = append(stands, s)
			return s.present(ctx, kind, answer)
		}, features)
		return errors.Join(violations...)
	}
}

func emptySlot(ctx context.Context, s *Stand) error {
	if _, err := s.Reader.Open(ctx, driver.Contact); !errors.Is(err, kernel.ErrRemoved) {
		return fmt.Errorf("in Open: %v", err)
	}
	return nil
}

func slotEvents(ctx context.Context, s *Stand) error {
	for range 2 {
		if err := s.Insert(ok); err != nil {
			return err
		}
		if err := s.expect(ctx, driver.Inserted); err != nil {
			return err
		}
		if status, err := s.Reader.Status(ctx); err != nil || !status.Present.Has(driver.Contact) {
			return fmt.Errorf("inserted: status %+v, %v", status, err)
		}
		s.Remove()
		if err := s.expect(ctx, driver.Removed); err != nil {
			return err
		}
		if status, err := s.Reader.Status(ctx); err != nil || status.Present.Has(driver.Contact) {
			return fmt.Errorf("removed: status %+v, %v", status, err)
		}
	}
	return nil
}

func oneSession(kind driver.Kind) func(context.Context, *Stand) error {
	return func(ctx context.Context, s *Stand) error {
		session, err := s.present(ctx, kind, ok)
		if err != nil {
			return err
		}
		if _, err := s.Reader.Open(ctx, kind); !errors.Is(err, driver.ErrBusy) {
			return fmt.Errorf("a second session: %v", err)
		}
		if err := session.Close(); err != nil {
			return err
		}
		again, err := s.Reader.Open(ctx, kind)
		if err != nil {
			return fmt.Errorf("after Close: %w", err)
		}
		return again.Close()
	}
}

func resetAnswers(ctx context.Context, s *Stand) error {
	session, err := s.present(ctx, driver.Contact, ok)
	if err != nil {
		return err
	}
	for _, warm := range []bool{false, true} {
		atr, err := session.(contact.Slot).Reset(ctx, warm)
		if err != nil || len(atr) < 2 || !bytes.Equal(atr, session.Answer()) {
			return fmt.Errorf("warm %t: %X, Answer %X, %v", warm, atr, session.Answer(), err)
		}
		if _, err := contact.ParseATR(atr, true); err != nil {
			return fmt.Errorf("%X: %w", atr, err)
		}
		if got, err := session.Transmit(ctx, nil, command); err != nil || len(got) != 2 {
			return fmt.Errorf("after a reset: %X, %w", got, err)
		}
	}
	return nil
}

func (s *Stand) takeAway(kind driver.Kind) {
	if kind == driver.Contact {
		s.Remove()
	} else {
		s.Leave()
	}
}

func leftIsRemoved(kind driver.Kind) func(context.Context, *Stand) error {
	return func(ctx context.Context, s *Stand) error {
		session, err := s.present(ctx, kind, ok)
		if err != nil {
			return err
		}
		s.takeAway(kind)
		if kind == driver.Contact {
			if err := s.expect(ctx, driver.Removed); err != nil {
				return err
			}
		}
		if _, err := session.Transmit(ctx, nil, command); !errors.Is(err, kernel.ErrRemoved) && !errors.Is(err, kernel.ErrTimeout) {
			return fmt.Errorf("in Transmit: %v", err)
		}
		return nil
	}
}

func pulled(ctx context.Context, s *Stand) error {
	asked, release := make(chan struct{}, 1), make(chan struct{})
	defer close(release)
	session, err := s.present(ctx, driver.Contact, func([]byte) ([]byte, error) {
		asked <- struct{}{}
		<-release
		return []byte{0x90, 0x00}, nil
	})
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		_, err := session.Transmit(ctx, nil, command)
		done <- err
	}()
	<-asked
	s.Remove()
	if err := <-done; !errors.Is(err, kernel.ErrRemoved) {
		return fmt.Errorf("in Transmit: %v", err)
	}
	return nil
}

func awaitRemoval(kind driver.Kind) func(context.Context, *Stand) error {
	return func(ctx context.Context, s *Stand) error {
		session, err := s.present(ctx, kind, ok)
		if err != nil {
			return err
		}
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		if err := session.AwaitRemoval(short); !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("while it lay there: %v", err)
		}
		s.takeAway(kind)
		if err := session.AwaitRemoval(ctx); err != nil {
			return err
		}
		return session.AwaitRemoval(ctx)
	}
}

func closedSession(kind driver.Kind) func(context.Context, *Stand) error {
	return func(ctx context.Context, s *Stand) error {
		session, err := s.present(ctx, kind, ok)
		if err != nil {
			return err
		}
		for range 2 {
			if err := session.Close(); err != nil {
				return err
			}
		}
		if _, err := session.Transmit(ctx, nil, command); !errors.Is(err, driver.ErrClosed) {
			return fmt.Errorf("in Transmit: %v", err)
		}
		if err := session.AwaitRemoval(ctx); !errors.Is(err, driver.ErrClosed) {
			return fmt.Errorf("in AwaitRemoval: %v", err)
		}
		return nil
	}
}

// openField returns a session whose field is off.
func (s *Stand) openField(ctx context.Context) (driver.Session, kernel.Field, error) {
	session, err := s.Reader.Open(ctx, driver.Contactless)
	if err != nil {
		return nil, nil, err
	}
	f, ok := session.(kernel.Field)
	if !ok {
		return nil, nil, errors.New("the session is no kernel.Field")
	}
	return session, f, nil
}

func activationEnds(ctx context.Context, s *Stand) error {
	_, f, err := s.openField(ctx)
	if err != nil {
		return err
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := f.Activate(short); !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("an empty field: %v", err)
	}
	if err := s.Tap(ok); err != nil {
		return err
	}
	if err := f.Activate(ctx); err != nil {
		return fmt.Errorf("the next activation: %w", err)
	}
	return nil
}

func lateTap(ctx context.Context, s *Stand) error {
	session, f, err := s.openField(ctx)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- f.Activate(ctx) }()
	time.Sleep(time.Millisecond) // most often it polls by now; the outcome is the same if not
	if err := s.Tap(ok); err != nil {
		return err
	}
	if err := <-done; err != nil {
		return err
	}
	if status, err := s.Reader.Status(ctx); err != nil || !status.Present.Has(driver.Contactless) {
		return fmt.Errorf("status %+v, %v", status, err)
	}
	return exchange(ctx, session)
}

func exchange(ctx context.Context, session driver.Session) error {
	if got, err := session.Transmit(ctx, nil, command); err != nil || !bytes.Equal(got, []byte{0x90, 0x00}) {
		return fmt.Errorf("%X, %v", got, err)
	}
	return nil
}

func deactivated(ctx context.Context, s *Stand) error {
	session, err := s.present(ctx, driver.Contactless, ok)
	if err != nil {
		return err
	}
	if err := session.(kernel.Field).Deactivate(ctx, 0); err != nil {
		return err
	}
	if _, err := session.Transmit(ctx, nil, command); !errors.Is(err, kernel.ErrRemoved) {
		return fmt.Errorf("in Transmit: %v", err)
	}
	return nil
}

func offAndOn(ctx context.Context, s *Stand) error {
	session, err := s.present(ctx, driver.Contactless, ok)
	if err != nil {
		return err
	}
	f := session.(kernel.Field)
	if err := f.Activate(ctx); err != nil { // it is on: the same card goes on
		return fmt.Errorf("a second activation: %w", err)
	}
	if err := exchange(ctx, session); err != nil {
		return err
	}
	begin := time.Now()
	if err := f.Deactivate(ctx, 30*time.Millisecond); err != nil {
		return err
	}
	if err := f.Activate(ctx); err != nil {
		return err
	}
	if took := time.Since(begin); took < 30*time.Millisecond {
		return fmt.Errorf("the field was off for %v, not for 30ms", took)
	}
	return exchange(ctx, session)
}

func collision(ctx context.Context, s *Stand) error {
	var second cardtest.Answer = ok
	if err := errors.Join(s.Tap(ok), s.Tap(second)); err != nil {
		return err
	}
	session, f, err := s.openField(ctx)
	if err != nil {
		return err
	}
	for range 2 {
		if err := f.Activate(ctx); !errors.Is(err, kernel.ErrCollision) {
			return fmt.Errorf("two cards: %v", err)
		}
	}
	s.Leave()
	if err := s.Tap(ok); err != nil {
		return err
	}
	for {
		err := f.Activate(ctx)
		if errors.Is(err, kernel.ErrCollision) {
			continue
		}
		if err != nil {
			return fmt.Errorf("one card again: %w", err)
		}
		return exchange(ctx, session)
	}
}
