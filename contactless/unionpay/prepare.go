package unionpay

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// prepare is what the kernel looks at before it speaks to the card (C-7, 3.1). Pre-processing has set the TTQ.
func (t *transaction) prepare() kernel.Outcome {
	t.Step(stageActivate, "C-7, 3.1")
	if !tlv.DOLHas(t.Data.Get(tagPDOL), tagTTQ) { // C-7, 3.1.1
		return contactless.SelectNext(t.Note(stageActivate, errNoPDOL.Code, "C-7, 3.1.1"))
	}
	// C-7, 3.1.2: defaults of the configuration. The SM algorithms (DF69) and an extended application (DF60) need none: a
	// PDOL that asks for what is not there gets zeros, which is what they would be.
	if !t.Data.Has(tagTermVersion) {
		t.set(tagTermVersion, defaultVersion[:])
	}
	if t.options.CashbackNeedsCVM && t.Data.WithCashback() { // C-7, 3.1.3
		t.Note(stageActivate, "c7.cashback", "C-7, 3.1.3")
		contactless.TTQCVMRequired.Set(t.Indicators.TTQ[:])
		if t.onlineCapable() {
			contactless.TTQOnlineCryptogram.Set(t.Indicators.TTQ[:])
		}
		t.set(tagTTQ, t.Indicators.TTQ[:])
	}
	return kernel.Outcome{}
}
