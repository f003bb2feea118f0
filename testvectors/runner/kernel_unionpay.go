package runner

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/unionpay"
)

// equipUnionPay makes the options of Kernel 7 of the case's features.
func equipUnionPay(t *job, a *Application, c *contactless.Combination, _ *kept) {
	c.Options = &unionpay.Options{
		NoCVMBelowLimit: t.option(a, featureBelowLimit), CashbackNeedsCVM: t.option(a, featureCashbackCVM),
		AcceptVersion00: t.option(a, featureVersion00), ReadBalance: t.option(a, featureReadBalance),
		ShowBalance: t.option(a, featureBalance),
	}
}
