package mastercard

import (
	"bytes"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// restrictProcessing is procedure 7.7, Processing Restrictions. It leaves its findings in the TVR.
func (t *transaction) restrictProcessing() {
	t.Step(stageRestrict, "C-2, 7.7")
	if v := t.Data.Get(tagVersionCard); v != nil && !bytes.Equal(v, t.Data.Get(tagVersionReader)) {
		t.setTVR(tvr.DifferentVersions)
		t.Note(stageRestrict, "c2.version", "C-2, 7.7")
	}
	today, _ := t.Data.Date(tagDate)
	if t.Data.Has(tagEffective) {
		if effective, _ := t.Data.Date(tagEffective); today.Before(effective) {
			t.setTVR(tvr.NotYetEffective)
			t.Note(stageRestrict, "c2.not_yet_effective", "C-2, 7.7")
		}
	}
	// A date that is none is one that has passed.
	if expiry, ok := t.Data.Date(tagExpiry); !ok || expiry.Before(today) {
		t.setTVR(tvr.Expired)
		t.Note(stageRestrict, "c2.expired", "C-2, 7.7")
	}
	if t.Data.Has(tagAUC) && !t.usageAllowed() {
		t.setTVR(tvr.ServiceNotAllowed)
		t.Note(stageRestrict, "c2.usage", "C-2, 7.7")
	}
}

// usageAllowed tests the Application Usage Control (9F07): the kind of terminal always, the kind of transaction where the
// card has told its issuer's country.
func (t *transaction) usageAllowed() bool {
	auc := t.Data.Get(tagAUC)
	place := kernel.AUCElsewhere
	if t.Data.AtATM() {
		place = kernel.AUCATM
	}
	if !place.In(auc) {
		return false
	}
	issuer := t.Data.Get(tagIssuer)
	if issuer == nil {
		return true
	}
	domestic := bytes.Equal(issuer, t.Data.Get(tagCountry))
	allowed := func(home, abroad kernel.Bit) bool {
		return domestic && home.In(auc) || !domestic && abroad.In(auc)
	}
	switch {
	case t.Transaction.Type.IsCash() && !allowed(kernel.AUCDomesticCash, kernel.AUCInternationalCash):
		return false
	case t.Transaction.Type.IsPurchase() && !allowed(kernel.AUCDomesticGoods, kernel.AUCInternationalGoods) &&
		!allowed(kernel.AUCDomesticServices, kernel.AUCInternationalServices):
		return false
	}
	return t.Transaction.Other == 0 || allowed(kernel.AUCDomesticCashback, kernel.AUCInternationalCashback)
}

// has reports whether all of the objects are there.
func (t *transaction) has(tags ...tlv.Tag) bool {
	for _, tag := range tags {
		if !t.Data.Has(tag) {
			return false
		}
	}
	return true
}
