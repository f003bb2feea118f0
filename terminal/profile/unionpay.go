package profile

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/unionpay"
)

// readUnionPay reads the options of Kernel 7: no_cvm_below_limit, cashback_needs_cvm, accept_version_00, show_balance and
// read_balance.
func readUnionPay(o *object) configure {
	options := unionpay.Options{
		NoCVMBelowLimit: o.flag("no_cvm_below_limit"), CashbackNeedsCVM: o.flag("cashback_needs_cvm"),
		AcceptVersion00: o.flag("accept_version_00"), ShowBalance: o.flag("show_balance"), ReadBalance: o.flag("read_balance"),
	}
	return func(_ *build, c *contactless.Combination, _ *Limits) {
		own := options
		c.Options = &own
	}
}
