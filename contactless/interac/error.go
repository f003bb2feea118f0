package interac

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// What a card can do wrong that has no code elsewhere.
var (
	errNoSignature = &kernel.Error{Code: "interac.no_signature", Text: "a signature was asked for and the card gave none"}
)

// send exchanges one command.
func (t *transaction) send(ctx context.Context, stage string, command []byte) (apdu.Response, kernel.Outcome, error) {
	return t.Exchange(ctx, stage, "Interac, A8", command, t.silent)
}

// silent is what a card that does not answer leads to: Try Again, and after the last retry the end (Interac, A8).
func (t *transaction) silent(why kernel.Reason) kernel.Outcome {
	if t.Restarts >= t.options.retries() {
		why.Code = "interac.retries"
		return contactless.EndApplication(why)
	}
	return contactless.TryAgain(why)
}

// otherInterface sends the customer to the contact chip, wherever Terminal Transaction Information says that it is: in this
// terminal, at another one, where an attendant helps, or nowhere, which declines (Interac, A21). Never to the magnetic
// stripe: Interac's chip cards don't fall back.
func (t *transaction) otherInterface(why kernel.Reason) kernel.Outcome {
	out := kernel.Outcome{
		Kind: kernel.TryAnotherInterface, Why: why,
		UI: kernel.UIRequest{Message: kernel.MsgInsertCard, Status: kernel.ProcessingError},
	}
	switch {
	case t.tti(ttiContactHere):
		out.Alternate = kernel.ContactChip
	case t.tti(ttiContactElsewhere):
		t.Note(why.Stage, "interac.see_attendant", "Interac, A21")
	default:
		t.Note(why.Stage, "interac.contact_required", "Interac, A21")
		out.Kind = kernel.Declined
		out.UI.Message = kernel.MsgNotAuthorised
	}
	return out
}
