package pay

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/armed"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/profile"
)

// CodeEnciphered is the error of a reader that enciphers what it reads of a stripe.
const CodeEnciphered = "swipe.enciphered"

// first returns the interface that the payment begins with. At real readers it is the one by which a card comes: all that
// may be used are armed at once. A card that lies in the slot already is not sent out: whoever runs this put it there.
func (s *sale) first(ctx context.Context) (profile.Interface, error) {
	if !s.order.Real() || len(s.use) == 1 {
		return s.use[0], nil
	}
	if r := s.order.readerOf(profile.Insert); r != nil && slices.Contains(s.use, profile.Insert) {
		status, err := r.Status(ctx)
		if err != nil {
			return "", err
		}
		if status.Present.Has(driver.Contact) {
			return profile.Insert, nil
		}
	}
	config := armed.Config{Readers: s.order.From, Judge: s.judgeSwiped, Notify: s.notice}
	for _, on := range s.use {
		config.Kinds |= KindOf(on)
	}
	e, err := armed.Await(ctx, config)
	if err != nil {
		return "", err
	}
	return s.came(e), nil
}

// came keeps the card that won until its interface takes it.
func (s *sale) came(e *armed.Entry) profile.Interface {
	s.leave()
	s.arrived = e
	return interfaceOf(e.Kind)
}

// leave lets go of a card that nobody took.
func (s *sale) leave() {
	if s.arrived != nil {
		_ = s.arrived.Close()
		s.arrived = nil
	}
}

// switched returns the interface of a card that came while a tap was to be tried again, and false for any other error.
func (s *sale) switched(err error) (profile.Interface, bool) {
	var other *armed.Switched
	if !errors.As(err, &other) {
		return "", false
	}
	if s.log != nil { // a tap without an end is no recording
		s.log.Next()
		s.log = nil
	}
	return s.came(other.To), true
}

// judgeSwiped says whether a stripe that came while everything is armed ends that (armed.Config.Judge). One that is
// enciphered does: that the reader is of no use here is for swiped to say.
func (s *sale) judgeSwiped(swipe *driver.Swipe) (magstripe.Verdict, string) {
	if swipe.Envelope != nil {
		return magstripe.Accept, CodeEnciphered
	}
	return s.judgeTracks(&swipe.Tracks)
}

// notice tells the customer what happens while everything is armed.
func (s *sale) notice(n armed.Notice) {
	switch n.About {
	case armed.SwipeAgain:
		s.unread(n.Why)
		return
	case armed.InsertInstead, armed.SwipeRefused:
		s.remark("the stripe can't be used (" + n.Why + ")")
	case armed.ReaderLost:
		s.remark(n.Reader + " can't be used: " + n.Err.Error())
	case armed.ReaderBack:
		s.remark(n.Reader + " is there again")
	default:
	}
	if ui := n.UI(); ui.Present() {
		s.Show(ui)
	}
}

// remark says something in words that does not end the payment.
func (s *sale) remark(text string) {
	if s.Trouble != nil {
		s.Trouble(text)
	}
}

// unread asks for another swipe.
func (s *sale) unread(code string) {
	s.remark("the stripe could not be read (" + code + ")")
	s.Show(kernel.UIRequest{Message: contact.MsgTryAgain})
}

// swiped returns the stripe that came already, or the next one that can be read. The error is ctx's, the reader's, or
// CodeEnciphered.
func (s *sale) swiped(ctx context.Context) (magstripe.Swipe, error) {
	var swipe driver.Swipe
	if s.arrived != nil {
		swipe = s.arrived.Swipe
		s.leave()
	} else {
		var err error
		if swipe, err = s.nextSwipe(ctx); err != nil {
			return magstripe.Swipe{}, err
		}
	}
	if swipe.Envelope != nil {
		return magstripe.Swipe{}, &kernel.Error{Code: CodeEnciphered, Text: fmt.Sprintf(
			"the reader enciphers what it reads (%v), which is for a host that has its key; set the reader to clear tracks", swipe.Envelope)}
	}
	return swipe.Tracks, nil
}

// nextSwipe waits for a stripe that can be read, or an envelope.
func (s *sale) nextSwipe(ctx context.Context) (driver.Swipe, error) {
	for {
		e, err := s.order.readerOf(profile.Stripe).Wait(ctx)
		if err != nil {
			return driver.Swipe{}, err
		}
		switch {
		case e.What == driver.Gone:
			s.remark(driver.ErrGone.Error())
		case e.What == driver.Swiped && e.Swipe.Err != nil:
			s.unread(kernel.CodeOf(e.Swipe.Err))
			s.Show(kernel.UIRequest{Message: contact.MsgUseStripe})
		case e.What == driver.Swiped:
			return e.Swipe, nil
		}
	}
}
