package runner

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/discover"
)

// equipDiscover makes the options of Kernel 6 of the case's features.
func equipDiscover(t *job, a *Application, c *contactless.Combination, _ *kept) {
	c.Options = &discover.Options{PIDLimit: t.option(a, featurePIDLimit), ShowBalance: t.option(a, featureBalance)}
}
