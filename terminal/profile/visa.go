package profile

import (
	"fmt"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/visa"
)

// readVisa reads the options of Kernel 3: check_cash, check_cashback, check_atm, show_balance, and limits, the dynamic
// reader limits by program_id.
func readVisa(o *object) configure {
	options := visa.Options{
		CheckCash: o.flag("check_cash"), CheckCashback: o.flag("check_cashback"), CheckATM: o.flag("check_atm"),
		ShowBalance: o.flag("show_balance"),
	}
	for i, e := range o.objects("limits") {
		set := contactless.LimitSet{}
		if e.need("program_id") {
			set.ProgramID = e.bytes("program_id", 1, 16)
		}
		l := readLimits(e)
		e.done()
		for _, other := range options.Limits {
			if string(other.ProgramID) == string(set.ProgramID) {
				o.fault(fmt.Sprintf("limits[%d].program_id", i), CodeDuplicate, "given twice")
			}
		}
		l.entryPoint(&set.Limits)
		options.Limits = append(options.Limits, set)
	}
	return func(_ *build, c *contactless.Combination, _ *Limits) {
		own := options
		c.Options = &own
	}
}
