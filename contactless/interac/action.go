package interac

import (
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// analyseActions is Terminal Action Analysis (Book 3, 10.7), for refunds as for purchases: they ask for no AAC of their own
// (Interac, A16). A TC is asked for only where the place approves offline and the card can sign for it (Interac, A15).
func (t *transaction) analyseActions() {
	t.chooseODA()
	d := action.First(t.Env, t.Data, t.options.TAC.OrMinimum())
	t.asked, t.why = d.Request, d.Why
	if t.asked != kernel.TC {
		return
	}
	switch {
	case !t.tti(ttiOffline):
		t.goOnline("interac.online_only")
	case !t.cda:
		t.goOnline("interac.no_cda")
	case t.cvm == kernel.OnlinePIN:
		t.goOnline("interac.online_pin")
	case t.Transaction.Online:
		t.goOnline("interac.merchant")
	}
}

// goOnline asks for an ARQC in the place of a TC.
func (t *transaction) goOnline(code string) {
	t.asked = kernel.ARQC
	t.why = t.Note(stageAction, code, "Interac, A15")
}

// keysOf are the data objects without which a combined signature can't be verified (Book 2, 6.6).
var keysOf = [...]tlv.Tag{tagCAIndex, tagIssuerCert, tagIssuerExp, tagICCCert, tagICCExp}

// chooseODA decides whether CDA is performed: the one method that there is (Interac, A17). Keys that are missing have failed
// it before the card is asked, so that the action codes can decide.
func (t *transaction) chooseODA() {
	const ref = "Interac, A17"
	t.Step(stageODA, ref)
	if !t.tti(ttiCDA) || oda.Choose(t.Data.Get(tagAIP), t.Data.Get(tagTermCap)) != oda.MethodCDA {
		t.mark(tvr.ODANotPerformed, stageODA, "interac.no_oda", ref)
		return
	}
	for _, tag := range keysOf {
		if !t.Data.Has(tag) {
			t.mark(tvr.ICCDataMissing, stageODA, "oda.data", ref)
			t.mark(tvr.CDAFailed, stageODA, "oda.data", ref)
			return
		}
	}
	if !t.hasCAKey() {
		t.mark(tvr.CDAFailed, stageODA, "oda.capk", ref)
		return
	}
	t.cda = true
}

func (t *transaction) hasCAKey() bool {
	aid := t.Data.Get(tagAID)
	if t.Env.CAPKs == nil || len(aid) < len(capk.RID{}) {
		return false
	}
	_, ok := t.Env.CAPKs.CAPK(capk.RID(aid), t.Data.Get(tagCAIndex)[0])
	return ok
}
