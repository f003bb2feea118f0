package runner

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
)

// equipAmex makes the options of Kernel 4 of the case's features, action codes and limit sets. The program id of a set is its
// number, 00 to 0F; the set without one is the default, and where there is none the limits of the application are.
func equipAmex(t *job, a *Application, c *contactless.Combination, _ *kept) {
	options := &amex.Options{
		TAC:           a.codes(),
		Delayed:       t.option(a, featureDelayed),
		Line:          &amex.Line{Down: t.Given.does(featureLineDown)},
		SeePhone:      span(a.Options.SeePhone),
		StopAtFailure: t.option(a, featureStopCVM),
	}
	if n := a.Options.UNRange; n != nil {
		options.UNRange = new(uint8(*n))
	}
	if len(a.DRL) > 0 {
		options.Limits = &amex.LimitSets{Default: a.Limits}
		for i := range a.DRL {
			switch id := a.DRL[i].ProgramID; {
			case len(id) == 0:
				options.Limits.Default = a.DRL[i].Limits
			case int(id[0]) < len(options.Limits.Sets):
				options.Limits.Sets[id[0]] = &a.DRL[i].Limits
			}
		}
	}
	c.Options = options
}
