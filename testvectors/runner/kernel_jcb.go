package runner

import (
	"slices"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/jcb"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
)

// equipJCB makes the options of Kernel 5 of the case's features, limits, action codes and random selection. With one limit
// the entry point has it; with one for cards and one for devices it has the higher of them.
func equipJCB(t *job, a *Application, c *contactless.Combination, kept *kept) {
	percent := func(p *uint64) uint8 { return uint8(min(valueOf(p), 0xFF)) }
	combination := jcb.DefaultCombination()
	if t.Given.does(featureMagstripe) {
		jcb.CombinationMagstripe.Set(combination[:])
	}
	for _, f := range []struct {
		name string
		bit  kernel.Bit
	}{
		{featureEMVMode, jcb.CombinationEMV},
		{featureLegacyMode, jcb.CombinationLegacy},
		{featureODA, jcb.CombinationODA},
		{featureExceptionFile, jcb.CombinationExceptionFile},
	} {
		if slices.Contains(t.Given.Lacks, f.name) {
			f.bit.Clear(combination[:])
		}
	}
	c.Options = &jcb.Options{
		Combination: &combination,
		Limit:       a.Limits.Transaction, LimitOnDevice: a.LimitOnDevice,
		TAC:       action.Codes{Denial: a.TACDenial, Online: a.TACOnline, Default: a.TACDefault},
		Selection: risk.Selection{Threshold: valueOf(a.Threshold), Target: percent(a.Target), MaxTarget: percent(a.MaxTarget)},
		Torn:      &kept.echo, ShowBalance: t.Given.does(featureBalance),
	}
	if a.LimitOnDevice != nil && a.Limits.Transaction != nil {
		c.Limits.Transaction = new(max(*a.LimitOnDevice, *a.Limits.Transaction))
	}
}
