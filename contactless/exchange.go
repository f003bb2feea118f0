package contactless

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// Exchange sends one command. A card that does not answer leads to the outcome that silent makes of it, with the card's
// error for a code; any other error is Exchange's own.
func (a *Activation) Exchange(
	ctx context.Context, stage, ref string, command []byte, silent func(kernel.Reason) kernel.Outcome,
) (apdu.Response, kernel.Outcome, error) {
	r, err := a.Card.Send(ctx, command)
	if err != nil && kernel.IsCardError(err) {
		return r, silent(kernel.Reason{Stage: stage, Code: kernel.CodeOf(err), Ref: ref}), nil
	}
	return r, kernel.Outcome{}, err
}

// TakeRecord stores the objects of a record. What offline data authentication covers of it goes to Static (Book 3, 10.3).
func (a *Activation) TakeRecord(at *apdu.AFL, record []byte) (kernel.Received, error) {
	r, err := a.Data.TakeRecord(a.Env, at.SFI, record)
	if err == nil && at.Signed {
		a.Static.AddRecord(at.SFI, r.Bytes)
	}
	return r, err
}
