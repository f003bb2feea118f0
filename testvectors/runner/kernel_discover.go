package runner

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/discover"
)

// equipDiscover makes the options of Kernel 6 of the case's features.
func equipDiscover(t *job, _ *Application, c *contactless.Combination, _ *kept) {
	c.Options = &discover.Options{PIDLimit: t.Given.does(featurePIDLimit), ShowBalance: t.Given.does(featureBalance)}
}
