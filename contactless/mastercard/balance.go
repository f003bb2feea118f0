package mastercard

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// readsBalance reports whether the terminal wants a balance, by an object that may be empty, and the card gives it.
func (t *transaction) readsBalance(tag tlv.Tag) bool {
	return t.Data.From(tag) != 0 && capabilityBalance.In(t.Data.Get(tagCapabilities))
}

// readBalanceBefore is Pre-Gen AC Balance Reading (C-2, 7.1) and state S16.
func (t *transaction) readBalanceBefore(ctx context.Context) (kernel.Outcome, error) {
	if !t.readsBalance(tagBalanceBefore) {
		return kernel.Outcome{}, nil
	}
	t.Step(stageBalance, "C-2, S16")
	r, out, err := t.send(ctx, stageBalance, "C-2, S16", appendGetBalance(t.Card.Buffer()))
	if err == nil && !out.Made() {
		t.takeBalance(tagBalanceBefore, r)
	}
	return out, err
}

// readBalanceAfter is Post-Gen AC Balance Reading (C-2, 7.3) and state S17. A card that does not answer any more does
// not change what was decided.
func (t *transaction) readBalanceAfter(ctx context.Context) error {
	if !t.readsBalance(tagBalanceAfter) {
		return nil
	}
	t.Step(stageBalance, "C-2, S17")
	r, err := t.Card.Send(ctx, appendGetBalance(t.Card.Buffer()))
	switch {
	case err == nil:
		t.takeBalance(tagBalanceAfter, r)
	case !kernel.IsCardError(err) && !stopped(ctx, err): // the card has answered: STOP comes too late
		return err
	}
	return nil
}

// appendGetBalance appends GET DATA for the Offline Accumulator Balance.
func appendGetBalance(dst []byte) []byte {
	return append(dst, 0x80, apdu.InsGetData, byte(tagBalance>>8), byte(tagBalance&0xFF), 0x00)
}

// takeBalance keeps the balance of an answer that is 9F50 with six bytes of digits, and passes every other over.
func (t *transaction) takeBalance(tag tlv.Tag, r apdu.Response) {
	got, v, err := apdu.Single(r.Data)
	if _, ok := kernel.BCD(v); r.SW == apdu.OK && err == nil && got == tagBalance && len(v) == 6 && ok {
		t.set(tag, v)
	}
}
