package profile

import (
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/jcb"
	"github.com/cardwright/emv/kernel/action"
)

// readJCB reads the options of Kernel 5: tac_denial, tac_online, tac_default, combination_options, torn_records (one at
// most), torn_lifetime and removal_timeout in seconds, and show_balance. 9F53 is written as a data object.
//
// The kernel tells cards and devices apart itself. The figures of the file are the most that is accepted, the kernel's the
// least that is not; its floor limit counts from the figure on, so it has one more, too.
func readJCB(o *object) configure {
	denial, online, def := readCodes(o)
	options := jcb.Options{
		TAC:            action.Codes{Denial: denial, Online: online, Default: def},
		TornLifetime:   time.Duration(o.Number("torn_lifetime", 0xFFFF)) * time.Second,
		RemovalTimeout: time.Duration(o.Number("removal_timeout", 0xFFFF)) * time.Second,
		ShowBalance:    o.Flag("show_balance"),
	}
	if v := o.bytes("combination_options", 2, 2); v != nil {
		options.Combination = new(jcb.CombinationOptions(v))
	}
	records := o.Number("torn_records", 1)
	return func(b *build, c *contactless.Combination, l *Limits) {
		own := options
		if l.Transaction != nil {
			own.Limit = new(*l.Transaction + 1)
		}
		if l.OnDevice != nil {
			own.LimitOnDevice = new(*l.OnDevice + 1)
		}
		if l.Floor != nil && *l.Floor > 0 { // none at all stays none: a tap of nothing goes online as well
			c.Limits.Floor = new(*l.Floor + 1)
		}
		if records > 0 {
			own.Torn = share(b, "jcb", func() *jcb.TornLog { return &jcb.TornLog{} })
		}
		c.Options = &own
	}
}
