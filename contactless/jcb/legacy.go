package jcb

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// completeLegacy is the completion of Legacy mode (C-5, 3.10): an ARQC without a signature, always for the issuer. There is
// no issuer update and no recovery.
func (t *transaction) completeLegacy(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageLegacy, "C-5, 3.10")
	if out := t.buildCDOL1(stageLegacy); out.Made() {
		return out, nil
	}
	command := apdu.AppendGenerateAC(t.Card.Buffer(), kernel.ARQC.P1(false), t.cdolData) // C-5, 3.10.1
	r, out, err := t.send(ctx, stageLegacy, command)
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return t.next(stageLegacy, "c5.generate_"+r.SW.String(), "C-5, 3.10.1"), nil
	}
	if why := t.takeLegacyAnswer(r.Data); why != nil {
		return t.declined(stageLegacy, kernel.CodeOf(why), "C-5, 3.10.2"), nil
	}
	if t.given = kernel.CryptogramOf(t.Data.Get(tagCID)[0]); t.given != kernel.ARQC {
		return t.declined(stageLegacy, "c5.cid", "C-5, 3.10.2"), nil
	}
	t.showCardRead()
	if !t.verifyByList() {
		return t.declined(stageLegacy, "c5.no_common_cvm", "C-5, 3.10.3"), nil
	}
	return t.onlineRequest("c5.legacy", "C-5, 3.13.2"), nil
}

// takeLegacyAnswer stores an answer in format 1, which is the only one (C-5, 3.10.2).
func (t *transaction) takeLegacyAnswer(answer []byte) error {
	template, value, err := apdu.Single(answer)
	switch {
	case err != nil:
		return err
	case template != 0x80:
		return apdu.ErrTemplate
	}
	t.Data.Mark() // the cryptogram's objects are those of this answer, whatever a record said
	return t.Data.TakeCryptogram(value)
}

// The codes of CVM rules that Legacy mode knows (Book 3, Annex C3), without the bit that lets the next rule follow.
const (
	ruleMask          byte = 0x3F
	ruleOnlinePIN     byte = 0x02
	ruleEncipheredPIN byte = 0x04
	ruleSignature     byte = 0x1E
	ruleNoCVM         byte = 0x1F
	conditionAlways   byte = 0x00
	cvmListAmounts         = 8
)

// verifyByList is the walk along the CVM List (C-5, 3.10.3): conditions and amounts are not evaluated. It reports false
// where no method is left.
func (t *transaction) verifyByList() bool {
	if !t.tip(tipCVMRequired) {
		t.verifiedBy(kernel.NoCVM)
		return true
	}
	list := t.Data.Get(tagCVMList)
	if len(list) <= cvmListAmounts {
		return t.verifyByOwnChoice()
	}
	for rules := list[cvmListAmounts:]; len(rules) >= 2; rules = rules[2:] {
		switch code := rules[0] & ruleMask; {
		case code == ruleNoCVM && rules[1] == conditionAlways, code == ruleEncipheredPIN:
			return false
		case code == ruleSignature && t.tip(tipSignature):
			t.verifiedBy(kernel.ObtainSignature)
			return true
		case code == ruleOnlinePIN && t.tip(tipOnlinePIN):
			t.verifiedBy(kernel.OnlinePIN)
			return true
		}
	}
	return false
}

// verifyByOwnChoice is the reader's own choice, where the card leaves it to the reader: a signature, or else online PIN.
func (t *transaction) verifyByOwnChoice() bool {
	switch {
	case t.tip(tipSignature):
		t.verifiedBy(kernel.ObtainSignature)
	case t.tip(tipOnlinePIN):
		t.verifiedBy(kernel.OnlinePIN)
	default:
		return false
	}
	return true
}
