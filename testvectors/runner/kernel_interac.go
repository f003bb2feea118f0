package runner

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/interac"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
)

// equipInterac makes the options of Interac Flash of the case's features, limits and action codes. The limits for cards and
// for phones are the kernel's own to test, not pre-processing's.
func equipInterac(t *job, a *Application, c *contactless.Combination, _ *kept) {
	percent := func(p *uint64) uint8 { return uint8(min(valueOf(p), 0xFF)) }
	options := &interac.Options{
		Limit: a.Limits.Transaction, LimitOnDevice: a.LimitOnDevice,
		TAC:         action.Codes{Denial: a.TACDenial, Online: a.TACOnline, Default: a.TACDefault},
		Selection:   risk.Selection{Threshold: valueOf(a.Threshold), Target: percent(a.Target), MaxTarget: percent(a.MaxTarget)},
		CDAWithARQC: t.Given.does(featureCDAWithARQC), LegacyFloor: t.Given.does(featureLegacyFloor),
		RefuseCards: t.Given.does(featureRefuseCards), RefuseDevices: t.Given.does(featureRefuseDevices),
	}
	if t.Given.Log != nil {
		options.Log = transactionLog(t.Given.Log)
	}
	c.Options = options
	c.Limits.Transaction = nil
}
