package unionpay

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// What a card can do wrong that has no code elsewhere.
var (
	errNoPDOL     = &kernel.Error{Code: "c7.pdol", Text: "no PDOL, or one that does not ask for the TTQ"}
	errTrack2     = &kernel.Error{Code: "c7.track2", Text: "track 2 can't be read"}
	errNoPAN      = &kernel.Error{Code: "c7.no_pan", Text: "neither a card number nor track 2"}
	errPAN        = &kernel.Error{Code: "c7.pan_differs", Text: "the card number is none, or another than track 2's"}
	errPSN        = &kernel.Error{Code: "c7.psn_differs", Text: "two PAN sequence numbers that differ"}
	errNoDDA      = &kernel.Error{Code: "c7.no_dda", Text: "a card without dynamic data authentication"}
	errVersion    = &kernel.Error{Code: "c7.fdda_version", Text: "9F69 is missing, or of a version that is not accepted"}
	errCTQChanged = &kernel.Error{Code: "c7.ctq_changed", Text: "the CTQ is not the one that the card signed"}
	errSM         = &kernel.Error{Code: "c7.sm_certificate", Text: "a certificate of the algorithms SM2 and SM3, which this kernel does not have"}
)

// send exchanges one command. A card that does not answer leads to Try Again (C-7, 3.2.2).
func (t *transaction) send(ctx context.Context, stage string, command []byte) (apdu.Response, kernel.Outcome, error) {
	return t.Exchange(ctx, stage, "C-7, 3.2.2", command, contactless.TryAgain)
}

// tryContact asks for the contact chip.
func (t *transaction) tryContact(stage, code, ref string) kernel.Outcome {
	return contactless.InsertCard(t.Note(stage, code, ref))
}

// hasContact reports whether the reader takes contact chips.
func (t *transaction) hasContact() bool { return t.TTQ(contactless.TTQContactChip) }
