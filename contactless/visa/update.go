package visa

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// updateIssuer is issuer update processing (C-3, 5.9): the card came back for the issuer's answer. There is no GET
// PROCESSING OPTIONS. Nothing that goes wrong here changes what the issuer decided.
func (t *transaction) updateIssuer(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageUpdate, "C-3, 5.9.2")
	ok, err := t.authenticateIssuer(ctx)
	if err == nil && ok {
		err = t.runScripts(ctx)
	}
	if err != nil && !kernel.IsCardError(err) {
		return kernel.Outcome{}, err
	}
	if err != nil {
		t.Note(stageUpdate, kernel.CodeOf(err), "C-3, 5.9.2")
	}
	out := kernel.Outcome{
		Kind: kernel.Declined, UI: t.message(kernel.MsgNotAuthorised),
		Why: kernel.Reason{Stage: stageUpdate, Code: "c3.issuer_declined", Ref: "C-3, 5.9.2"},
	}
	if t.Answer.Approved() {
		out.Kind, out.UI = kernel.Approved, t.message(kernel.MsgApproved)
		out.Why.Code = "c3.issuer_approved"
	}
	out.Record = t.dataRecord()
	return t.finish(out), nil
}

// authenticateIssuer gives the card Issuer Authentication Data (91), if any came. It reports whether scripts may follow.
func (t *transaction) authenticateIssuer(ctx context.Context) (bool, error) {
	if len(t.Answer.IssuerAuth) == 0 {
		return true, nil
	}
	r, err := t.Card.Send(ctx, apdu.AppendExternalAuthenticate(t.Card.Buffer(), t.Answer.IssuerAuth))
	if err == nil && r.SW != apdu.OK {
		t.Note(stageUpdate, "c3.issuer_authentication_"+r.SW.String(), "C-3, 5.9.2")
	}
	return err == nil && r.SW == apdu.OK, err
}

// runScripts sends the commands of the issuer's script templates 71 and 72 (Book 3, 10.10) and keeps a result for each
// template in Issuer Script Results (9F5B): result and number of the command, then the Script Identifier.
func (t *transaction) runScripts(ctx context.Context) error {
	var results []byte
	var err error
	c := tlv.Read(t.Answer.Scripts)
	for err == nil && c.Next() {
		if c.Tag() != 0x71 && c.Tag() != 0x72 {
			continue
		}
		var result [5]byte
		result, err = t.runScript(ctx, c.Enter())
		results = append(results, result[:]...)
	}
	if len(results) > 0 {
		if full := t.Data.Set(tagScriptResult, results); full != nil {
			return full
		}
	}
	return err
}

// The result of a script, the left half of the first byte (Book 4, Annex A5).
const (
	scriptNotPerformed = 0x00
	scriptFailed       = 0x10
	scriptSucceeded    = 0x20
)

// runScript sends one template's commands, up to the first that the card refuses (Book 3, 10.10).
func (t *transaction) runScript(ctx context.Context, script tlv.Cursor) ([5]byte, error) {
	result := [5]byte{scriptSucceeded}
	number := byte(0)
	for script.Next() {
		switch script.Tag() {
		case 0x9F18: // Issuer Script Identifier
			copy(result[1:], script.Value())
		case 0x86: // Issuer Script Command
			number = min(number+1, 0x0F)
			r, err := t.Card.Send(ctx, append(t.Card.Buffer(), script.Value()...))
			if err != nil || r.SW != apdu.OK && !r.SW.Warning() {
				result[0] = scriptFailed | number
				return result, err
			}
		}
	}
	if script.Err() != nil { // a template that can't be read: nothing of the rest is performed
		result[0] = scriptNotPerformed | number
	}
	return result, nil
}
