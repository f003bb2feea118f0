package profile

import (
	"fmt"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
	"github.com/cardwright/emv/kernel/action"
)

// readAmex reads the options of Kernel 4: tac_denial, tac_online, tac_default, un_range (months), see_phone (milliseconds),
// delayed, stop_at_failure, and limits, the dynamic reader limits: an object for each set by its number, and one without a
// number for the default, without which there are none. 9F6D and 9F6E are written as data objects.
//
// Where there are dynamic limits the entry point's transaction limit stays away: it is tested before the card names its set,
// whose limit may be higher. One line serves all combinations of a configuration.
func readAmex(o *object) configure {
	denial, online, def := readCodes(o)
	options := amex.Options{
		TAC:     action.Codes{Denial: denial, Online: online, Default: def},
		Delayed: o.Flag("delayed"), StopAtFailure: o.Flag("stop_at_failure"),
		SeePhone: time.Duration(o.Number("see_phone", 60_000)) * time.Millisecond,
	}
	if v := o.optional("un_range", 0xFF); v != nil {
		options.UNRange = new(uint8(*v))
	}
	sets := readLimitSets(o)
	return func(b *build, c *contactless.Combination, _ *Limits) {
		own := options
		own.Line = share(b, "amex", func() *amex.Line { return &amex.Line{} })
		if sets != nil {
			own.Limits = new(*sets)
			c.Limits.Transaction = nil
		}
		c.Options = &own
	}
}

// readLimitSets reads dynamic reader limits, nil where there are none. The figures of the file are the most that is accepted,
// and "above" is above in the kernel too; verification is from one more on.
func readLimitSets(o *object) *amex.LimitSets {
	var sets *amex.LimitSets
	var defaults bool
	for i, e := range o.objects("limits") {
		if sets == nil {
			sets = &amex.LimitSets{}
		}
		number := e.optional("set", 15)
		l := readLimits(e)
		e.Done()
		set := contactless.Limits{Transaction: l.Transaction, Floor: l.Floor}
		if l.CVM != nil {
			set.CVM = new(*l.CVM + 1)
		}
		switch {
		case number == nil && defaults, number != nil && sets.Sets[*number] != nil:
			o.Fault(fmt.Sprintf("limits[%d].set", i), CodeDuplicate, "given twice")
		case number == nil:
			sets.Default, defaults = set, true
		default:
			sets.Sets[*number] = &set
		}
	}
	if sets != nil && !defaults {
		o.Fault("limits", CodeMissing, "one must be without a number: it counts for cards that name no set")
	}
	return sets
}
