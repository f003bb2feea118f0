package jcb_test

import (
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/jcb"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	return kerneltest.Unhex(t, s)
}

// bench is Kernel 5 in the shop. An AIP without CDA leads to the issuer, who has it in the cryptogram.
var bench = kerneltest.Bench{
	Terminal: func(t testing.TB, events func(kernel.Event)) *contactless.Terminal { return shop(t, nil, events) },
	Tap:      small, Cards: []string{"jcb-"}, Approved: approved,
	Fooled: func(t testing.TB, out *kernel.Outcome) bool { return !kerneltest.Noticed(t, out) },
}

// small is a purchase below all limits.
var small = kernel.Transaction{Amount: 1250, Currency: 840}

// all are Combination Options with Mag-stripe mode too.
var all = jcb.CombinationOptions{0x3F, 0x00}

// given is what a test may change of a shop.
type given struct {
	env     kernel.Env
	combine contactless.Combination
	options jcb.Options
}

// shop is a terminal that supports all that Kernel 5 does; change alters it.
func shop(t testing.TB, change func(*given), events func(kernel.Event)) *contactless.Terminal {
	t.Helper()
	g := given{
		env: kerneltest.Env(t, capk.RID{0xA0, 0, 0, 0, 0x65}, events),
		combine: contactless.Combination{
			AID: unhex(t, "A0000000651010"), Kernel: kernel.JCB, Data: unhex(t, "9F5303728000"),
			Limits: contactless.Limits{Floor: new(uint64(50000)), CVM: new(uint64(10000))},
		},
		options: jcb.Options{Combination: &all, Torn: &jcb.TornLog{}, ShowBalance: true},
	}
	if change != nil {
		change(&g)
	}
	g.combine.Options = &g.options
	terminal, err := contactless.New(contactless.Config{
		Terminal: unhex(t, "9F1A020840 9F3303E0F8C8 9F350122"), Combinations: []contactless.Combination{g.combine},
	}, g.env, jcb.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

// approved holds that an approval stands on a TC out of a signature, and on nothing that went wrong offline.
func approved(t testing.TB, terminal *contactless.Terminal) {
	t.Helper()
	kerneltest.Combined(t, terminal)
	if tvr := terminal.Data().Get(0x95); len(tvr) != 5 || tvr[0]&0xF4 != 0 {
		t.Fatalf("approved with TVR %X", tvr)
	}
}
