package reader

import (
	"context"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cvm"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/armed"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
)

// insert takes the payment by the card's contacts. All is settled, second GENERATE AC and scripts included, before the
// card is asked to be taken out.
func (s *sale) insert(ctx context.Context, e *armed.Entry) step {
	t := s.slot
	defer t.Wipe()
	s.card = payment.Card{Entry: payment.Insert}
	if err := s.cardIn(ctx); err != nil {
		return step{err: err}
	}
	s.reading()
	defer s.remove(ctx, e)
	tx := s.tx
	tx.Online = tx.Online && t != s.r.unsure
	out, err := t.Transact(ctx, e.Card, tx)
	s.describeChip()
	if err != nil {
		return step{err: err}
	}
	done := step{taken: s.taken(out.Kind, out.Why)}
	done.taken.Reversal = t.After().Reversal
	if out.Kind == kernel.ApprovedOffline {
		s.clears(ctx, &done.taken, out.Record, t.Data())
	}
	if s.asked {
		return done
	}
	switch out.Kind {
	case kernel.Fallback:
		s.chip = magstripe.ChipUnreadable
		s.failures++
		done.next, done.notice = s.afterChip()
	case kernel.NotAccepted:
		why, brand := s.notTaken(profile.Insert, out.Why)
		if done.taken.Why = why; brand { // a brand that is not taken is not taken by its stripe either
			break
		}
		s.chip = magstripe.ChipNoCommon
		done.next, done.notice = s.afterChip()
	case kernel.Terminated:
		if code := out.Why.Code; code == "cvm.cancelled" || code == "select.cancelled" {
			done.err = payment.ErrCustomerCancelled
		}
	default:
	}
	return done
}

// describeChip notes what is known of the card.
func (s *sale) describeChip() {
	d := s.slot.Data()
	s.describe(d, s.slot.Selected(), payment.Insert)
	c, offline := cvm.Of(d.Get(0x9F34))
	switch {
	case c != kernel.NotApplicable:
		s.card.CVM = c.String()
	case offline:
		s.card.CVM = "offline-pin"
	}
}

// afterChip is what the rules of fallback say where the chip could not be used: once more, the stripe, or neither. Whether
// the card is a foreign one the stripe will tell, where anybody knows.
func (s *sale) afterChip() (driver.Kind, string) {
	verdict, _ := s.verdict(magstripe.Situation{Foreign: s.r.config.Foreign != nil})
	switch {
	case verdict == magstripe.UseChip:
		return driver.Contact | driver.Stripe, noticeOf(contact.MsgTryAgain)
	case verdict == magstripe.Fallback && s.allowed.Has(driver.Stripe):
		return driver.Stripe, noticeOf(contact.MsgUseStripe)
	}
	return 0, ""
}

// remove has the card taken out of the slot, if it is still there.
func (s *sale) remove(ctx context.Context, e *armed.Entry) {
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), aside)
	defer cancel()
	status, err := e.Reader.Status(look)
	if err != nil || status.Gone || !status.Present.Has(driver.Contact) {
		return
	}
	s.screen().RemoveCard(s.order.RequestID, "")
	if wait := s.r.config.Removal; wait > 0 {
		leaves(ctx, e.Session, wait)
	}
}

// issuer is the way to the host during a chip transaction (contact.Host).
type issuer struct{ r *Reader }

// Authorise asks the host with the data objects of field 55.
func (i issuer) Authorise(ctx context.Context, record kernel.Objects) (kernel.OnlineAnswer, error) {
	s := i.r.now
	d := s.slot.Data()
	s.describeChip()
	return s.ask(ctx, record, numberOf(d), sealChip(record, d))
}
