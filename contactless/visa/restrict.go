package visa

import (
	"bytes"

	"github.com/cardwright/emv/kernel"
)

// restrictProcessing is Processing Restrictions (C-3, 5.5). Expiry and exception file count for an offline approval only:
// otherwise the issuer sees to them. The tests of the Application Usage Control count for every cryptogram, since a ban
// on cash that an online request escapes would be none.
func (t *transaction) restrictProcessing() kernel.Outcome {
	t.Step(stageRestrict, "C-3, 5.5")
	if t.cryptogram == kernel.TC {
		t.checkExpiry()
		t.checkExceptionFile()
	}
	if out := t.checkCash(); out.Made() {
		return out
	}
	if out := t.checkCashback(); out.Made() {
		return out
	}
	t.checkATM()
	return kernel.Outcome{}
}

// checkExpiry is C-3, 5.5.1.1. An application without a date that can be read counts as expired.
func (t *transaction) checkExpiry() {
	today, _ := t.Data.Date(tagDate)
	if expiry, ok := t.Data.Date(tagExpiry); ok && !expiry.Before(today) {
		return
	}
	if ctqOnlineIfExpired.In(t.ctq()) {
		t.goOnline(stageRestrict, "c3.expired", "C-3, 5.5.1.1")
		return
	}
	t.decline(stageRestrict, "c3.expired", "C-3, 5.5.1.1")
}

// checkExceptionFile is C-3, 5.5.1.2.
func (t *transaction) checkExceptionFile() {
	if t.Listed(t.track2.PAN) {
		t.decline(stageRestrict, "c3.exception_file", "C-3, 5.5.1.2")
	}
}

// checkCash is C-3, 5.5.1.3.
func (t *transaction) checkCash() kernel.Outcome {
	if !t.options.CheckCash || !t.Transaction.Type.IsCash() || t.allowed(kernel.AUCDomesticCash, kernel.AUCInternationalCash) {
		return kernel.Outcome{}
	}
	return t.switchOrDecline(ctqSwitchForCash, "c3.cash_not_allowed", "C-3, 5.5.1.3")
}

// checkCashback is C-3, 5.5.1.4.
func (t *transaction) checkCashback() kernel.Outcome {
	if !t.options.CheckCashback || t.Transaction.Type != kernel.PurchaseWithCashback ||
		t.allowed(kernel.AUCDomesticCashback, kernel.AUCInternationalCashback) {
		return kernel.Outcome{}
	}
	return t.switchOrDecline(ctqSwitchForCashback, "c3.cashback_not_allowed", "C-3, 5.5.1.4")
}

// allowed reports whether the Application Usage Control allows what is asked for, in the issuer's country or outside it.
// Without the control or the issuer's country it is not allowed.
func (t *transaction) allowed(domestic, international kernel.Bit) bool {
	auc, issuer := t.Data.Get(tagAUC), t.Data.Get(tagIssuer)
	if auc == nil || issuer == nil {
		return false
	}
	if bytes.Equal(issuer, t.Data.Get(tagCountry)) {
		return domestic.In(auc)
	}
	return international.In(auc)
}

// switchOrDecline asks for another interface where the card's CTQ says so, and declines otherwise.
func (t *transaction) switchOrDecline(b kernel.Bit, code, ref string) kernel.Outcome {
	if !b.In(t.ctq()) {
		t.decline(stageRestrict, code, ref)
		return kernel.Outcome{}
	}
	return kernel.Outcome{
		Kind: kernel.TryAnotherInterface,
		UI:   kernel.UIRequest{Message: kernel.MsgInsertOrSwipe, Status: kernel.ProcessingError},
		Why:  kernel.Reason{Stage: stageRestrict, Code: code, Ref: ref},
	}
}

// checkATM is C-3, 5.5.1.5: at a cash machine that works offline, a card must say that it is valid there. The public
// texts leave its details in doubt, so it is off unless asked for.
func (t *transaction) checkATM() {
	if kind := t.Data.TerminalType(); !t.options.CheckATM || !kind.OfBank() || !kind.Unattended() {
		return
	}
	if !ctqValidForATM.In(t.ctq()) || t.Data.Has(tagAUC) && !kernel.AUCATM.In(t.Data.Get(tagAUC)) {
		t.decline(stageRestrict, "c3.atm_not_allowed", "C-3, 5.5.1.5")
	}
}
