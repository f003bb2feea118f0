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
		CheckCash: o.Flag("check_cash"), CheckCashback: o.Flag("check_cashback"), CheckATM: o.Flag("check_atm"),
		ShowBalance: o.Flag("show_balance"),
	}
	for i, e := range o.objects("limits") {
		set := contactless.LimitSet{}
		if e.Need("program_id") {
			set.ProgramID = e.bytes("program_id", 1, 16)
		}
		l := readLimits(e)
		e.Done()
		for _, other := range options.Limits {
			if string(other.ProgramID) == string(set.ProgramID) {
				o.Fault(fmt.Sprintf("limits[%d].program_id", i), CodeDuplicate, "given twice")
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
