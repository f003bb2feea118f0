package visa

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// What a card can do wrong that has no code elsewhere.
var (
	errNoPDOL      = &kernel.Error{Code: "c3.pdol", Text: "no PDOL, or one that does not ask for the TTQ"}
	errLongPDOL    = &kernel.Error{Code: "c3.pdol_long", Text: "the PDOL asks for more than a command can hold"}
	errNoSignature = &kernel.Error{Code: "c3.no_signature", Text: "the card gave neither 9F4B nor 93"}
	errCARD        = &kernel.Error{Code: "c3.card_data", Text: "9F69 is missing, not of version 01, or not in the last record"}
	errCTQChanged  = &kernel.Error{Code: "c3.ctq_changed", Text: "the CTQ is not the one that the card signed"}
)

// send exchanges one command. A card that does not answer leads to Try Again (C-3, 5.2.2.1).
func (t *transaction) send(ctx context.Context, stage string, command []byte) (apdu.Response, kernel.Outcome, error) {
	r, err := t.Card.Send(ctx, command)
	if err == nil {
		return r, kernel.Outcome{}, nil
	}
	if !kernel.IsCardError(err) {
		return r, kernel.Outcome{}, err
	}
	return r, kernel.Outcome{
		Kind: kernel.TryAgain, Start: kernel.StartB,
		UIRestart: kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead},
		Why:       kernel.Reason{Stage: stage, Code: kernel.CodeOf(err), Ref: "C-3, 5.2.2.1"},
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
