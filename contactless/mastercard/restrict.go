package mastercard

import (
	"bytes"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// Application Usage Control (9F07; Book 3, Annex C2).
const (
	aucDomesticCash          = kernel.Bit(1<<8 | 0x80)
	aucInternationalCash     = kernel.Bit(1<<8 | 0x40)
	aucDomesticGoods         = kernel.Bit(1<<8 | 0x20)
	aucInternationalGoods    = kernel.Bit(1<<8 | 0x10)
	aucDomesticServices      = kernel.Bit(1<<8 | 0x08)
	aucInternationalServices = kernel.Bit(1<<8 | 0x04)
	aucATM                   = kernel.Bit(1<<8 | 0x02)
	aucElsewhere             = kernel.Bit(1<<8 | 0x01) // valid at terminals other than ATMs
	aucDomesticCashback      = kernel.Bit(2<<8 | 0x80)
	aucInternationalCashback = kernel.Bit(2<<8 | 0x40)

	addCapCash = kernel.Bit(1<<8 | 0x80) // Additional Terminal Capabilities (9F40): cash
)

// restrictProcessing is procedure 7.7, Processing Restrictions. It leaves its findings in the TVR.
func (t *transaction) restrictProcessing() {
	t.step(stageRestrict, "C-2, 7.7")
	if v := t.Data.Get(tagVersionCard); v != nil && !bytes.Equal(v, t.Data.Get(tagVersionReader)) {
		t.setTVR(tvrVersions)
		t.note(stageRestrict, "c2.version", "C-2, 7.7")
	}
	today := dateOf(t.Data.Get(tagDate))
	if effective := dateOf(t.Data.Get(tagEffective)); t.Data.Has(tagEffective) && today.Before(effective) {
		t.setTVR(tvrNotYetEffective)
		t.note(stageRestrict, "c2.not_yet_effective", "C-2, 7.7")
	}
	// A date that is none is one that has passed.
	if expiry := dateOf(t.Data.Get(tagExpiry)); !expiry.Valid() || expiry.Before(today) {
		t.setTVR(tvrExpired)
		t.note(stageRestrict, "c2.expired", "C-2, 7.7")
	}
	if t.Data.Has(tagAUC) && !t.usageAllowed() {
		t.setTVR(tvrServiceForbidden)
		t.note(stageRestrict, "c2.usage", "C-2, 7.7")
	}
}

func dateOf(v []byte) capk.Date {
	var d capk.Date
	copy(d[:], v)
	return d
}

// usageAllowed tests the Application Usage Control (9F07): the kind of terminal always, the kind of transaction where the
// card has told its issuer's country.
func (t *transaction) usageAllowed() bool {
	auc := t.Data.Get(tagAUC)
	place := aucElsewhere
	if t.isATM() {
		place = aucATM
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
	case t.isCash() && !allowed(aucDomesticCash, aucInternationalCash):
		return false
	case t.isPurchase() && !allowed(aucDomesticGoods, aucInternationalGoods) &&
		!allowed(aucDomesticServices, aucInternationalServices):
		return false
	}
	return t.Transaction.Other == 0 || allowed(aucDomesticCashback, aucInternationalCashback)
}

// isATM reports whether the terminal is a cash machine: unattended, of a financial institution, with cash.
func (t *transaction) isATM() bool {
	kind := t.byteOf(tagTermType)
	return kind >= 0x14 && kind <= 0x16 && addCapCash.In(t.Data.Get(tagAddCap))
}

func (t *transaction) isCash() bool {
	return t.Transaction.Type == kernel.Cash || t.Transaction.Type == kernel.CashDisbursement
}

func (t *transaction) isPurchase() bool {
	return t.Transaction.Type == kernel.Purchase || t.Transaction.Type == kernel.PurchaseWithCashback
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
