package unionpay_test

import (
	"context"
	"slices"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/unionpay"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

func TestFaults(t *testing.T) {
	good := &contactless.TTQ{0x36, 0, 0x40, 0x80}
	limit := contactless.Limits{CVM: new(uint64(10000))}
	for _, c := range []struct {
		name, data string
		ttq        *contactless.TTQ
		limits     contactless.Limits
		options    any
		codes      []string
	}{
		{"no options", "9F1A020840", good, limit, nil, nil},
		{"options", "9F1A020840", good, limit, &unionpay.Options{NoCVMBelowLimit: true}, nil},
		{"a nil pointer", "9F1A020840", good, limit, (*unionpay.Options)(nil), nil},
		{"no SM algorithms, in as many words", "9F1A020840 DF690100 DF600100", good, limit, nil, nil},
		{"no TTQ", "9F1A020840", nil, limit, nil, []string{"config.ttq_missing"}},
		{"another mode", "9F1A020840", &contactless.TTQ{0x16, 0, 0, 0x80}, limit, nil, []string{"config.ttq_emv_mode"}},
		{"mag-stripe mode", "9F1A020840", &contactless.TTQ{0xB6, 0, 0, 0x80}, limit, nil, []string{"config.ttq_mode"}},
		{"PBOC by tap", "9F1A020840", &contactless.TTQ{0x76, 0, 0, 0x80}, limit, nil, []string{"config.ttq_mode"}},
		{"no country", "", good, limit, nil, []string{"config.object_missing"}},
		{"SM algorithms", "9F1A020840 DF690101", good, limit, nil, []string{"config.sm_algorithms"}},
		{"an extended application", "9F1A020840 DF600101", good, limit, nil, []string{"config.extended_application"}},
		{"no PIN below no limit", "9F1A020840", good, contactless.Limits{}, &unionpay.Options{NoCVMBelowLimit: true}, []string{"config.cvm_limit_missing"}},
		{"another kernel's options", "9F1A020840", good, limit, "none", []string{"config.options"}},
	} {
		codes := kerneltest.ConfigFaults(t, unionpay.Kernel, contactless.Combination{
			AID: unhex(t, "A000000333010102"), Kernel: kernel.UnionPay, TTQ: c.ttq, Limits: c.limits, Data: unhex(t, c.data), Options: c.options,
		})
		if !slices.Equal(codes, c.codes) {
			t.Errorf("%s: %v, want %v", c.name, codes, c.codes)
		}
	}
}

// TestOptions has what each option changes for a simulated card. All purses hold 100.00 and pay 12.50.
func TestOptions(t *testing.T) {
	off := func(*unionpay.Options) {}
	for _, c := range []struct {
		name, profile string
		change        func(*unionpay.Options)
		kind          kernel.Kind
		cvm           kernel.CVM
		code          string
		balance       uint64 // 0: none is shown
	}{
		{"a debit card asks below the limit", "unionpay-debit", off, kernel.OnlineRequest, kernel.OnlinePIN, "c7.arqc", 0},
		{
			"but not where the reader does without", "unionpay-debit", func(o *unionpay.Options) { o.NoCVMBelowLimit = true },
			kernel.OnlineRequest, kernel.NoCVM, "c7.arqc", 0,
		},
		{"an old purse is not trusted", "unionpay-purse", off, kernel.Declined, kernel.NotApplicable, "c7.fdda_version", 0},
		{
			"but where version 00 is accepted", "unionpay-purse", func(o *unionpay.Options) { o.AcceptVersion00 = true },
			kernel.Approved, kernel.NoCVM, "c7.tc", 0,
		},
		{
			"its balance is read and shown", "unionpay-purse",
			func(o *unionpay.Options) { o.AcceptVersion00, o.ReadBalance, o.ShowBalance = true, true, true },
			kernel.Approved, kernel.NoCVM, "c7.tc", 8750,
		},
		{"electronic cash tells its balance", "unionpay-cash", off, kernel.Approved, kernel.NoCVM, "c7.tc", 0},
		{
			"and a reader may show it", "unionpay-cash", func(o *unionpay.Options) { o.ShowBalance = true },
			kernel.Approved, kernel.NoCVM, "c7.tc", 8750,
		},
	} {
		terminal := shop(t, func(comb *contactless.Combination) {
			o := &unionpay.Options{}
			c.change(o)
			comb.Options = o
		}, nil)
		out, err := terminal.Transact(context.Background(), kerneltest.NewCard(t, c.profile), small)
		if err != nil || out.Kind != c.kind || out.CVM != c.cvm || out.Why.Code != c.code {
			t.Errorf("%s: %v, %v because of %v, %v", c.name, out.Kind, out.CVM, out.Why, err)
		}
		// For the receipt the balance goes with the outcome, whether it is shown or not.
		if tells := c.balance > 0 || c.profile == "unionpay-cash"; tells != (out.Discretionary != nil) {
			t.Errorf("%s: discretionary data %v", c.name, out.Discretionary)
		}
		if out.UI.Amount != c.balance || (out.UI.Value == kernel.Balance) != (c.balance > 0) {
			t.Errorf("%s: shows %+v", c.name, out.UI)
		}
	}
}
