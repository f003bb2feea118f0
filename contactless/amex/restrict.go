package amex

import (
	"bytes"

	"github.com/cardwright/emv/kernel/restrict"
	"github.com/cardwright/emv/kernel/tvr"
)

// restrictProcessing is Processing Restrictions (C-4, 3.4.4 and 3.4.5): versions, usage and dates as in Book 3, 10.4, and what
// the card says of delayed authorisation. Mag-stripe mode has none of it.
func (t *transaction) restrictProcessing() {
	if t.magstripe {
		return
	}
	t.Step(stageRestrict, "C-4, 3.4.4")
	t.keep(restrict.Perform(t.Env, t.Data))
	if !t.delayedAllowed() {
		t.mark(tvr.ServiceNotAllowed, stageRestrict, "c4.delayed_not_allowed", "C-4, 3.4.5")
	}
}

// delayedAllowed tests delayed authorisation against Card Interface and Payment Capabilities (C-4, 3.4.5). A card that says
// nothing of it, or whose country is not known, allows it.
func (t *transaction) delayedAllowed() bool {
	card, issuer := t.Data.Get(tagCapabilities), t.Data.Get(tagIssuer)
	if !t.options.Delayed || !cardDelayedUsage.In(card) || issuer == nil {
		return true
	}
	if bytes.Equal(issuer, t.Data.Get(tagCountry)) {
		return cardDelayedHome.In(card)
	}
	return cardDelayedAbroad.In(card)
}
