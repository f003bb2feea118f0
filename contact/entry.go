package contact

import (
	"context"
	"errors"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// Entry is who completes a transaction of which not everything was known when the card came: the cashier who enters the
// amount, the cardholder who adds a tip or chooses an account (Book 4, 6.3.1 and 11.3).
type Entry interface {
	// Complete returns the transaction with its amounts and its account type. selected is the application; tx is what
	// Transact was given. It is asked once for each application that is tried: before GET PROCESSING OPTIONS where the
	// card's PDOL wants an amount or the account type, otherwise after its records were read (Book 4, 6.3.1).
	//
	// Type, currency and time stay what they were. An error is ctx's, or a bug; ErrCancelled ends the transaction as the
	// cardholder's or the cashier's wish.
	Complete(ctx context.Context, selected Candidate, tx kernel.Transaction) (kernel.Transaction, error)
}

// ErrCancelled is what an Entry answers when the entry was given up.
var ErrCancelled = &kernel.Error{Code: "contact.cancelled", Text: "the entry of amount or account was cancelled"}

// entered are the data objects that an Entry gives.
var entered = [...]tlv.Tag{tagAmount, tagAmountBin, tagOther, tagOtherBin, tagAccount}

// completeBefore has the transaction completed before GET PROCESSING OPTIONS where the PDOL asks for what is entered.
func (t *transaction) completeBefore(ctx context.Context) (kernel.Outcome, error) {
	for _, tag := range entered {
		if tlv.DOLHas(t.data.Get(tagPDOL), tag) {
			return t.completeEntry(ctx)
		}
	}
	return kernel.Outcome{}, nil
}

// completeEntry has the transaction completed, once an application.
func (t *transaction) completeEntry(ctx context.Context) (kernel.Outcome, error) {
	if t.with.Entry == nil || t.entered {
		return kernel.Outcome{}, nil
	}
	t.entered = true
	tx, err := t.with.Entry.Complete(ctx, t.describe(&t.selected), t.tx)
	switch {
	case errors.Is(err, ErrCancelled):
		out := t.terminate(stageEntry, ErrCancelled.Code, "Book 4, 6.3.1")
		out.UI = t.message(MsgNotAccepted, kernel.NoStatus)
		return out, nil
	case err != nil:
		return kernel.Outcome{}, err
	}
	t.tx.Amount, t.tx.Other, t.tx.Account = tx.Amount, tx.Other, tx.Account
	if f := t.tx.Faults(); f != nil {
		return kernel.Outcome{}, &kernel.ConfigError{Faults: f}
	}
	if err := t.loadAmounts(); err != nil {
		return t.failed(stageEntry, err, "Book 4, 6.3.1")
	}
	return kernel.Outcome{}, nil
}

// loadAmounts puts amounts and account type into the data store.
func (t *transaction) loadAmounts() error {
	err := errors.Join(
		t.data.SetNumeric(tagAmount, t.tx.Amount, 6),
		t.data.SetNumeric(tagOther, t.tx.Other, 6),
		t.data.Set(tagAmountBin, binaryAmount(t.tx.Amount)),
		t.data.Set(tagOtherBin, binaryAmount(t.tx.Other)),
	)
	if t.tx.Account != 0 {
		err = errors.Join(err, t.data.Set(tagAccount, []byte{t.tx.Account}))
	}
	return err
}
