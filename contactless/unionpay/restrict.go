package unionpay

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/restrict"
)

// restrictProcessing is Processing Restrictions (C-7, 3.5). Dates count for an offline approval only: otherwise the issuer
// sees to them. What is forbidden is so for every cryptogram.
func (t *transaction) restrictProcessing() kernel.Outcome {
	t.Step(stageRestrict, "C-7, 3.5")
	if t.cryptogram == kernel.TC {
		if out := t.checkDates(); out.Made() {
			return out
		}
	}
	if t.Listed(t.pan) { // C-7, 3.5.3
		return t.declined(stageRestrict, "c7.exception_file", "C-7, 3.5.3")
	}
	if out := t.checkCash(); out.Made() {
		return out
	}
	if !t.usageAllowed() { // C-7, 3.5.5
		return t.declined(stageRestrict, "c7.usage", "C-7, 3.5.5")
	}
	return kernel.Outcome{}
}

// checkDates is expiry (C-7, 3.5.1) and effective date (C-7, 3.5.2). An application without a date of expiry that can be read
// counts as expired; the other date may be absent.
func (t *transaction) checkDates() kernel.Outcome {
	today, _ := t.Data.Date(tagDate)
	if expiry, ok := t.Data.Date(tagExpiry); !ok || expiry.Before(today) {
		if !ctqOnlineIfExpired.In(t.ctq()) || !t.onlineCapable() {
			return t.declined(stageRestrict, "c7.expired", "C-7, 3.5.1")
		}
		t.goOnline(stageRestrict, "c7.expired", "C-7, 3.5.1")
	}
	if !t.Data.Has(tagEffective) {
		return kernel.Outcome{}
	}
	if effective, ok := t.Data.Date(tagEffective); !ok || today.Before(effective) {
		return t.declined(stageRestrict, "c7.not_effective", "C-7, 3.5.2")
	}
	return kernel.Outcome{}
}

// checkCash asks for the contact chip where the card wants it for cash or cashback and the reader has one (C-7, 3.5.4). At
// another reader the Application Usage Control decides.
func (t *transaction) checkCash() kernel.Outcome {
	const ref = "C-7, 3.5.4"
	switch {
	case !t.hasContact():
	case t.Transaction.Type.IsCash() && ctqSwitchForCash.In(t.ctq()):
		return t.tryContact(stageRestrict, "c7.cash", ref)
	case t.Data.WithCashback() && ctqSwitchForCashback.In(t.ctq()):
		return t.tryContact(stageRestrict, "c7.cashback_not_here", ref)
	}
	return kernel.Outcome{}
}

// usageAllowed holds the transaction against the Application Usage Control (C-7, 3.5.5; Book 3, 10.4.2). It is tested where
// the card gave both the control and its issuer's country.
func (t *transaction) usageAllowed() bool {
	return !t.Data.Has(tagAUC) || !t.Data.Has(tagIssuer) || restrict.UsageAllowed(t.Env, t.Data)
}
