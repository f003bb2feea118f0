package pay

import (
	"context"
	"time"

	"github.com/cardwright/emv/testvectors/card"
)

// reader is a field in which the simulated card lies from the first moment on, and to which it comes back whenever it is
// wanted again: kernel.Card and kernel.Field.
type reader struct {
	card *card.Card
	taps int
	tap  func(n int) // called for each presentation, from 1
}

// Activate presents the card.
func (r *reader) Activate(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.taps++
	r.card.Reset()
	r.tap(r.taps)
	return nil
}

// Deactivate takes the card out of the field. No time passes.
func (r *reader) Deactivate(context.Context, time.Duration) error { return nil }

// Transmit hands a command to the card.
func (r *reader) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	return r.card.Transmit(ctx, dst, command)
}
