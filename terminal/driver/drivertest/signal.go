package drivertest

import (
	"context"
	"errors"
	"fmt"

	"github.com/cardwright/emv/terminal/driver"
)

func hasLights(s *Stand) bool { _, ok := s.Reader.(driver.Lights); return ok }
func hasBeeper(s *Stand) bool { _, ok := s.Reader.(driver.Beeper); return ok }

// lights switches each light on and off, beside a card or not.
func lights(ctx context.Context, s *Stand) error {
	return signals(ctx, s, func(ctx context.Context) error {
		for _, lit := range []uint8{1, 2, 4, 8, 15, 0} {
			if err := s.Reader.(driver.Lights).SetLights(ctx, lit); err != nil {
				return err
			}
		}
		return nil
	})
}

func tones(ctx context.Context, s *Stand) error {
	return signals(ctx, s, func(ctx context.Context) error {
		for _, t := range []driver.Tone{driver.Success, driver.Alert} {
			if err := s.Reader.(driver.Beeper).Beep(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// signals is what both have in common: they work, a context ends them, and a closed reader says so.
func signals(ctx context.Context, s *Stand, signal func(context.Context) error) error {
	if err := signal(ctx); err != nil {
		return err
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if err := signal(over); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("with a context that has ended: %v", err)
	}
	if err := s.Reader.Close(); err != nil {
		return err
	}
	if err := signal(ctx); !errors.Is(err, driver.ErrClosed) {
		return fmt.Errorf("of a closed reader: %v", err)
	}
	return nil
}
