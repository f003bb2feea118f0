package contactless

import (
	"context"
	"errors"

	"github.com/cardwright/emv/kernel"
)

// poll is Start B, protocol activation (Book B, 3.2.1): message, field on, one card.
func (t *Terminal) poll(ctx context.Context) (kernel.Start, error) {
	t.candidates, t.listed = t.candidates[:0], false // 3.2.1.1; the card that comes now may be another one
	ui := kernel.UIRequest{Message: kernel.MsgPresentCard, Status: kernel.ReadyToRead}
	if t.restartUI.Present() { // 3.2.1.2; kept, since a communication error comes back here with the same Restart flag
		ui = t.restartUI
	}
	t.env.Show(ui)

	field, ok := t.link.Card().(kernel.Field)
	if !ok {
		return kernel.StartC, nil
	}
	collided := false
	for {
		err := field.Activate(ctx) // 3.2.1.3
		switch {
		case err == nil:
			if collided { // 3.2.1.5
				t.env.Show(kernel.UIRequest{Message: kernel.MsgPresentOneCard, Status: kernel.ReadyToRead})
			}
			return kernel.StartC, nil
		case errors.Is(err, kernel.ErrCollision): // 3.2.1.4
			if !collided {
				t.showCollision()
			}
			collided = true
			if err := ctx.Err(); err != nil {
				return kernel.NoStart, err
			}
		default:
			return kernel.NoStart, err
		}
	}
}

func (t *Terminal) showCollision() {
	t.env.Show(kernel.UIRequest{Message: kernel.MsgPresentOneCard, Status: kernel.ProcessingError})
}

// again goes back to Start B after a communication error in selection (Book B, 3.3.3.7): the field is reset, no outcome
// is made. Any other error ends the transaction.
func (t *Terminal) again(ctx context.Context, err error) (kernel.Start, kernel.Outcome, error) {
	if !kernel.IsCardError(err) {
		return kernel.NoStart, kernel.Outcome{}, err
	}
	if errors.Is(err, kernel.ErrCollision) {
		t.showCollision()
	}
	t.restarts++
	t.entered = kernel.StartB
	if field, ok := t.link.Card().(kernel.Field); ok {
		if err := field.Deactivate(ctx, 0); err != nil {
			return kernel.NoStart, kernel.Outcome{}, err
		}
	}
	return kernel.StartB, kernel.Outcome{}, nil
}
