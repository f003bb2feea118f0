package reader

import (
	"context"
	"errors"
	"strings"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/text"
)

// maxLabel bounds the name of an application, which is a card's text.
const maxLabel = 40

// chooser is the cardholder at the screen (contact.Chooser).
type chooser struct{ r *Reader }

// Choose has the cardholder choose among what the country's routing leaves; without a screen it is the card's first choice.
func (c chooser) Choose(ctx context.Context, list []contact.Candidate, _ bool) (int, error) {
	s := c.r.now
	names := make([]kernel.AID, len(list))
	for i := range list {
		names[i] = list[i].AID
	}
	var places []int
	var labels []string
	for i, keep := range c.r.config.Profile.Keep(profile.Insert, s.tx.Amount, names) {
		if keep {
			places, labels = append(places, i), append(labels, s.label(&list[i]))
		}
	}
	switch {
	case len(places) == 0:
		return -1, nil
	case len(places) == 1 && !list[places[0]].Confirm, c.r.config.Screen == nil:
		return places[0], nil
	}
	i, err := s.choose(ctx, labels)
	if err != nil || i < 0 {
		return -1, err
	}
	return places[i], nil
}

// Confirm has the cardholder agree to the only application.
func (c chooser) Confirm(ctx context.Context, one contact.Candidate) (bool, error) {
	if c.r.config.Screen == nil {
		return false, nil
	}
	i, err := c.r.now.choose(ctx, []string{c.r.now.label(&one)})
	return i == 0, err
}

// label is what an application is called on the screen (Book 4, 11.3): where the card has no name for it, the profile's.
func (s *sale) label(c *contact.Candidate) string {
	if c.Label == "" && c.Name == c.AID.String() {
		for _, a := range s.r.config.Profile.Applications {
			if strings.HasPrefix(string(c.AID), string(a.AID)) && a.Label != "" {
				return a.Label
			}
		}
	}
	return text.Clean(c.Name, maxLabel)
}

// choose returns the place of a label, -1 where the cardholder gave up.
func (s *sale) choose(ctx context.Context, labels []string) (int, error) {
	s.speak(string(s.slot.Data().Get(0x5F2D)))
	i := -1
	err := s.whileInserted(ctx, func(ctx context.Context) (err error) {
		i, err = s.screen().Choose(ctx, s.order.RequestID, labels)
		return err
	})
	switch {
	case errors.Is(err, payment.ErrCustomerCancelled):
		return -1, nil
	case err != nil:
		return -1, err
	case i < 0 || i >= len(labels):
		return -1, nil
	}
	s.reading()
	return i, nil
}

// pinPad is the PIN pad of a chip transaction (kernel.PINPad).
type pinPad struct{ r *Reader }

// Enter asks for a PIN. One for the issuer is kept, to be enciphered with the online request.
func (p pinPad) Enter(ctx context.Context, q kernel.PINRequest, dst *pin.PIN) (kernel.PINEntry, error) {
	s := p.r.now
	if q.Use == kernel.PINForIssuer {
		dst = &s.pin
	}
	return s.enter(ctx, q, dst)
}

// enter has a PIN entered, and shows how far it is.
func (s *sale) enter(ctx context.Context, q kernel.PINRequest, dst *pin.PIN) (entry kernel.PINEntry, err error) {
	s.speak(q.Language)
	show := PINProgress{Request: s.order.RequestID, TriesLeft: q.TriesLeft, Retry: q.Retry}
	s.screen().PIN(show)
	dst.Wipe()
	err = s.whileInserted(ctx, func(ctx context.Context) (err error) {
		entry, err = s.r.config.PINPad.Enter(ctx, q, dst, func(digits int) {
			show := show
			show.Entered = digits
			s.screen().PIN(show)
		})
		return err
	})
	switch {
	case err != nil:
		dst.Wipe()
		return kernel.PINPadBroken, err
	case entry == kernel.PINEntered && dst.Len() == 0:
		entry = kernel.PINPadBroken
	case entry == kernel.PINBypassed && !s.r.config.Profile.CVM.Bypass: // not offered: the cardholder gives up
		entry = kernel.PINCancelled
	}
	if entry != kernel.PINEntered {
		dst.Wipe()
	}
	s.reading()
	return entry, nil
}

// whileInserted asks the cardholder something as long as the card is in the slot: once it leaves, the error wraps
// kernel.ErrRemoved. Nothing else uses the session meanwhile, and what is started has ended when it returns.
func (s *sale) whileInserted(ctx context.Context, ask func(context.Context) error) error {
	if s.entry == nil || s.entry.Kind != driver.Contact {
		return ask(ctx)
	}
	asking, stop := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if s.entry.Session.AwaitRemoval(asking) == nil {
			stop(kernel.ErrRemoved)
		}
	}()
	err := ask(asking)
	stop(context.Canceled)
	<-watched
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(asking), kernel.ErrRemoved) {
		return kernel.ErrRemoved
	}
	return err
}
