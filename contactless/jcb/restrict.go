package jcb

import (
	"bytes"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// restrictProcessing is Processing Restrictions (C-5, 3.6). There is no test of versions.
func (t *transaction) restrictProcessing() {
	if t.mode == magstripeMode {
		return
	}
	t.Step(stageRestrict, "C-5, 3.6")
	if auc := t.Data.Get(tagAUC); t.mode == emvMode && auc != nil && !t.serviceAllowed(auc) { // C-5, 3.6.1
		t.setTVR(tvr.ServiceNotAllowed, stageRestrict, "c5.service_not_allowed", "C-5, 3.6.1")
	}
	today, _ := t.Data.Date(tagDate)
	// C-5, 3.6.2. Public code compares months; a date is compared here, as Book 3, 10.4.3 has it.
	if expiry, ok := t.Data.Date(tagExpiry); !ok || expiry.Before(today) {
		t.setTVR(tvr.Expired, stageRestrict, "c5.expired", "C-5, 3.6.2")
	}
	if effective, ok := t.Data.Date(tagEffective); ok && today.Before(effective) { // C-5, 3.6.3
		t.setTVR(tvr.NotYetEffective, stageRestrict, "c5.not_effective", "C-5, 3.6.3")
	}
}

// serviceAllowed reports whether Application Usage Control allows the place and the kind of the transaction. JCB's own
// country code comes before the one of EMV. Without any, and for a kind that it does not know, nothing is allowed.
func (t *transaction) serviceAllowed(auc []byte) bool {
	place := kernel.AUCElsewhere
	if t.Data.AtATM() {
		place = kernel.AUCATM
	}
	issuer := t.Data.Get(tagIssuerJCB)
	if issuer == nil {
		issuer = t.Data.Get(tagIssuer)
	}
	if issuer == nil || !place.In(auc) {
		return false
	}
	home := bytes.Equal(issuer, t.Data.Get(tagCountry))
	either := func(domestic, international kernel.Bit) bool {
		if home {
			return domestic.In(auc)
		}
		return international.In(auc)
	}
	switch kind := t.Transaction.Type; {
	case kind == kernel.Purchase:
		return either(kernel.AUCDomesticGoods, kernel.AUCInternationalGoods) ||
			either(kernel.AUCDomesticServices, kernel.AUCInternationalServices)
	case kind == kernel.PurchaseWithCashback:
		return either(kernel.AUCDomesticCashback, kernel.AUCInternationalCashback)
	case kind.IsCash():
		return either(kernel.AUCDomesticCash, kernel.AUCInternationalCash)
	}
	return false
}
