package mastercard

import (
	"github.com/cardwright/emv/kernel"
)

// complete is the valid end of S910: the device that wants a second tap, or the outcome by the card's cryptogram.
func (t *transaction) complete() kernel.Outcome {
	t.Step(stageComplete, "C-2, S910")
	if t.full != nil {
		return t.fail(stageComplete, l2Parsing, kernel.CodeOf(t.full), "C-2, S910")
	}
	if t.secondTap() {
		return t.askSecondTap(stageComplete, "C-2, S910")
	}
	switch t.given() {
	case kernel.TC:
		return t.approved()
	case kernel.ARQC:
		return t.finishWithRecord(kernel.Outcome{
			Kind: kernel.OnlineRequest, UI: kernel.UIRequest{Message: kernel.MsgAuthorising, Status: kernel.NotReady},
			Why: kernel.Reason{Stage: stageComplete, Code: "c2.arqc", Ref: "C-2, S910"},
		})
	default:
		return t.declined()
	}
}

func (t *transaction) approved() kernel.Outcome {
	message := kernel.UIRequest{Message: kernel.MsgApproved, Status: kernel.NotReady, Hold: t.hold()}
	if t.cvm == kernel.ObtainSignature {
		message.Message = kernel.MsgApprovedSign
	}
	if balance, ok := kernel.BCD(t.Data.Get(tagBalanceAfter)); ok && t.Data.Has(tagBalanceAfter) {
		currency, _ := kernel.BCD(t.Data.Get(tagAppCurrency))
		message.Value, message.Amount, message.Currency = kernel.Balance, balance, uint16(currency)
	}
	return t.finishWithRecord(kernel.Outcome{
		Kind: kernel.Approved, UI: message,
		Why: kernel.Reason{Stage: stageComplete, Code: "c2.tc", Ref: "C-2, S910"},
	})
}

// declined is an AAC: another interface where there is one and the card is a card.
func (t *transaction) declined() kernel.Outcome {
	why := kernel.Reason{Stage: stageComplete, Code: "c2.aac", Ref: "C-2, S910"}
	switch {
	case !t.Transaction.Type.IsCash() && !t.Transaction.Type.IsPurchase():
		return t.finishWithRecord(kernel.Outcome{
			Kind: kernel.EndApplication, Why: why,
			UI: kernel.UIRequest{Message: kernel.MsgClearDisplay, Status: kernel.NotReady},
		})
	case t.isDevice() || !kernel.CapContact.In(t.Data.Get(tagTermCap)):
		return t.finishWithRecord(kernel.Outcome{
			Kind: kernel.Declined, Why: why,
			UI: kernel.UIRequest{Message: kernel.MsgNotAuthorised, Status: kernel.NotReady, Hold: t.hold()},
		})
	}
	return t.finishWithRecord(kernel.Outcome{
		Kind: kernel.TryAnotherInterface, Alternate: kernel.ContactChip, Why: why,
		UI: kernel.UIRequest{Message: kernel.MsgInsertCard, Status: kernel.NotReady, Hold: t.hold()},
	})
}

// isDevice reports whether the Third Party Data (9F6E) have a Device Type that is not the one of a card, '00'. The type
// is there where the first bit of the Unique Identifier is 0. Without the object nothing says that it is a device.
func (t *transaction) isDevice() bool {
	v := t.Data.Get(tagThirdParty)
	return len(v) >= 6 && v[2]&0x80 == 0 && string(v[4:6]) != "00"
}
