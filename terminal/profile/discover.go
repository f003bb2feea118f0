package profile

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/discover"
)

// readDiscover reads the options of Kernel 6: pid_limit and show_balance. Extended Logging Data (DF3C) are a data object;
// modes, issuer updates and consumer device CVM are bits of the TTQ.
func readDiscover(o *object) configure {
	options := discover.Options{PIDLimit: o.Flag("pid_limit"), ShowBalance: o.Flag("show_balance")}
	return func(_ *build, c *contactless.Combination, _ *Limits) {
		own := options
		c.Options = &own
	}
}
