package interac_test

import (
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/interac"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	return kerneltest.Unhex(t, s)
}

// bench is the kernel in the shop. It approves nothing but with CDA.
var bench = kerneltest.Bench{
	Terminal: func(t testing.TB, events func(kernel.Event)) *contactless.Terminal { return shop(t, nil, events) },
	Tap:      tap, Cards: []string{"interac-"}, Approved: kerneltest.Combined,
}

// The amounts of the shop: online from the floor limit on, insert the card from the limit on.
const (
	floor = 5000
	limit = 25000
)

// tap is a purchase below all limits.
var tap = kernel.Transaction{Amount: 1250, Currency: 124}

// shop is a terminal that does all that this kernel can: it approves offline with CDA below the floor limit, and has contact
// chip.
func shop(t testing.TB, change func(*contactless.Combination, *interac.Options), events func(kernel.Event)) *contactless.Terminal {
	t.Helper()
	zero := make([]byte, 5)
	options := &interac.Options{Limit: new(uint64(limit))}
	options.TAC.Denial, options.TAC.Online, options.TAC.Default = zero, zero, zero
	c := contactless.Combination{
		AID: unhex(t, "A0000002771010"), Kernel: kernel.Interac, Options: options,
		Limits: contactless.Limits{CVM: new(uint64(limit)), Floor: new(uint64(floor))},
		Data:   unhex(t, "9F580103 9F5903D88000 9F5D06000000002000"),
	}
	if change != nil {
		change(&c, options)
	}
	terminal, err := contactless.New(contactless.Config{
		Terminal: unhex(t, "9F1A020124 9F3303E00808 9F350122"), Combinations: []contactless.Combination{c},
	}, kerneltest.Env(t, capk.RID{0xA0, 0, 0, 0x02, 0x77}, events), interac.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}
