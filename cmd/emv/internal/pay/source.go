package pay

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/testvectors/capture"
)

// Source begins a session with the card at an interface of a real reader, whose card takes the place of the simulated one.
// It is a kernel.Field at a tap and a contact.Slot at an insertion. end is called when the terminal is done with it.
type Source func(ctx context.Context, on profile.Interface) (card kernel.Card, end func(), err error)

// at returns the card at an interface, taken down where the order asks for it.
func (s *sale) at(ctx context.Context, on profile.Interface) (kernel.Card, func(), error) {
	var card kernel.Card = s.reader
	end := func() {}
	if on == profile.Insert {
		card = slot{s.reader}
	}
	if s.order.Source != nil {
		real, done, err := s.order.Source(ctx, on)
		if err != nil {
			return nil, nil, err
		}
		card, end = s.telling(real, on), done
	}
	if s.log = s.logs[on]; s.log != nil {
		card = s.log.Card(card)
	}
	return card, end, nil
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
	r.CAPKs("test")
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
		s.report.Captures = append(s.report.Captures, s.log)
		s.log = nil
	}
}

// picked takes down what the cardholder chose.
func (s *sale) picked(i int) {
	if s.log != nil {
		s.log.Chose(i)
	}
}
