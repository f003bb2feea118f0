package runner

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/unionpay"
)

// equipUnionPay makes the options of Kernel 7 of the case's features.
func equipUnionPay(t *job, _ *Application, c *contactless.Combination, _ *kept) {
	c.Options = &unionpay.Options{
		NoCVMBelowLimit: t.Given.does(featureBelowLimit), CashbackNeedsCVM: t.Given.does(featureCashbackCVM),
		AcceptVersion00: t.Given.does(featureVersion00), ReadBalance: t.Given.does(featureReadBalance),
		ShowBalance: t.Given.does(featureBalance),
	}
}
