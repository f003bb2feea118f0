package runner

import (
	"slices"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/jcb"
	"github.com/cardwright/emv/kernel"
)

// equipJCB makes the options of Kernel 5 of the case's features, limits, action codes and random selection. With one limit
// the entry point has it; with one for cards and one for devices it has the higher of them. Limits among the options are the
// kernel's alone.
func equipJCB(t *job, a *Application, c *contactless.Combination, kept *kept) {
	combination := jcb.DefaultCombination()
	if a.Options.Combination != nil {
		combination = jcb.CombinationOptions(a.Options.Combination)
	}
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
	limit, onDevice, own := a.kernelLimits()
	options := &jcb.Options{
		Combination: &combination, Limit: limit, LimitOnDevice: onDevice, TAC: a.codes(), Selection: a.selection(),
		Torn: &kept.echo, TornLifetime: span(a.Options.TornLifetime),
		MessageHold: span(a.Options.MessageHold), RemovalTimeout: span(a.Options.Removal),
		ShowBalance: t.option(a, featureBalance),
	}
	if n := a.Options.Torn; n != nil && *n == 0 {
		options.Torn = nil
	}
	c.Options = options
	if !own && limit != nil && onDevice != nil {
		c.Limits.Transaction = new(max(*limit, *onDevice))
	}
}
