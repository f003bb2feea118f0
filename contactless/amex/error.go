package amex

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// What a card can do wrong that has no code elsewhere.
var (
	errLongPDOL    = &kernel.Error{Code: "c4.pdol_long", Text: "the PDOL asks for more than a command can hold"}
	errTemplate    = &kernel.Error{Code: "c4.template", Text: "a combined signature was asked for, and the answer has no room for one"}
	errNoSignature = &kernel.Error{Code: "c4.no_signature", Text: "a combined signature was asked for, and the answer has none"}
)

// send exchanges one command. A card that does not answer is asked for once more; the second time the application ends
// (C-4, 3.8.3).
func (t *transaction) send(ctx context.Context, stage string, command []byte) (apdu.Response, kernel.Outcome, error) {
	r, err := t.Card.Send(ctx, command)
	if err == nil {
		return r, kernel.Outcome{}, nil
	}
	if !kernel.IsCardError(err) {
		return r, kernel.Outcome{}, err
	}
	return r, t.again(kernel.Reason{Stage: stage, Code: kernel.CodeOf(err), Ref: "C-4, 3.8.3"}), nil
}

// again is "present card again", which a transaction has once (C-4, 3.8.3).
func (t *transaction) again(why kernel.Reason) kernel.Outcome {
	if t.Restarted {
		return t.error(why)
	}
	return kernel.Outcome{
		Kind: kernel.EndApplication, Start: kernel.StartB, Why: why,
		UIRestart: kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead},
	}
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

// tryAnother is Try Another Interface: the contact chip.
func (t *transaction) tryAnother(why kernel.Reason) kernel.Outcome {
	return kernel.Outcome{
		Kind: kernel.TryAnotherInterface, Alternate: kernel.ContactChip, Why: why,
		UI: kernel.UIRequest{Message: kernel.MsgInsertCard, Status: kernel.ProcessingError},
	}
}

// anotherWay is Try Another Interface for an EMV mode card that has contacts, and otherwise the request for another card
// (C-4, 3.4.1).
func (t *transaction) anotherWay(why kernel.Reason) kernel.Outcome {
	if !t.magstripe && t.contactPossible() {
		return t.tryAnother(why)
	}
	return t.error(why)
}

// contactPossible reports whether the transaction could be made with contacts (C-4, 3.4.1): card and reader both say so, or
// the card says nothing.
func (t *transaction) contactPossible() bool {
	card := t.Data.Get(tagCapabilities)
	return card == nil || cardContact.In(card) && kernel.CapContact.In(t.Data.Get(tagTermCap))
}
