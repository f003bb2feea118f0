package reader

import (
	"context"
	"errors"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/armed"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
)

// maxRestarts is how often the terminal follows an outcome that asks for another tap.
const maxRestarts = 4

// tap takes the payment by a card in the field. As long as the kernel polls again without an answer of the host, the other
// interfaces are armed beside it; with one, nothing but this card is waited for, and not for long.
func (s *sale) tap(ctx context.Context, e *armed.Entry) step {
	t := s.field
	defer t.Wipe()
	s.card = payment.Card{Entry: payment.Tap}
	if err := s.cardIn(ctx); err != nil {
		return step{err: err}
	}
	s.reading()
	out, err := t.Transact(ctx, e.Card, s.tx)
	var given *kernel.OnlineAnswer // the host's
	for range maxRestarts {
		if err != nil {
			break
		}
		if given == nil {
			s.describeTap(&out)
			if s.goesOnline(&out) {
				answer, did := s.askTap(ctx, e, &out)
				if answer == nil {
					return did
				}
				given = answer
			}
		}
		if !contactless.NeedsRestart(&out, given) {
			return s.tapped(ctx, &out, given)
		}
		card, again, cancel := e.Card, ctx, func() {}
		if given != nil {
			card = e.Session
			again, cancel = context.WithTimeout(ctx, s.r.config.SecondTap)
		}
		out, err = t.Restart(again, card, given)
		cancel()
	}
	switch {
	case err != nil && given != nil: // the card did not come back for the answer, which stands (Book A, 8.1.1.9)
		return step{taken: s.decided(given, "Book A, 8.1.1.9")}
	case err != nil:
		return step{err: err}
	}
	return s.tapped(ctx, &out, given)
}

// describeTap notes what is known of the card.
func (s *sale) describeTap(out *kernel.Outcome) {
	name, _ := s.field.Selected()
	s.describe(s.field.Data(), name, payment.Tap)
	if out.CVM != kernel.NotApplicable {
		s.card.CVM = out.CVM.String()
	}
}

// goesOnline reports whether the host is asked now: after an Online Request, and after a refund for which the card's number
// is all that is wanted of it, so that it was asked for an AAC (C-5, 3.13.3).
func (s *sale) goesOnline(out *kernel.Outcome) bool {
	return out.Kind == kernel.OnlineRequest || s.refundRead(out)
}

func (s *sale) refundRead(out *kernel.Outcome) bool {
	return s.tx.Type == kernel.Refund && out.Kind == kernel.Declined && out.UI.Message == kernel.MsgCardReadOK
}

// askTap verifies the cardholder by an online PIN, where the outcome asks for one, and asks the host. Without an answer
// the step is what the payment comes to.
func (s *sale) askTap(ctx context.Context, e *armed.Entry, out *kernel.Outcome) (*kernel.OnlineAnswer, step) {
	if out.Start == kernel.NoStart { // the card has said all that it has to say
		_ = e.Close()
	}
	if out.CVM == kernel.OnlinePIN {
		if ended := s.onlinePIN(ctx, s.language); ended != nil {
			return nil, *ended
		}
	}
	d := s.field.Data()
	chip := out.Record
	if out.Kind != kernel.OnlineRequest {
		chip = nil // an AAC proves nothing to the host
	}
	answer, err := s.ask(ctx, chip, numberOf(d), sealChip(out.Record, d))
	if err != nil {
		return nil, step{err: err}
	}
	return &answer, step{}
}

// tapped is what the last outcome of a tap comes to. Once the host has answered, only a kernel that has spoken with the
// card again can still decide otherwise (C-3, 5.8; C-5, 3.11).
func (s *sale) tapped(ctx context.Context, out *kernel.Outcome, given *kernel.OnlineAnswer) step {
	switch {
	case given != nil && out.Kind == kernel.Declined && !s.refundRead(out), given != nil && out.Kind == kernel.Approved:
		return step{taken: s.taken(out.Kind, out.Why)}
	case given != nil && s.wantsChip(given):
		s.chip = magstripe.ChipTapDeclined
		taken := s.decided(given, "ISO 8583, field 39")
		taken.Why.Code = CodeChip
		return step{taken: taken, next: driver.Contact, notice: "use-chip"}
	case given != nil:
		return step{taken: s.decided(given, "Book A, 8.1.1.9")}
	}
	done := step{taken: s.taken(out.Kind, out.Why)}
	switch out.Kind {
	case kernel.TryAnotherInterface:
		s.chip = magstripe.ChipTapDeclined
		done.next, done.notice = driver.Contact|driver.Stripe, "use-chip"
		if out.Alternate == kernel.MagneticStripe || !s.allowed.Has(driver.Contact) {
			done.notice = noticeOf(kernel.MsgInsertOrSwipe)
		}
	case kernel.Approved:
		s.clears(ctx, &done.taken, out.Record, s.field.Data())
	case kernel.EndApplication: // another card, or this one by another interface, may do better (Book A, 6.1.1)
		done.taken.Why, _ = s.notTaken(profile.Tap, out.Why)
		done.next, done.notice = s.allowed, noticeOf(s.said)
		done.err = s.awaitLeft(ctx, done.notice)
	default:
	}
	return done
}

// lookAgain is how long the field looks for the card that was just given up.
const lookAgain = 300 * time.Millisecond

// awaitLeft waits until the card that was given up has left the field, so that it is not read again (Book A, 8.1.1.12).
func (s *sale) awaitLeft(ctx context.Context, notice string) error {
	field, ok := s.entry.Session.(kernel.Field)
	if !ok {
		return nil
	}
	look, cancel := context.WithTimeout(ctx, lookAgain)
	defer cancel()
	if field.Activate(look) != nil {
		return ctx.Err()
	}
	s.prompt(0, notice)
	if err := s.entry.Session.AwaitRemoval(ctx); ctx.Err() != nil {
		return err
	}
	return nil
}

// wantsChip reports whether the host declined for want of the chip, and there is a slot: 65 is what Mastercard's issuers
// answer where a tap needs a strong authentication, 1A Visa's.
func (s *sale) wantsChip(answer *kernel.OnlineAnswer) bool {
	arc := string(answer.ARC[:])
	return !answer.Unable && (arc == "65" || arc == "1A") && s.allowed.Has(driver.Contact)
}

// onlinePIN asks for a PIN for the host, outside of a contact kernel. It returns nil once there is one.
func (s *sale) onlinePIN(ctx context.Context, language string) *step {
	entry := kernel.PINPadBroken
	if s.r.config.PINPad != nil {
		var err error
		entry, err = s.enter(ctx, kernel.PINRequest{
			Use: kernel.PINForIssuer, TriesLeft: -1, Amount: s.tx.Amount, Currency: s.tx.Currency, Language: language,
		}, &s.pin)
		if err != nil {
			return &step{err: err}
		}
	}
	code := CodePINPad
	switch entry {
	case kernel.PINEntered:
		return nil
	case kernel.PINCancelled, kernel.PINBypassed: // a PIN that must be can't be left out
		return &step{err: payment.ErrCustomerCancelled}
	case kernel.PINTimeout:
		code = CodePINTime
	default:
	}
	return &step{taken: s.taken(kernel.Terminated, kernel.Reason{Stage: "online PIN", Code: code, Ref: "Book A, 6.1.1"})}
}

// leaves waits for the card to leave the slot, for so long.
func leaves(ctx context.Context, session driver.Session, within time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := session.AwaitRemoval(ctx); errors.Is(err, context.DeadlineExceeded) {
		return // the next payment asks for it
	}
}
