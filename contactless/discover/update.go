package discover

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// updateIssuer is issuer update processing (C-6, 3.9): the card came back for the issuer's scripts. There is no GET
// PROCESSING OPTIONS and no EXTERNAL AUTHENTICATE: the scripts' own authentication codes tell the card who sent them. TVR
// and TSI are those of the first tap, with what happened now, and go to the host.
//
// Nothing that goes wrong here changes what the issuer decided. Public code ends the application, since the payment is over
// before; the issuer's verdict is given once more instead, as in Kernel 3, so that no terminal takes an approved payment
// for one that failed.
func (t *transaction) updateIssuer(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageUpdate, "C-6, 3.9")
	if !t.Data.Has(tagTVR) || !t.Data.Has(tagTSI) { // an answer without a first tap
		if t.clearResults(); t.full != nil {
			return contactless.EndFor(stageUpdate, t.full, "C-6, 3.9"), nil
		}
	}
	if err := t.runScripts(ctx); err != nil {
		if !kernel.IsCardError(err) {
			return kernel.Outcome{}, err
		}
		t.setTVR(tvr.ScriptFailedBefore, stageUpdate, kernel.CodeOf(err), "C-6, 3.9.3")
	}
	out := kernel.Outcome{
		Kind: kernel.Declined, UI: t.message(kernel.MsgNotAuthorised),
		Why: kernel.Reason{Stage: stageUpdate, Code: "c6.issuer_declined", Ref: "C-6, 3.9.4"},
	}
	if t.Answer.Approved() {
		out.Kind, out.UI = kernel.Approved, t.message(kernel.MsgApproved)
		out.Why.Code = "c6.issuer_approved"
	}
	t.Out.Discretionary = t.Data.AppendObjects(t.Out.Discretionary[:0], []tlv.Tag{tagTVR, tagTSI})
	out.Discretionary = t.Out.Discretionary
	return out, nil
}

// runScripts sends the commands of the issuer's script templates 71 and 72 in their order, up to the first that the card
// refuses (C-6, 3.9.1).
func (t *transaction) runScripts(ctx context.Context) error {
	c := tlv.Read(t.Answer.Scripts)
	for c.Next() {
		if c.Tag() != 0x71 && c.Tag() != 0x72 {
			continue
		}
		t.setTSI(tvr.ScriptPerformed)
		t.setTSI(tvr.IssuerAuthenticationPerformed)
		if ok, err := t.runScript(ctx, c.Enter()); err != nil || !ok {
			return err
		}
	}
	if c.Err() != nil {
		t.Note(stageUpdate, "c6.script_syntax", "C-6, 3.9.2")
	}
	return nil
}

// runScript sends one template's commands. It reports false where scripts end: a template that can't be read, a command
// that was refused. One refused for want of security has shown that the issuer is not the issuer (C-6, 3.9.3).
func (t *transaction) runScript(ctx context.Context, script tlv.Cursor) (bool, error) {
	for script.Next() {
		if script.Tag() != 0x86 { // Issuer Script Command; 9F18 is for the host
			continue
		}
		r, err := t.Card.Send(ctx, append(t.Card.Buffer(), script.Value()...))
		switch {
		case err != nil:
			return false, err
		case r.SW == apdu.OK:
			continue
		case r.SW == securityNotSatisfied:
			t.setTVR(tvr.IssuerAuthenticationFailed, stageUpdate, "c6.script_6982", "C-6, 3.9.3")
		}
		t.setTVR(tvr.ScriptFailedBefore, stageUpdate, "c6.script_"+r.SW.String(), "C-6, 3.9.3")
		return false, nil
	}
	if script.Err() != nil {
		t.Note(stageUpdate, "c6.script_syntax", "C-6, 3.9.2")
		return false, nil
	}
	return true, nil
}

// securityNotSatisfied is the card's answer to a script whose authentication code is wrong.
const securityNotSatisfied apdu.SW = 0x6982
