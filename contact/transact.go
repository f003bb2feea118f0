package contact

import (
	"context"
	"errors"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cvm"
	"github.com/cardwright/emv/kernel/restrict"
	"github.com/cardwright/emv/kernel/risk"
)

// Transact runs one transaction from the card's reset to completion. card should implement Slot; one that does not counts
// as powered.
//
// The Outcome is final. Its Record is good until the next transaction or Wipe; After tells what is left to do. An error
// means that ctx ended, that the transaction is wrong, that a party failed, or a bug: After then still says whether the
// issuer had approved.
func (t *Terminal) Transact(ctx context.Context, card kernel.Card, tx kernel.Transaction) (kernel.Outcome, error) {
	if err := t.begin(card, tx); err != nil {
		return kernel.Outcome{}, err
	}
	defer t.link.Close()
	out, err := t.run(ctx)
	if err != nil {
		t.after.Reversal = t.online && t.reply.Approved()
		return kernel.Outcome{}, err
	}
	if t.env.Watched() {
		t.env.Emit(OutcomeEvent{Outcome: out, Data: t.data})
	}
	if out.UI.Present() {
		t.env.Show(out.UI)
	}
	return out, nil
}

// run is a transaction in the order of the book (Book 3, figure 7).
func (t *transaction) run(ctx context.Context) (kernel.Outcome, error) {
	if out, err := t.reset(ctx); err != nil || out.Made() { // Book 1, 8
		return out, err
	}
	for again := true; again; {
		var out kernel.Outcome
		var err error
		if out, err = t.selectApplication(ctx); err != nil || out.Made() { // Book 1, 12
			return out, err
		}
		if out, err = t.completeBefore(ctx); err != nil || out.Made() { // Book 4, 6.3.1
			return out, err
		}
		if again, out, err = t.initiate(ctx); err != nil || out.Made() { // Book 3, 10.1
			return out, err
		}
	}
	if out, err := t.readData(ctx); err != nil || out.Made() { // Book 3, 10.2
		return out, err
	}
	if out, err := t.completeEntry(ctx); err != nil || out.Made() { // Book 4, 6.3.1
		return out, err
	}
	if out, err := t.authenticate(ctx); err != nil || out.Made() { // Book 3, 10.3
		return out, err
	}
	if err := restrict.Perform(&t.env, t.data); err != nil { // Book 3, 10.4
		return t.failed(stageRestrict, err, "Book 3, 10.4")
	}
	if out, err := t.verifyCardholder(ctx); err != nil || out.Made() { // Book 3, 10.5
		return out, err
	}
	if err := risk.Perform(ctx, t.riskInput()); err != nil { // Book 3, 10.6
		return t.failed(stageRisk, err, "Book 3, 10.6")
	}
	return t.cardAction(ctx) // Book 3, 10.7 to 10.11
}

// verifyCardholder is Cardholder Verification (Book 3, 10.5).
func (t *transaction) verifyCardholder(ctx context.Context) (kernel.Outcome, error) {
	var err error
	t.verified, err = cvm.Perform(ctx, cvm.Input{
		Env: &t.env, Card: &t.link, Data: t.data, PINPad: t.with.PINPad, Static: &t.static, Cert: &t.cert,
	})
	if err != nil {
		return t.failed(stageCVM, err, "Book 3, 10.5")
	}
	if t.verified.End != cvm.NotEnded {
		out := t.terminate(stageCVM, t.verified.Why.Code, t.verified.Why.Ref)
		if t.verified.End != cvm.Malformed { // the cardholder's wish, not the card's fault
			out.UI = t.message(MsgNotAccepted, kernel.NoStatus)
		}
		return out, nil
	}
	return kernel.Outcome{}, nil
}

func (t *transaction) riskInput() risk.Input {
	return risk.Input{
		Env: &t.env, Card: &t.link, Data: t.data, Log: t.riskLog(), Selection: t.application().Selection,
		ForcedOnline: t.tx.Online,
	}
}

// isFull reports whether a card has sent more than a transaction has room for.
func isFull(err error) bool { return errors.Is(err, kernel.ErrDataFull) }
