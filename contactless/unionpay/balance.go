package unionpay

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// readBalance asks an older purse for its Electronic Cash Balance (9F79; C-7, 3.3.4): those send no Available Offline Amount.
// By then the card has done its part. That it does not answer, or gives something else, changes nothing but what is shown.
func (t *transaction) readBalance(ctx context.Context) error {
	const ref = "C-7, 3.3.4"
	if !t.options.ReadBalance || t.cryptogram != kernel.TC || t.Data.Has(tagAvailable) {
		return nil
	}
	r, err := t.Card.Send(ctx, apdu.AppendGetData(t.Card.Buffer(), uint16(tagECBalance)))
	switch {
	case err != nil && !kernel.IsCardError(err):
		return err
	case err != nil:
		t.Note(stageRead, kernel.CodeOf(err), ref)
	case r.SW != apdu.OK:
		t.Note(stageRead, "c7.balance_refused", ref)
	default:
		if tag, value, err := apdu.Single(r.Data); err == nil && tag == tagECBalance && len(value) == amountLength {
			t.set(tagECBalance, value)
			break
		}
		t.Note(stageRead, "c7.balance", ref)
	}
	return nil
}

const amountLength = 6

// balance returns what the card says that it may still spend offline (C-7, 3.8.5), with its tag; nil where it says nothing.
func (t *transaction) balance() (tlv.Tag, []byte) {
	if v := t.Data.Get(tagAvailable); v != nil {
		return tagAvailable, v
	}
	return tagECBalance, t.Data.Get(tagECBalance)
}
