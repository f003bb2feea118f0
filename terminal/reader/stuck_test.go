package reader_test

import (
	"context"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
)

// stuck is a reader that, once the host was asked, answers nothing but its card: what is asked of it besides takes until
// whoever asks gives up.
type stuck struct {
	driver.Reader
	desk *desk
}

func (s *stuck) waits(ctx context.Context, err error) error {
	if len(s.desk.sealed) == 0 {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

func (s *stuck) SetLights(ctx context.Context, lit uint8) error {
	return s.waits(ctx, s.Reader.(driver.Lights).SetLights(ctx, lit))
}

func (s *stuck) Beep(ctx context.Context, t driver.Tone) error {
	return s.waits(ctx, s.Reader.(driver.Beeper).Beep(ctx, t))
}

func (s *stuck) Status(ctx context.Context) (driver.Status, error) {
	status, err := s.Reader.Status(ctx)
	return status, s.waits(ctx, err)
}

// TestStuckReader: lights, tones and the look for a card that was left keep no outcome from the till.
func TestStuckReader(t *testing.T) {
	for _, entry := range []payment.Entry{payment.Insert, payment.Tap} {
		t.Run(entry.String(), func(t *testing.T) {
			open(t, "US", func(s *shop) {
				s.config.Readers = []driver.Reader{&stuck{s.hands, s.desk}}
			}, func(s *shop) {
				if entry == payment.Insert {
					s.insert(s.card("visa-contact"))
				} else {
					s.tap(s.card("visa-credit"))
				}
				s.wants(kernel.ApprovedOnline, entry, "visa")
				s.asked(1)
			})
		})
	}
}
