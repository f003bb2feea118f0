package visa

import (
	"bytes"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
)

// restrictProcessing is Processing Restrictions (C-3, 5.5). Expiry and exception file count for an offline approval only:
// otherwise the issuer sees to them. The tests of the Application Usage Control count for every cryptogram, since a ban
// on cash that an online request escapes would be none.
func (t *transaction) restrictProcessing() kernel.Outcome {
	t.step(stageRestrict, "C-3, 5.5")
	if t.cryptogram == tc {
		t.checkExpiry()
		t.checkExceptionFile()
	}
	if out := t.checkCash(); made(out) {
		return out
	}
	if out := t.checkCashback(); made(out) {
		return out
	}
	t.checkATM()
	return kernel.Outcome{}
}

// checkExpiry is C-3, 5.5.1.1. An application without a date that can be read counts as expired.
func (t *transaction) checkExpiry() {
	var today, expiry capk.Date
	copy(today[:], t.Data.Get(tagDate))
	n := copy(expiry[:], t.Data.Get(tagExpiry))
	if n == len(expiry) && expiry.Valid() && !expiry.Before(today) {
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
	if t.Env.Exceptions == nil {
		return
	}
	sequence := -1
	if psn := t.Data.Get(tagPSN); psn != nil {
		if n, ok := kernel.BCD(psn); ok {
			sequence = int(n)
		}
	}
	if t.Env.Exceptions.Listed(t.track2.PAN, sequence) {
		t.decline(stageRestrict, "c3.exception_file", "C-3, 5.5.1.2")
	}
}

// checkCash is C-3, 5.5.1.3.
func (t *transaction) checkCash() kernel.Outcome {
	manual := t.Transaction.Type == kernel.Cash || t.Transaction.Type == kernel.CashDisbursement
	if !t.options.CheckCash || !manual || t.allowed(aucDomesticCash, aucInternationalCash) {
		return kernel.Outcome{}
	}
	return t.switchOrDecline(ctqSwitchForCash, "c3.cash_not_allowed", "C-3, 5.5.1.3")
}

// checkCashback is C-3, 5.5.1.4.
func (t *transaction) checkCashback() kernel.Outcome {
	if !t.options.CheckCashback || t.Transaction.Type != kernel.PurchaseWithCashback ||
		t.allowed(aucDomesticCashback, aucInternationalCashback) {
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
	if !t.options.CheckATM {
		return
	}
	switch kind := t.Data.Get(tagTermType); {
	case len(kind) != 1 || kind[0] < 0x14 || kind[0] > 0x16: // Book 4, Annex A1: financial institution, unattended
		return
	}
	if !ctqValidForATM.In(t.ctq()) || t.Data.Has(tagAUC) && !aucATM.In(t.Data.Get(tagAUC)) {
		t.decline(stageRestrict, "c3.atm_not_allowed", "C-3, 5.5.1.5")
	}
}
