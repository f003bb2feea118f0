package mastercard

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// analyseActions is procedure 7.8, Terminal Action Analysis: which cryptogram to ask for.
func (t *transaction) analyseActions() {
	t.Step(stageAction, "C-2, 7.8")
	switch kind := t.Data.TerminalType(); {
	case t.actionHit(tagTACDenial, tagIACDenial):
		t.ac = kernel.AAC
		t.Note(stageAction, "c2.tac_denial", "C-2, 7.8")
	case kind.OnlineOnly():
		t.ac = kernel.ARQC
	case kind.OfflineOnly():
		if t.actionHitOrAny(tagTACDefault, tagIACDefault) {
			t.ac = kernel.AAC
			t.Note(stageAction, "c2.tac_default", "C-2, 7.8")
		}
	case t.actionHitOrAny(tagTACOnline, tagIACOnline):
		t.ac = kernel.ARQC
		t.Note(stageAction, "c2.tac_online", "C-2, 7.8")
	}
}

// actionHit reports whether the TVR has a bit of the terminal's or of the issuer's action code. An issuer's code that is
// absent is zero.
func (t *transaction) actionHit(terminal, issuer tlv.Tag) bool {
	tvr, tac, iac := t.Data.Get(tagTVR), t.Data.Get(terminal), t.Data.Get(issuer)
	for i := range tvr {
		var code byte
		if i < len(tac) {
			code = tac[i]
		}
		if i < len(iac) {
			code |= iac[i]
		}
		if tvr[i]&code != 0 {
			return true
		}
	}
	return false
}

// actionHitOrAny is actionHit where the issuer's code is there; where it is absent any bit of the TVR counts, but for b2
// and b1 of byte 5, which tell of the relay resistance protocol and are never both zero.
func (t *transaction) actionHitOrAny(terminal, issuer tlv.Tag) bool {
	if t.Data.Has(issuer) {
		return t.actionHit(terminal, issuer)
	}
	tvr := t.Data.Get(tagTVR)
	return tvr[0]|tvr[1]|tvr[2]|tvr[3]|tvr[4]&^0x03 != 0
}
