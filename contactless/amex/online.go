package amex

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// The templates of issuer scripts (Book 3, 10.10): before the second GENERATE AC, and after it.
const (
	tagScriptBefore tlv.Tag = 0x71
	tagScriptAfter  tlv.Tag = 0x72
	tagScriptData   tlv.Tag = 0x86
)

// finishOnline is full online (C-4, 3.10): the card is still in the field and hears what the issuer said, with scripts
// around the second GENERATE AC. A card that declines then has the last word; one that has left, or refuses, changes
// nothing in what the issuer decided.
func (t *transaction) finishOnline(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageOnline, "C-4, 3.10")
	t.cvm = kernel.NotApplicable // the outcome before has named it
	asked := kernel.AAC
	if t.Answer.Approved() {
		asked = kernel.TC
	}
	t.set(tagARC, t.Answer.ARC[:])
	if len(t.Answer.IssuerAuth) > 0 {
		t.set(tagIssuerAuth, t.Answer.IssuerAuth)
	}
	given := asked
	err := t.runScripts(ctx, tagScriptBefore)
	if err == nil {
		given, err = t.generateSecond(ctx, asked)
	}
	if err == nil {
		err = t.runScripts(ctx, tagScriptAfter)
	}
	switch {
	case err != nil && !kernel.IsCardError(err):
		return kernel.Outcome{}, err
	case err != nil:
		t.Note(stageOnline, kernel.CodeOf(err), "C-4, 3.10.2")
	}
	t.given = given
	t.Show(kernel.UIRequest{Message: kernel.MsgCardReadOK, Status: kernel.CardReadSuccessfully})
	switch {
	case asked != kernel.TC:
		return t.refused(kernel.Reason{Stage: stageOnline, Code: "c4.issuer_declined", Ref: "C-4, 3.10.3"}), nil
	case given != kernel.TC:
		return t.refused(kernel.Reason{Stage: stageOnline, Code: "c4.second_aac", Ref: "C-4, 3.10.3"}), nil
	}
	return t.approved("c4.issuer_approved"), nil
}

// generateSecond is the second GENERATE AC (C-4, 3.10.2). It returns what the card gave, which is what was asked for where
// the card gave no cryptogram at all.
func (t *transaction) generateSecond(ctx context.Context, asked kernel.Cryptogram) (kernel.Cryptogram, error) {
	var buffer [tlv.MaxDOLData]byte
	data, err := tlv.AppendDOLData(buffer[:0], t.Data.Get(tagCDOL2), t.Data)
	if err != nil {
		t.Note(stageOnline, kernel.CodeOf(err), "C-4, 3.10.2")
		return asked, nil
	}
	r, err := t.Card.Send(ctx, apdu.AppendGenerateAC(t.Card.Buffer(), asked.P1(false), data))
	if err != nil {
		return asked, err
	}
	if r.SW != apdu.OK {
		t.Note(stageOnline, "c4.generate_"+r.SW.String(), "C-4, 3.10.2")
		return asked, nil
	}
	t.Data.Mark()
	if _, err := t.takeCryptogram(r.Data); err != nil {
		t.Note(stageOnline, kernel.CodeOf(err), "C-4, 3.10.2")
		return asked, nil
	}
	return t.cid(), nil
}

// runScripts sends the commands of the issuer's templates of one kind, each up to the first that the card refuses (C-4,
// 3.10.1; Book 3, 10.10).
func (t *transaction) runScripts(ctx context.Context, kind tlv.Tag) error {
	for c := tlv.Read(t.Answer.Scripts); c.Next(); {
		if c.Tag() != kind {
			continue
		}
		if err := t.runScript(ctx, c.Enter()); err != nil {
			return err
		}
	}
	return nil
}

func (t *transaction) runScript(ctx context.Context, script tlv.Cursor) error {
	for script.Next() {
		if script.Tag() != tagScriptData {
			continue
		}
		r, err := t.Card.Send(ctx, append(t.Card.Buffer(), script.Value()...))
		if err != nil {
			return err
		}
		if r.SW != apdu.OK && !r.SW.Warning() {
			t.Note(stageOnline, "c4.script_"+r.SW.String(), "C-4, 3.10.1")
			return nil
		}
	}
	return nil
}
