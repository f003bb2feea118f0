package mastercard

import "github.com/cardwright/emv/tlv"

// analyseActions is procedure 7.8, Terminal Action Analysis: which cryptogram to ask for.
func (t *transaction) analyseActions() {
	t.step(stageAction, "C-2, 7.8")
	switch {
	case t.actionHit(tagTACDenial, tagIACDenial):
		t.ac = aac
		t.note(stageAction, "c2.tac_denial", "C-2, 7.8")
	case t.onlineOnly():
		t.ac = arqc
	case t.offlineOnly():
		if t.actionHitOrAny(tagTACDefault, tagIACDefault) {
			t.ac = aac
			t.note(stageAction, "c2.tac_default", "C-2, 7.8")
		}
	case t.actionHitOrAny(tagTACOnline, tagIACOnline):
		t.ac = arqc
		t.note(stageAction, "c2.tac_online", "C-2, 7.8")
	}
}

// onlineOnly and offlineOnly read the Terminal Type (9F35; Book 4, Annex A1).
func (t *transaction) onlineOnly() bool {
	switch t.byteOf(tagTermType) {
	case 0x11, 0x21, 0x14, 0x24, 0x34:
		return true
	}
	return false
}

func (t *transaction) offlineOnly() bool {
	switch t.byteOf(tagTermType) {
	case 0x23, 0x26, 0x36, 0x13, 0x16:
		return true
	}
	return false
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
