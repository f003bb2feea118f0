package profile

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/unionpay"
)

// readUnionPay reads the options of Kernel 7: no_cvm_below_limit, cashback_needs_cvm, accept_version_00, show_balance and
// read_balance.
func readUnionPay(o *object) configure {
	options := unionpay.Options{
		NoCVMBelowLimit: o.Flag("no_cvm_below_limit"), CashbackNeedsCVM: o.Flag("cashback_needs_cvm"),
		AcceptVersion00: o.Flag("accept_version_00"), ShowBalance: o.Flag("show_balance"), ReadBalance: o.Flag("read_balance"),
	}
	return func(_ *build, c *contactless.Combination, _ *Limits) {
		own := options
		c.Options = &own
	}
}
