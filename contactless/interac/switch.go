package interac

import (
	"bytes"

	"github.com/cardwright/emv/kernel"
)

// checkDevice looks at what was tapped, and at the limit that goes with it.
func (t *transaction) checkDevice() kernel.Outcome {
	t.Step(stageDevice, "Interac, A10")
	// A card that does not say what it is, or says what nobody knows, is a card.
	v := t.Data.Get(tagFormFactor)
	t.phone = len(v) == 1 && v[0] == formFactorPhone
	limit := t.options.Limit
	switch {
	case t.phone && t.options.RefuseDevices:
		return t.otherInterface(kernel.Reason{Stage: stageDevice, Code: "interac.device_refused", Ref: "Interac, A10"})
	case !t.phone && t.options.RefuseCards:
		return t.otherInterface(kernel.Reason{Stage: stageDevice, Code: "interac.card_refused", Ref: "Interac, A10"})
	case t.phone:
		limit = t.options.LimitOnDevice
	}
	if limit != nil && t.Transaction.Amount >= *limit && !t.refund() {
		return t.otherInterface(kernel.Reason{Stage: stageDevice, Code: "interac.limit", Ref: "Interac, A11"})
	}
	return kernel.Outcome{}
}

// checkOptionStatus holds the card's currency and country against the Terminal Option Status, bit by bit (Interac, A12). A
// card that does not tell them is not stopped.
func (t *transaction) checkOptionStatus() kernel.Outcome {
	t.Step(stageStatus, "Interac, A12")
	status := t.Data.Get(tagTOS)
	currency, country := t.Data.Get(tagAppCurrency), t.Data.Get(tagIssuer)
	otherCurrency := currency != nil && !bytes.Equal(currency, t.Data.Get(tagCurrency))
	otherCountry := country != nil && !bytes.Equal(country, t.Data.Get(tagCountry))
	code := ""
	switch {
	case otherCurrency && tosOtherCurrency.In(status):
		code = "interac.other_currency"
	case otherCountry && tosOtherCountry.In(status):
		code = "interac.other_country"
	case otherCurrency && country != nil && !otherCountry && tosDomesticCurrency.In(status):
		code = "interac.domestic_currency"
	default:
		return kernel.Outcome{}
	}
	return t.otherInterface(kernel.Reason{Stage: stageStatus, Code: code, Ref: "Interac, A12"})
}
