package pay

import (
	"context"
	"slices"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/tlv/dict"
)

// insert takes the payment by the card's contacts. It returns the interface that the terminal asks for instead, "" for
// none.
func (s *sale) insert(ctx context.Context) (profile.Interface, error) {
	t := s.parts.insert
	defer t.Wipe()
	if err := s.emptied(ctx); err != nil {
		return "", err
	}
	if shown := s.report.Display; s.arrived == nil && (len(shown) == 0 || shown[len(shown)-1].Text != textOf(kernel.MsgInsertCard)) {
		s.Show(kernel.UIRequest{Message: kernel.MsgInsertCard})
	}
	card, end, err := s.at(ctx, profile.Insert)
	if err != nil {
		return "", err
	}
	defer end()
	out, err := t.Transact(ctx, card, s.transaction())
	if err != nil {
		s.report.Reversal = t.After().Reversal
		return "", err
	}
	s.take(&out)
	s.recorded(&out, t.Data())
	r := s.report
	r.Reversal, r.Advice = t.After().Reversal, t.After().Advice
	if len(out.Record) > 0 {
		r.Record = masked(out.Record, dict.Common)
	}
	next := profile.Interface("")
	switch out.Kind {
	case kernel.ApprovedOffline, kernel.ApprovedOnline:
		r.Approved = true
		err = s.clear(out.Record)
	case kernel.DeclinedOffline, kernel.DeclinedOnline:
		s.chip = magstripe.ChipDeclined
	case kernel.Fallback:
		s.chip = magstripe.ChipUnreadable
		s.failures++
		next = s.afterChip()
	case kernel.NotAccepted:
		s.refuse(profile.Insert, &out.Why)
		if s.report.Trouble == "" { // a brand that is not taken is not taken by its stripe either
			s.chip = magstripe.ChipNoCommon
			next = s.afterChip()
		}
	case kernel.Terminated:
		s.chip = ended(out.Why.Code)
	default:
	}
	s.fillReceipt(t.Data(), t.Selected(), "chip")
	return next, err
}

// afterChip is what the rules of fallback say when the chip could not be used: once more, the stripe, or neither.
func (s *sale) afterChip() profile.Interface {
	verdict, rule := s.judge(magstripe.Situation{})
	switch verdict {
	case magstripe.UseChip:
		return profile.Insert
	case magstripe.Fallback:
		if !slices.Contains(s.use, profile.Stripe) {
			s.Show(kernel.UIRequest{Message: contact.MsgUseStripe})
		}
		return profile.Stripe
	default:
	}
	s.trouble(&kernel.Error{Code: rule, Text: "the chip can't be used, and the stripe must not be (" + rule + ")"})
	return ""
}

// Show is the display during a chip transaction. Whether a stripe may take the chip's place is not for the kernel to say.
func (d slotDisplay) Show(r kernel.UIRequest) {
	if r.Message != contact.MsgUseStripe {
		d.UI.Show(r)
	}
}

type slotDisplay struct{ kernel.UI }

// ended says what a session that was terminated means for a swipe.
func ended(code string) magstripe.Chip {
	switch code {
	case "select.card_blocked":
		return magstripe.ChipBlocked
	case "cvm.cancelled", "cvm.timeout", "select.cancelled":
		return magstripe.ChipCancelled
	}
	return magstripe.ChipDeclined // the chip works, and what it said is not to be undone by a swipe
}

// Authorise is the way to the issuer (contact.Host).
func (s *sale) Authorise(ctx context.Context, record kernel.Objects) (kernel.OnlineAnswer, error) {
	if err := ctx.Err(); err != nil {
		return kernel.OnlineAnswer{}, err
	}
	answer, err := s.ask(record)
	if err != nil {
		return kernel.OnlineAnswer{}, err
	}
	return *answer, nil
}

// Choose is the cardholder (contact.Chooser): of what the country's routing leaves, the card's first choice.
func (s *sale) Choose(_ context.Context, list []contact.Candidate, _ bool) (int, error) {
	names := make([]kernel.AID, len(list))
	for i := range list {
		names[i] = list[i].AID
	}
	for i, keep := range s.order.Profile.Keep(profile.Insert, s.order.Amount, names) {
		if keep {
			if i > 0 {
				s.event(kernel.DecisionEvent{Reason: kernel.Reason{
					Stage: "application selection", Code: "profile.routing", Ref: "Book 1, 12.4",
				}})
			}
			s.chose(list[i].Name)
			s.picked(i)
			return i, nil
		}
	}
	s.picked(-1)
	return -1, nil
}

// Confirm is the cardholder's consent to the only application.
func (s *sale) Confirm(_ context.Context, c contact.Candidate) (bool, error) {
	s.chose(c.Name)
	s.picked(0)
	return true, nil
}

func (s *sale) chose(name string) {
	if s.Chose != nil {
		s.Chose(name)
	}
}
