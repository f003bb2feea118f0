package pay

import (
	"context"

	"github.com/cardwright/emv/cmd/emv/internal/devices"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/testvectors/capture"
)

// KindOf returns the interface as drivers call it.
func KindOf(on profile.Interface) driver.Kind {
	switch on {
	case profile.Insert:
		return driver.Contact
	case profile.Stripe:
		return driver.Stripe
	default:
		return driver.Contactless
	}
}

// interfaceOf is the way back.
func interfaceOf(kind driver.Kind) profile.Interface {
	switch kind {
	case driver.Contact:
		return profile.Insert
	case driver.Stripe:
		return profile.Stripe
	default:
		return profile.Tap
	}
}

// at returns the card at a slot or in a field, taken down where the order asks for it. It is a kernel.Field at a tap and a
// contact.Slot at an insertion. end is called when the terminal is done with it.
func (s *sale) at(ctx context.Context, on profile.Interface) (card kernel.Card, end func(), err error) {
	card, end = s.reader, func() {}
	switch {
	case s.order.Real():
		if card, end, err = s.real(ctx, on); err != nil {
			return nil, nil, err
		}
		card = s.telling(card, on)
	case on == profile.Insert:
		card = slot{s.reader}
	}
	if s.log = s.logs[on]; s.log != nil {
		card = s.log.Card(card)
	}
	return card, end, nil
}

// real returns the card of the real reader: the one that came already, or the next one.
func (s *sale) real(ctx context.Context, on profile.Interface) (kernel.Card, func(), error) {
	if e := s.arrived; e != nil {
		s.arrived = nil
		return e.Card, func() { _ = e.Close() }, nil
	}
	session, err := devices.OpenSession(ctx, s.order.readerOf(on), KindOf(on))
	if err != nil {
		return nil, nil, err
	}
	return session, func() { _ = session.Close() }, nil
}

// emptied waits until a card that could not be read has left the slot: a card counts as put in again only if it was out.
func (s *sale) emptied(ctx context.Context) error {
	r := s.order.readerOf(profile.Insert)
	if r == nil || s.arrived != nil || s.counts[profile.Insert] == 0 {
		return nil
	}
	for told := false; ; told = true {
		status, err := r.Status(ctx)
		if err != nil || !status.Present.Has(driver.Contact) {
			return err
		}
		if !told {
			s.Show(kernel.UIRequest{Message: kernel.MsgRemoveCard})
		}
		if _, err := r.Wait(ctx); err != nil {
			return err
		}
	}
}

// telling tells of a real card when it is presented.
func (s *sale) telling(card kernel.Card, on profile.Interface) kernel.Card {
	if field, ok := card.(kernel.Field); ok && on == profile.Tap {
		timed, _ := card.(kernel.Timed)
		seen := &seenField{card, field, func() { s.present(on) }}
		if timed == nil {
			return seen
		}
		return struct {
			*seenField
			kernel.Timed
		}{seen, timed}
	}
	s.present(on)
	return card
}

// seenField is a field that tells of each card that comes.
type seenField struct {
	kernel.Card
	kernel.Field
	came func()
}

// Activate waits for a card.
func (f *seenField) Activate(ctx context.Context) error {
	err := f.Field.Activate(ctx)
	if err == nil {
		f.came()
	}
	return err
}

// record begins to take down what happens at an interface, and returns the environment for its terminal.
func (s *sale) record(on profile.Interface, run string) (kernel.Env, *capture.Recorder) {
	if !s.order.Capture {
		return s.env, nil
	}
	r := capture.New(run)
	if s.order.CAPKs != nil {
		r.CAPKSet(s.order.CAPKs)
	} else {
		r.CAPKs("test")
	}
	if s.logs == nil {
		s.logs = map[profile.Interface]*capture.Recorder{}
	}
	s.logs[on] = r
	return r.Env(s.env), r
}

// recorded takes down the end of what was begun by at.
func (s *sale) recorded(out *kernel.Outcome, data *kernel.Data) {
	if s.log != nil {
		s.log.Ended(out, data)
		s.report.Captures = append(s.report.Captures, s.log.Next())
		s.log = nil
	}
}

// picked takes down what the cardholder chose.
func (s *sale) picked(i int) {
	if s.log != nil {
		s.log.Chose(i)
	}
}
