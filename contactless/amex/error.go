package amex

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// What a card can do wrong that has no code elsewhere.
var (
	errTemplate    = &kernel.Error{Code: "c4.template", Text: "a combined signature was asked for, and the answer has no room for one"}
	errNoSignature = &kernel.Error{Code: "c4.no_signature", Text: "a combined signature was asked for, and the answer has none"}
)

// send exchanges one command. A card that does not answer is asked for once more; the second time the application ends
// (C-4, 3.8.3).
func (t *transaction) send(ctx context.Context, stage string, command []byte) (apdu.Response, kernel.Outcome, error) {
	return t.Exchange(ctx, stage, "C-4, 3.8.3", command, t.again)
}

// again is "present card again", which a transaction has once (C-4, 3.8.3).
func (t *transaction) again(why kernel.Reason) kernel.Outcome {
	if t.Restarted {
		return contactless.EndApplication(why)
	}
	return kernel.Outcome{
		Kind: kernel.EndApplication, Start: kernel.StartB, Why: why,
		UIRestart: kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead},
	}
}

// anotherWay is Try Another Interface for an EMV mode card that has contacts, and otherwise the request for another card
// (C-4, 3.4.1).
func (t *transaction) anotherWay(why kernel.Reason) kernel.Outcome {
	if !t.magstripe && t.contactPossible() {
		return contactless.InsertCard(why)
	}
	return contactless.EndApplication(why)
}

// contactPossible reports whether the transaction could be made with contacts (C-4, 3.4.1): card and reader both say so, or
// the card says nothing.
func (t *transaction) contactPossible() bool {
	card := t.Data.Get(tagCapabilities)
	return card == nil || cardContact.In(card) && kernel.CapContact.In(t.Data.Get(tagTermCap))
}
