package jcb

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// updateIssuer is Issuer Update (C-5, 3.11): the issuer's answer for a card that was held in the field, or that came back.
// There is no GET PROCESSING OPTIONS. Whatever ends it early leaves the issuer's decision as it is (see the package comment).
func (t *transaction) updateIssuer(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageUpdate, "C-5, 3.11")
	t.options.Torn.Wipe()
	switch {
	case !t.Answer.HasEMVData(): // C-5, 3.11.1: there is nothing for the card
		return t.endApplication(stageUpdate, "c5.issuer_decided", "C-5, 3.11.1"), nil
	case !t.fciReadable():
		return t.endApplication(stageUpdate, errFCI.Code, "C-5, 3.11.1"), nil
	case !t.Data.Has(tagTVR): // an answer without a first tap
		t.set(tagTVR, []byte{0, 0, 0, 0, 0})
	}
	seconds, out, err := t.runScripts(ctx, 0x71, tvr.ScriptFailedBefore) // C-5, 3.11.2
	if err != nil || out.Made() {
		return out, err
	}
	if len(t.Answer.IssuerAuth) == 0 && !seconds { // C-5, 3.11.3
		return t.endApplication(stageUpdate, "c5.issuer_decided", "C-5, 3.11.3"), nil
	}
	if out, err := t.generateSecond(ctx); err != nil || out.Made() { // C-5, 3.11.4
		return out, err
	}
	if _, out, err := t.runScripts(ctx, 0x72, tvr.ScriptFailedAfter); err != nil || out.Made() { // C-5, 3.11.6
		return out, err
	}
	return t.completeUpdate(), nil
}

// runScripts sends the commands of the templates of one kind. A command that the card refuses, and a template that can't be
// read, end that template only (C-5, 3.11.2). others tells whether there are templates of the second kind, 72.
func (t *transaction) runScripts(ctx context.Context, kind tlv.Tag, failed kernel.Bit) (others bool, out kernel.Outcome, err error) {
	c := tlv.Read(t.Answer.Scripts)
	for c.Next() {
		others = others || c.Tag() == 0x72
		if c.Tag() != kind {
			continue
		}
		code, out, err := t.runScript(ctx, c.Enter())
		if code != "" {
			t.setTVR(failed, stageUpdate, code, "C-5, 3.11.2")
		}
		if err != nil || out.Made() {
			return others, out, err
		}
	}
	return others, kernel.Outcome{}, nil
}

// runScript sends the commands of one template. It returns the code of what went wrong, and an outcome where the card has
// left.
func (t *transaction) runScript(ctx context.Context, script tlv.Cursor) (string, kernel.Outcome, error) {
	for script.Next() {
		if script.Tag() != 0x86 { // Issuer Script Command; 9F18 is for the host
			continue
		}
		r, err := t.Card.Send(ctx, append(t.Card.Buffer(), script.Value()...))
		switch {
		case err != nil && !kernel.IsCardError(err):
			return "", kernel.Outcome{}, err
		case err != nil:
			code := kernel.CodeOf(err)
			return code, t.endApplication(stageUpdate, code, "C-5, 3.11.2"), nil
		case r.SW != apdu.OK && !r.SW.Warning() && r.SW.SW1() != apdu.OK.SW1():
			return "c5.script_" + r.SW.String(), kernel.Outcome{}, nil
		}
	}
	if script.Err() != nil {
		return "c5.script_syntax", kernel.Outcome{}, nil
	}
	return "", kernel.Outcome{}, nil
}

// generateSecond is the second GENERATE AC (C-5, 3.11.4): a TC where the issuer approved, otherwise an AAC, never with a
// signature. The objects of its answer replace those of the first one (C-5, 3.11.5).
func (t *transaction) generateSecond(ctx context.Context) (kernel.Outcome, error) {
	const ref = "C-5, 3.11.4"
	list := t.Data.Get(tagCDOL2)
	if list == nil {
		return t.endApplication(stageUpdate, "c5.missing_8D", ref), nil
	}
	t.set(tagARC, t.Answer.ARC[:])
	if len(t.Answer.IssuerAuth) > 0 {
		t.set(tagIssuerAuth, t.Answer.IssuerAuth)
	}
	t.request = kernel.AAC
	if t.Answer.Approved() {
		t.request = kernel.TC
	}
	var buffer [tlv.MaxDOLData]byte
	data, err := tlv.AppendDOLData(buffer[:0], list, t.Data)
	if err != nil {
		return t.endApplication(stageUpdate, kernel.CodeOf(err), ref), nil
	}
	r, err := t.Card.Send(ctx, apdu.AppendGenerateAC(t.Card.Buffer(), t.request.P1(false), data))
	switch {
	case err != nil && !kernel.IsCardError(err):
		return kernel.Outcome{}, err
	case err != nil:
		return t.endApplication(stageUpdate, kernel.CodeOf(err), ref), nil
	case r.SW != apdu.OK:
		return t.endApplication(stageUpdate, "c5.second_"+r.SW.String(), ref), nil
	}
	if err := t.takeSecond(r.Data); err != nil {
		return t.endApplication(stageUpdate, kernel.CodeOf(err), "C-5, 3.11.5"), nil
	}
	return kernel.Outcome{}, nil
}

// takeSecond stores the answer to the second GENERATE AC, whose three objects must be new (C-5, 3.11.5).
func (t *transaction) takeSecond(answer []byte) error {
	template, value, err := apdu.Single(answer)
	switch {
	case err != nil:
		return err
	case template != 0x77:
		return apdu.ErrTemplate
	}
	for _, tag := range [...]tlv.Tag{tagCID, tagATC, tagCryptogram} {
		if v, ok := tlv.Find(value, tag); !ok || len(v) == 0 {
			return errSecond
		}
	}
	t.Data.Mark()
	_, err = t.receive(value)
	return err
}

var errSecond = &kernel.Error{Code: "c5.second_missing", Text: "an answer to the second GENERATE AC without CID, counter or cryptogram"}

// completeUpdate is C-5, 3.11.7. Of a verification that has happened already, the PIN's is over.
func (t *transaction) completeUpdate() kernel.Outcome {
	const ref = "C-5, 3.11.7"
	t.given = kernel.CryptogramOf(t.Data.Get(tagCID)[0])
	switch {
	case t.given == kernel.TC && t.request == kernel.TC:
		if t.cvm = t.earlierCVM(); t.cvm == kernel.OnlinePIN {
			t.cvm = kernel.NotApplicable
		}
		return t.approved("c5.second_tc", ref)
	case t.given == kernel.AAC:
		out := t.declined(stageUpdate, "c5.second_aac", ref)
		out.Record = t.DataRecord(record[:]) // with the new cryptogram: a reversal may need it
		return out
	}
	return t.endApplication(stageUpdate, "c5.second_cid", ref)
}

// earlierCVM returns the method of the first tap, which the CVM Results name.
func (t *transaction) earlierCVM() kernel.CVM {
	v := t.Data.Get(tagCVMResults)
	for cvm, r := range results {
		if len(v) == len(r) && [3]byte(v) == r {
			return kernel.CVM(cvm)
		}
	}
	return kernel.NotApplicable
}
