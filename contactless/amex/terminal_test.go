package amex_test

import (
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	return kerneltest.Unhex(t, s)
}

// bench is Kernel 4 in the shop. It asks for a card once more, and no oftener (C-4, 3.8.3).
var bench = kerneltest.Bench{
	Terminal: func(t testing.TB, events func(kernel.Event)) *contactless.Terminal { return shop(t, nil, events) },
	Tap:      small, Cards: []string{"amex-"}, Taps: 2,
}

// small is a purchase below all limits.
var small = kernel.Transaction{Amount: 1250, Currency: 840}

// codes are action codes that send every failed authentication online, and to a decline where nobody can be asked.
func codes() action.Codes {
	return action.Codes{
		Denial: []byte{0x00, 0x10, 0x00, 0x00, 0x00}, Online: []byte{0xDC, 0x00, 0xFC, 0x98, 0x00},
		Default: []byte{0xDC, 0x50, 0xFC, 0x98, 0x00},
	}
}

// shop is a terminal that supports all that Kernel 4 does: a CVM from 100.00 on, online above 500.00.
func shop(t testing.TB, options *amex.Options, events func(kernel.Event)) *contactless.Terminal {
	t.Helper()
	if options == nil {
		options = &amex.Options{TAC: codes()}
	}
	terminal, err := contactless.New(contactless.Config{
		Terminal: unhex(t, "9F1A020840 9F3303E0F8C8 9F350122 9F40056000F0A001 9F15025411"),
		Combinations: []contactless.Combination{{
			AID: unhex(t, "A00000002501"), Kernel: kernel.Amex, Data: unhex(t, "9F6D01C0 9F6E04D8E00003 9F09020001"),
			Limits: contactless.Limits{Floor: new(uint64(50000)), CVM: new(uint64(10000))}, Options: options,
		}},
	}, kerneltest.Env(t, capk.RID{0xA0, 0, 0, 0, 0x25}, events), amex.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}
