package armed

import (
	"context"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// tapped is the card of a tap that won: the session's, with the other interfaces armed again whenever its field is.
type tapped struct {
	driver.Session
	field  kernel.Field
	config Config
	entry  *Entry
}

// Activate goes on with the card that won while it is active. Once it has left, or the field was switched off, everything
// is armed again; if another interface wins the error is a *Switched. A chip that was put into the slot meanwhile counts:
// it came during this sale.
func (t *tapped) Activate(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if status, err := t.entry.Reader.Status(ctx); err == nil && status.Present.Has(driver.Contactless) {
		return t.field.Activate(ctx)
	}
	e, err := newRace(ctx, t.config).run(t)
	if err == nil && e == t.entry {
		return nil
	}
	_ = t.field.Deactivate(context.WithoutCancel(ctx), 0) // what is wrong is told already
	if err != nil {
		return err
	}
	return &Switched{e}
}

// Deactivate switches the field off.
func (t *tapped) Deactivate(ctx context.Context, hold time.Duration) error {
	return t.field.Deactivate(ctx, hold)
}

// timed is tapped for a session that measures its exchanges.
type timed struct {
	*tapped
	kernel.Timed
}
