package interac

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// What a card can do wrong that has no code elsewhere.
var (
	errLongDOL     = &kernel.Error{Code: "interac.dol_long", Text: "a DOL asks for more than a command can hold"}
	errNoSignature = &kernel.Error{Code: "interac.no_signature", Text: "a signature was asked for and the card gave none"}
)

// send exchanges one command.
func (t *transaction) send(ctx context.Context, stage string, command []byte) (apdu.Response, kernel.Outcome, error) {
	r, err := t.Card.Send(ctx, command)
	out, err := t.silent(stage, err)
	return r, out, err
}

// silent is what a card that does not answer leads to: Try Again, and after the last retry the end (Interac, A8).
func (t *transaction) silent(stage string, err error) (kernel.Outcome, error) {
	if err == nil || !kernel.IsCardError(err) {
		return kernel.Outcome{}, err
	}
	why := kernel.Reason{Stage: stage, Code: kernel.CodeOf(err), Ref: "Interac, A8"}
	if t.Restarts >= t.options.retries() {
		why.Code = "interac.retries"
		return t.error(why), nil
	}
	return kernel.Outcome{
		Kind: kernel.TryAgain, Start: kernel.StartB, Why: why,
		UIRestart: kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead},
	}, nil
}

// error is End Application because of what the card said or did not say.
func (t *transaction) error(why kernel.Reason) kernel.Outcome {
	return kernel.Outcome{
		Kind: kernel.EndApplication, Why: why,
		UI: kernel.UIRequest{Message: kernel.MsgTryAnotherCard, Status: kernel.ProcessingError},
	}
}

// end is error with the code of err.
func (t *transaction) end(stage string, err error, ref string) kernel.Outcome {
	return t.error(kernel.Reason{Stage: stage, Code: kernel.CodeOf(err), Ref: ref})
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
