package contact

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// The stages, as reasons and events name them.
const (
	stageReset     = "card reset"
	stageSelect    = "application selection"
	stageEntry     = "amount entry"
	stageInitiate  = "initiate application processing"
	stageRead      = "read application data"
	stageODA       = "offline data authentication"
	stageRestrict  = "processing restrictions"
	stageCVM       = "cardholder verification"
	stageRisk      = "terminal risk management"
	stageAction    = "terminal action analysis"
	stageGenerate  = "card action analysis"
	stageOnline    = "online processing"
	stageAuthority = "issuer authentication"
	stageScript    = "issuer script processing"
	stageComplete  = "completion"
)

// The messages of contact terminals that package kernel does not name (Book 4, 11.2).
const (
	MsgCardError   kernel.Message = 0x06
	MsgNotAccepted kernel.Message = 0x0C
	MsgUseStripe   kernel.Message = 0x12
	MsgTryAgain    kernel.Message = 0x13
)

// terminate ends the transaction because of the card: the books' "terminate the transaction" and "terminate the card
// session".
func (t *transaction) terminate(stage, code, ref string) kernel.Outcome {
	return kernel.Outcome{
		Kind: kernel.Terminated, UI: t.message(MsgCardError, kernel.ProcessingError),
		Why: kernel.Reason{Stage: stage, Code: code, Ref: ref},
	}
}

// notAccepted ends the transaction because card and terminal have no application to go on with.
func (t *transaction) notAccepted(stage, code, ref string) kernel.Outcome {
	return kernel.Outcome{
		Kind: kernel.NotAccepted, UI: t.message(MsgNotAccepted, kernel.ProcessingError),
		Why: kernel.Reason{Stage: stage, Code: code, Ref: ref},
	}
}

// message is a message in the language that the card prefers.
func (t *transaction) message(m kernel.Message, s kernel.Status) kernel.UIRequest {
	return kernel.UIRequest{Message: m, Status: s, Language: t.language()}
}

// show shows a message during processing.
func (t *transaction) show(m kernel.Message, s kernel.Status) {
	if t.env.UI != nil {
		t.env.UI.Show(t.message(m, s))
	}
}

// send exchanges one command. A card that gives no answer ends the transaction, whatever the reason: contacts do not come
// back (Book 4, 6.1: a card that is taken out ends it).
func (t *transaction) send(ctx context.Context, stage string, command []byte) (apdu.Response, kernel.Outcome, error) {
	r, err := t.link.Send(ctx, command)
	if err == nil {
		return r, kernel.Outcome{}, nil
	}
	if !kernel.IsCardError(err) {
		return r, kernel.Outcome{}, err
	}
	return r, t.terminate(stage, kernel.CodeOf(err), "Book 4, 6.1"), nil
}

// step announces a step of processing.
func (t *transaction) step(name, ref string) {
	if t.env.Watched() {
		t.env.Emit(kernel.StepEvent{Name: name, Ref: ref})
	}
}

// decide reports a rule that changed the course of the transaction.
func (t *transaction) decide(stage, code, ref string) {
	if t.env.Watched() {
		t.env.Emit(kernel.DecisionEvent{Reason: kernel.Reason{Stage: stage, Code: code, Ref: ref}})
	}
}
