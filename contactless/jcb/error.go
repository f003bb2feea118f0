package jcb

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// What a card can do wrong that has no code elsewhere.
var (
	errFCI       = &kernel.Error{Code: "c5.fci", Text: "the answer to SELECT is no FCI template"}
	errNoMode    = &kernel.Error{Code: "c5.no_mode", Text: "card and reader have no mode in common"}
	errLength    = &kernel.Error{Code: "c5.length", Text: "a data object of a length that it can't have"}
	errDate      = &kernel.Error{Code: "c5.date", Text: "a date that is none"}
	errTrack2    = &kernel.Error{Code: "c5.track2", Text: "track 2 can't be read"}
	errPAN       = &kernel.Error{Code: "c5.pan_differs", Text: "the PAN is another than track 2's"}
	errLimit     = &kernel.Error{Code: "c5.limit", Text: "the amount reaches the transaction limit"}
	errOtherCard = &kernel.Error{Code: "c5.other_card", Text: "not the card that left its transaction"}
)

// send exchanges one command. A card that does not answer is asked for again (C-5, 3.13.5).
func (t *transaction) send(ctx context.Context, stage string, command []byte) (apdu.Response, kernel.Outcome, error) {
	return t.Exchange(ctx, stage, "C-5, 3.13.5", command, t.communicationError)
}

// communicationError is End Application with restart (C-5, 3.13.5): message and status of the book, and a new tap.
func (t *transaction) communicationError(why kernel.Reason) kernel.Outcome {
	return kernel.Outcome{
		Kind: kernel.EndApplication, Start: kernel.StartB,
		UI:        kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ProcessingError, Hold: t.options.hold()},
		UIRestart: kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead},
		Why:       t.Note(why.Stage, why.Code, why.Ref),
	}
}

// seePhone is End Application with restart for a device that wants its owner (C-5, 3.13.6).
func (t *transaction) seePhone(stage, ref string) kernel.Outcome {
	return kernel.Outcome{
		Kind: kernel.EndApplication, Start: kernel.StartB, FieldOff: t.options.hold(),
		UI:        kernel.UIRequest{Message: kernel.MsgSeePhone, Status: kernel.ProcessingError, Hold: t.options.hold()},
		UIRestart: kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead},
		Why:       t.Note(stage, "c5.see_phone", ref),
	}
}

// endApplication shows nothing: the terminal knows more than the kernel (C-5, 3.13.4).
func (t *transaction) endApplication(stage, code, ref string) kernel.Outcome {
	return kernel.Outcome{Kind: kernel.EndApplication, Why: t.Note(stage, code, ref)}
}

// next leaves the application to the next candidate: what goes wrong before the card has given a cryptogram lets another
// application have its turn. A card that is to give what it owes has no other: it ends (C-5, 3.14.4).
func (t *transaction) next(stage, code, ref string) kernel.Outcome {
	if t.recovering {
		t.options.Torn.Wipe()
		return t.endApplication(stage, code, "C-5, 3.14.4")
	}
	return contactless.SelectNext(t.Note(stage, code, ref))
}

// nextFor is next with the code of err.
func (t *transaction) nextFor(stage string, err error, ref string) kernel.Outcome {
	return t.next(stage, kernel.CodeOf(err), ref)
}

// receive stores the objects of an answer. None may come twice, nor with a length that it can't have (C-5, 3.3.6 and 3.4.1).
func (t *transaction) receive(message []byte) (kernel.Received, error) {
	r, err := t.Data.TakeObjects(t.Env, message)
	if err == nil && r.Length != 0 {
		err = errLength
	}
	return r, err
}
