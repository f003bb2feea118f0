package pay

import (
	"context"
	"time"

	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/testvectors/card"
)

// reader is where the simulated card is presented: kernel.Card for both interfaces, kernel.Field and kernel.Timed for taps.
type reader struct {
	card    *card.Card
	present func(on profile.Interface)
}

// Activate presents the card to the field, in which it lies from the first moment on.
func (r *reader) Activate(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.present(profile.Tap)
	r.card.Reset()
	return nil
}

// Deactivate takes the card out of the field. No time passes.
func (r *reader) Deactivate(context.Context, time.Duration) error { return nil }

// Transmit hands a command to the card.
func (r *reader) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	return r.card.Transmit(ctx, dst, command)
}

// ExchangeTime returns how long the card took, on its own clock.
func (r *reader) ExchangeTime() time.Duration { return r.card.ExchangeTime() }

// slot is the reader's slot for the card's contacts: contact.Slot.
type slot struct{ *reader }

// Reset powers the card.
func (s slot) Reset(ctx context.Context, warm bool) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !warm {
		s.present(profile.Insert)
	}
	return s.card.Power(warm)
}

// suits returns the interface that a card is made for: the tap where it has a directory for it, otherwise contacts.
func suits(config card.Config) (profile.Interface, error) {
	config.Faults = nil
	c, err := card.New(config)
	if err != nil {
		return "", err
	}
	answer, err := c.Transmit(context.Background(), nil, []byte("\x00\xA4\x04\x00\x0E2PAY.SYS.DDF01\x00"))
	if err == nil && len(answer) > 2 {
		return profile.Tap, nil
	}
	return profile.Insert, nil
}
