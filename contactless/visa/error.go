package visa

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// What a card can do wrong that has no code elsewhere.
var (
	errNoPDOL      = &kernel.Error{Code: "c3.pdol", Text: "no PDOL, or one that does not ask for the TTQ"}
	errNoSignature = &kernel.Error{Code: "c3.no_signature", Text: "the card gave neither 9F4B nor 93"}
	errCARD        = &kernel.Error{Code: "c3.card_data", Text: "9F69 is missing, not of version 01, or not in the last record"}
	errCTQChanged  = &kernel.Error{Code: "c3.ctq_changed", Text: "the CTQ is not the one that the card signed"}
)

// send exchanges one command. A card that does not answer leads to Try Again (C-3, 5.2.2.1).
func (t *transaction) send(ctx context.Context, stage string, command []byte) (apdu.Response, kernel.Outcome, error) {
	return t.Exchange(ctx, stage, "C-3, 5.2.2.1", command, contactless.TryAgain)
}
