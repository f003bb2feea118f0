package unionpay_test

import (
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/unionpay"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/tlv/dict"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	return kerneltest.Unhex(t, s)
}

// bench is Kernel 7 in the shop.
var bench = benchOf(nil)

// benchOf is Kernel 7 in the shop as change alters it.
func benchOf(change func(*contactless.Combination)) kerneltest.Bench {
	return kerneltest.Bench{
		Terminal: func(t testing.TB, events func(kernel.Event)) *contactless.Terminal { return shop(t, change, events) },
		Tap:      small, Cards: []string{"unionpay-"}, Approved: approved,
	}
}

// small is a purchase below all limits.
var small = kernel.Transaction{Amount: 1250, Currency: 840}

// shop is a terminal that supports what Kernel 7 does in shops, version 00 included; change alters its combinations.
func shop(t testing.TB, change func(*contactless.Combination), events func(kernel.Event)) *contactless.Terminal {
	t.Helper()
	config := contactless.Config{Terminal: unhex(t, "9F1A020840 9F3303E0B8C8 9F350122")}
	for _, aid := range []string{
		"A000000333010101", "A000000333010102", "A000000333010103", "A000000333010106", "A000000333010108",
	} {
		c := contactless.Combination{
			AID: unhex(t, aid), Kernel: kernel.UnionPay, TTQ: &contactless.TTQ{0x36, 0x00, 0x40, 0x80},
			Limits:  contactless.Limits{Floor: new(uint64(50000)), CVM: new(uint64(10000))},
			Options: &unionpay.Options{AcceptVersion00: true, ReadBalance: true, ShowBalance: true},
		}
		if change != nil {
			change(&c)
		}
		config.Combinations = append(config.Combinations, c)
	}
	terminal, err := contactless.New(config, kerneltest.Env(t, capk.RID{0xA0, 0, 0, 0x03, 0x33}, events), unionpay.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

// gate makes it a gate of transit.
func gate(c *contactless.Combination) { c.TTQ = &contactless.TTQ{0x37, 0x00, 0x40, 0x80} }

// approved holds that an approval stands on a TC and on a dynamic signature: this kernel knows no other.
func approved(t testing.TB, terminal *contactless.Terminal) {
	t.Helper()
	kerneltest.Signed(t, terminal)
	if terminal.Data().From(0x9F4C) != dict.Kernel {
		t.Fatal("approved without a dynamic signature")
	}
}
