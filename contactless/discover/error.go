package discover

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// What a card can do wrong that has no code elsewhere.
var (
	errFCI         = &kernel.Error{Code: "c6.fci", Text: "the FCI lacks the DF name, the label or the proprietary template"}
	errNoPDOL      = &kernel.Error{Code: "c6.pdol", Text: "the PDOL lacks an object that it must ask for, or asks for it in another length"}
	errNoMode      = &kernel.Error{Code: "c6.no_mode", Text: "card and reader have no mode in common"}
	errNoSignature = &kernel.Error{Code: "c6.no_signature", Text: "a TC or a loyalty transaction without signature or records"}
	errInClear     = &kernel.Error{Code: "c6.cryptogram_in_clear", Text: "a cryptogram beside the signature that should hold it"}
	errSignature   = &kernel.Error{Code: "c6.signature_unasked", Text: "a signature with a cryptogram that has none"}
	errBalance     = &kernel.Error{Code: "c6.balance", Text: "an offline balance of another length"}
	errUsage       = &kernel.Error{Code: "c6.usage", Text: "usage control or issuer country of another length"}
	errTrack2      = &kernel.Error{Code: "c6.track2", Text: "track 2 can't be read"}
	errPAN         = &kernel.Error{Code: "c6.pan_differs", Text: "the PAN is another than track 2's"}
	errExpiry      = &kernel.Error{Code: "c6.expiry_differs", Text: "the date of expiry is another than track 2's"}
	errReserved    = &kernel.Error{Code: "c6.cid_rfu", Text: "a cryptogram of a type that is reserved"}
	errTrackRoom   = &kernel.Error{Code: "c6.track_room", Text: "a track without room for the dynamic values"}
	errDCVV        = &kernel.Error{Code: "c6.dcvv", Text: "a dynamic card verification value that is no three digits"}
)

// send exchanges one command. A card that does not answer leads to Try Again (C-6, 3.2.2). No public text has the rule of
// this book: it is that of Kernel 3.
func (t *transaction) send(ctx context.Context, stage string, command []byte) (apdu.Response, kernel.Outcome, error) {
	return t.Exchange(ctx, stage, "C-6, 3.2.2", command, contactless.TryAgain)
}

// selectNext leaves the application to the next candidate: what goes wrong up to the answer to GET PROCESSING OPTIONS lets
// an older application of the card have its turn.
func (t *transaction) selectNext(stage string, err error, ref string) kernel.Outcome {
	return contactless.SelectNext(kernel.Reason{Stage: stage, Code: kernel.CodeOf(err), Ref: ref})
}

// hasOther reports whether the reader has another way to take the card (TTQ byte 1 b8 and b5).
func (t *transaction) hasOther() bool {
	return t.TTQ(contactless.TTQMagstripe) || t.TTQ(contactless.TTQContactChip)
}

// tryAnother asks for another interface.
func (t *transaction) tryAnother(why kernel.Reason) kernel.Outcome {
	out := kernel.Outcome{
		Kind: kernel.TryAnotherInterface, Why: why,
		UI: kernel.UIRequest{Message: kernel.MsgInsertOrSwipe, Status: kernel.ProcessingError},
	}
	if t.TTQ(contactless.TTQContactChip) {
		out.Alternate = kernel.ContactChip
	}
	return out
}

// tryAnotherOrEnd asks for another interface where the reader has one, and ends the application otherwise.
func (t *transaction) tryAnotherOrEnd(stage, code, ref string) kernel.Outcome {
	why := kernel.Reason{Stage: stage, Code: code, Ref: ref}
	if t.hasOther() {
		return t.tryAnother(why)
	}
	return contactless.EndApplication(why)
}
