package runner

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/interac"
)

// equipInterac makes the options of Interac Flash of the case's features, limits and action codes. The limits for cards and
// for phones are the kernel's own to test, not pre-processing's.
func equipInterac(t *job, a *Application, c *contactless.Combination, _ *kept) {
	limit, onDevice, own := a.kernelLimits()
	options := &interac.Options{
		Limit: limit, LimitOnDevice: onDevice, TAC: a.codes(), Selection: a.selection(),
		Retries:     int(valueOf(a.Options.Retries)),
		CDAWithARQC: t.option(a, featureCDAWithARQC), LegacyFloor: t.option(a, featureLegacyFloor),
		RefuseCards: t.option(a, featureRefuseCards), RefuseDevices: t.option(a, featureRefuseDevices),
		CapabilitiesCVM: a.Options.CapabilitiesCVM, CapabilitiesNoCVM: a.Options.Capabilities,
	}
	if t.Given.Log != nil {
		options.Log = transactionLog(t.Given.Log)
	}
	c.Options = options
	if !own {
		c.Limits.Transaction = nil
	}
}
