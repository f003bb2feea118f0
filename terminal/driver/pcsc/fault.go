//go:build pcsc

package pcsc

import (
	"context"
	"errors"
	"fmt"

	"github.com/ebfe/scard"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// fault says what a failed exchange or reset means. Where the service does not know yet, the watch is given time to see that
// the card or the reader has gone.
func (s *session) fault(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, scard.ErrRemovedCard), errors.Is(err, scard.ErrNoSmartcard):
		return s.orGone(kernel.ErrRemoved)
	case errors.Is(err, scard.ErrResetCard):
		return kernel.ErrRemoved // somebody reset it: our card is gone, whatever lies there
	case errors.Is(err, scard.ErrTimeout), errors.Is(err, scard.ErrUnresponsiveCard):
		return s.settled(ctx, kernel.ErrTimeout)
	case errors.Is(err, scard.ErrNotTransacted), errors.Is(err, scard.ErrCommError), errors.Is(err, scard.ErrCommDataLost),
		errors.Is(err, scard.ErrUnpoweredCard), errors.Is(err, scard.ErrInternalError), errors.Is(err, scard.ErrUnknownError):
		return s.settled(ctx, kernel.ErrTransmission)
	case errors.Is(err, scard.ErrProtoMismatch), errors.Is(err, scard.ErrInsufficientBuffer),
		errors.Is(err, scard.ErrUnsupportedCard), errors.Is(err, scard.ErrInvalidParameter), errors.Is(err, scard.ErrInvalidValue):
		return fmt.Errorf("%w: %w", kernel.ErrProtocol, err)
	case errors.Is(err, scard.ErrSharingViolation):
		return driver.ErrBusy
	case isGone(err):
		return driver.ErrGone
	}
	return fmt.Errorf("%w: %w", driver.ErrDevice, err)
}

// isGone reports whether an error says that reader or service are not there.
func isGone(err error) bool {
	for _, e := range []scard.Error{
		scard.ErrNoService, scard.ErrServiceStopped, scard.ErrReaderUnavailable, scard.ErrUnknownReader,
		scard.ErrNoReadersAvailable, scard.ErrInvalidHandle, scard.ErrShutdown, scard.ErrSystemCancelled,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// settled waits until the watch knows better than otherwise, or has had its time.
func (s *session) settled(ctx context.Context, otherwise error) error {
	s.mu.Lock()
	count := s.count
	s.mu.Unlock()
	s.reader.watch.await(ctx, settle, func(now state) bool {
		return now.gone || now.epoch != s.epoch || !now.present || now.count != count
	})
	if err := s.state(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return otherwise
}

// orGone returns err, or ErrGone where the card went with its reader.
func (s *session) orGone(err error) error {
	if now, _ := s.reader.watch.current(); now.gone || now.epoch != s.epoch {
		return driver.ErrGone
	}
	return err
}
