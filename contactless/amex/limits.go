package amex

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
)

// applyLimits holds the amount against the reader's limits (C-4, 3.4.2 and 3.4.3): those of the dynamic set that the card
// names, or those of the combination.
func (t *transaction) applyLimits() kernel.Outcome {
	t.Step(stageLimits, "C-4, 3.4.2")
	amount := t.Transaction.Amount
	limit := t.Combination.Limits.Transaction
	required := t.Indicators.CVMRequiredLimitExceeded
	t.floorExceeded = t.Indicators.FloorLimitExceeded
	if set := t.limitSet(); set != nil {
		limit = set.Transaction
		required = set.CVM != nil && amount >= *set.CVM
		t.floorExceeded = set.Floor != nil && amount > *set.Floor
	}
	t.tellCVMRequired(required)
	if limit != nil && amount > *limit {
		return t.anotherWay(kernel.Reason{Stage: stageLimits, Code: "c4.limit", Ref: "C-4, 3.4.3"})
	}
	return kernel.Outcome{}
}

// limitSet returns the dynamic limit set of the card (C-4, 3.4.2), nil where there are none. A card that names no set, or
// one that is not there, gets the default. Readings differ in whether b4 of byte 2 of 9F70 belongs to the number or says
// that there is none; both come to the default where sets 8 to 15 are empty.
func (t *transaction) limitSet() *contactless.Limits {
	sets := t.options.Limits
	if sets == nil {
		return nil
	}
	card := t.Data.Get(tagCapabilities)
	if len(card) <= cardLimitSetInByte {
		return &sets.Default
	}
	if set := sets.Sets[card[cardLimitSetInByte]&cardLimitSet]; set != nil {
		return set
	}
	return &sets.Default
}
