package visa_test

import (
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	return kerneltest.Unhex(t, s)
}

// bench is Kernel 3 in the shop.
var bench = kerneltest.Bench{Terminal: shop, Tap: offline, Cards: []string{"visa-"}}

// shop is a terminal that supports all that Kernel 3 does.
func shop(t testing.TB, events func(kernel.Event)) *contactless.Terminal {
	t.Helper()
	config := contactless.Config{Terminal: unhex(t, "9F1A020840 9F3303E0B8C8 9F350122")}
	for _, aid := range []string{"A0000000031010", "A0000000032010"} {
		config.Combinations = append(config.Combinations, contactless.Combination{
			AID: unhex(t, aid), Kernel: kernel.Visa, TTQ: &contactless.TTQ{0x37, 0x00, 0xC0, 0x00},
			Limits: contactless.Limits{Floor: new(uint64(50000)), CVM: new(uint64(10000))},
		})
	}
	terminal, err := contactless.New(config, kerneltest.Env(t, capk.RID{0xA0, 0, 0, 0, 3}, events), visa.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}
