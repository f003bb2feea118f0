package discover

import (
	"bytes"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// restrictProcessing is Processing Restrictions (C-6, 3.6), with the exception file. It decides nothing: action analysis
// reads the bits.
func (t *transaction) restrictProcessing() {
	t.Step(stageRestrict, "C-6, 3.6")
	t.setTSI(tvr.TerminalRiskManagementPerformed)
	t.checkUsage()
	t.checkExpiry()
	if t.Listed(t.track2.PAN) { // C-6, 3.6.3
		t.setTVR(tvr.OnExceptionFile, stageRestrict, "c6.exception_file", "C-6, 3.6.3")
	}
	t.checkStart()
}

// checkUsage is the Application Usage Control (C-6, 3.6.1), tested where the card gave it and its issuer's country. Code
// takes from the card's own verification results whether it is at home; this compares the countries, as Book 3, 10.4.2
// has it, which a card can't misstate about the reader.
func (t *transaction) checkUsage() {
	auc, issuer := t.Data.Get(tagAUC), t.Data.Get(tagIssuer)
	if auc == nil || issuer == nil {
		return
	}
	place := kernel.AUCElsewhere
	if kind := t.Data.TerminalType(); kind.OfBank() && kind.Unattended() { // types 14, 15 and 16, whatever they can do
		place = kernel.AUCATM
	}
	home := bytes.Equal(issuer, t.Data.Get(tagCountry))
	if !place.In(auc) || !t.serviceAllowed(auc, home) {
		t.setTVR(tvr.ServiceNotAllowed, stageRestrict, "c6.service_not_allowed", "C-6, 3.6.1")
	}
}

// serviceAllowed reports whether the card may be used for what is asked. A kind that the book does not name is not tested.
func (t *transaction) serviceAllowed(auc []byte, home bool) bool {
	either := func(domestic, international kernel.Bit) bool {
		if home {
			return domestic.In(auc)
		}
		return international.In(auc)
	}
	kind := t.Transaction.Type
	switch {
	case kind.IsCash():
		return either(kernel.AUCDomesticCash, kernel.AUCInternationalCash)
	case t.Data.WithCashback() && !either(kernel.AUCDomesticCashback, kernel.AUCInternationalCashback):
		return false
	case kind.IsPurchase():
		return either(kernel.AUCDomesticGoods, kernel.AUCInternationalGoods) ||
			either(kernel.AUCDomesticServices, kernel.AUCInternationalServices)
	}
	return true
}

// checkExpiry is C-6, 3.6.2. A date that is none counts as past.
func (t *transaction) checkExpiry() {
	today, _ := t.Data.Date(tagDate)
	if expiry, ok := t.Data.Date(tagExpiry); !ok || expiry.Before(today) {
		t.setTVR(tvr.Expired, stageRestrict, "c6.expired", "C-6, 3.6.2")
	}
}

// checkStart compares versions and looks at the day from which the application counts, where the card gave both (C-6,
// 3.6.4). The versions are for the issuer to see: no decision depends on them.
func (t *transaction) checkStart() {
	version := t.Data.Get(tagVersion)
	if version == nil || !t.Data.Has(tagEffective) {
		return
	}
	if !bytes.Equal(version, t.Data.Get(tagTermVer)) {
		t.setTVR(tvr.DifferentVersions, stageRestrict, "c6.version", "C-6, 3.6.4")
	}
	today, _ := t.Data.Date(tagDate)
	if effective, ok := t.Data.Date(tagEffective); !ok || today.Before(effective) {
		t.setTVR(tvr.NotYetEffective, stageRestrict, "c6.not_effective", "C-6, 3.6.4")
	}
}
