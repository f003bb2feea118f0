//go:build pcsc

package pcsc

import (
	"context"
	"errors"

	"github.com/ebfe/scard"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// slotSession adds contact.Slot.
type slotSession struct{ *session }

// insert connects the card in the slot. One that did not answer its reset is a session all the same: it may answer the next.
func (s *session) insert(ctx context.Context) error {
	now, _ := s.reader.watch.current()
	c, err := call(ctx, s, s.reader.options.answer(), s.connect, nil)
	switch {
	case err != nil:
		return err
	case errors.Is(c.err, scard.ErrUnresponsiveCard), errors.Is(c.err, scard.ErrUnpoweredCard):
		s.mu.Lock()
		s.count = now.count
		s.mu.Unlock()
		return nil
	case c.err != nil:
		return openError(c.err)
	}
	s.keep(c, now.count)
	return nil
}

// Reset resets the card (contact.Slot).
func (s *slotSession) Reset(ctx context.Context, warm bool) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	mute := !s.there
	count := s.count
	s.mu.Unlock()
	if err := s.state(); err != nil && (!mute || !errors.Is(err, kernel.ErrRemoved)) {
		return nil, err
	}
	if now, _ := s.reader.watch.current(); !now.present || now.count != count {
		return nil, kernel.ErrRemoved
	}
	how := scard.UnpowerCard
	if warm {
		how = scard.ResetCard
	}
	c, err := call(ctx, s.session, s.reader.options.answer(), func() connected { return s.reconnect(how) }, nil)
	if err == nil && c.err != nil {
		err = s.fault(ctx, c.err)
	}
	if err != nil {
		s.lose()
		return nil, err
	}
	s.keep(c, count)
	return s.Answer(), nil
}

// openError is what a refusal to connect means to who opens a session.
func openError(err error) error {
	switch {
	case errors.Is(err, scard.ErrSharingViolation):
		return driver.ErrBusy
	case errors.Is(err, scard.ErrNoSmartcard), errors.Is(err, scard.ErrRemovedCard):
		return kernel.ErrRemoved
	case isGone(err):
		return driver.ErrGone
	}
	return serviceError(err)
}
