package mastercard_test

import (
	"context"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/tlv"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	return kerneltest.Unhex(t, s)
}

// presented is a simulated card at a reader: activating the field powers it. Its time is measured (kernel.Timed).
type presented struct{ *card.Card }

func (p presented) Activate(ctx context.Context) error {
	p.Reset()
	return ctx.Err()
}

func (presented) Deactivate(context.Context, time.Duration) error { return nil }

func simulated(t testing.TB, profile string, faults ...string) presented {
	t.Helper()
	c, err := card.New(card.Config{Profile: profile, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return presented{c}
}

// Kernel Configuration (DF811B): on-device verification and relay resistance, and what modes there are.
const (
	allModes    = "30"
	noMagstripe = "B0"
)

// store is a terminal in the USA that supports all that a card can ask for: both modes, on-device verification, relay
// resistance, recovery, balances. A CVM is required above 100.00, the floor limit is 50.00.
func store(t testing.TB, log mastercard.TornLog, events func(kernel.Event), configuration string) *contactless.Terminal {
	t.Helper()
	data := unhex(t, "9F350122 9F1A020840 DF8117 01E0 DF8118 0160 DF8119 0108 DF811B 01"+configuration+"DF811F 0108"+
		"DF8120 05840000800C DF8121 050400000000 DF8122 05840000800C DF8123 06000000005000 DF8124 06000000100000"+
		"DF8125 06000000100000 DF8126 06000000010000 DF811D 0102 DF811E 0120 DF812C 0100")
	config := contactless.Config{Terminal: unhex(t, "9F1A020840")}
	for _, aid := range []string{"A0000000041010", "A0000000043060"} {
		config.Combinations = append(config.Combinations, contactless.Combination{
			AID: unhex(t, aid), Kernel: kernel.Mastercard, Data: data, Options: &mastercard.Options{TornLog: log},
		})
	}
	env := kerneltest.Env(t, capk.RID{0xA0, 0, 0, 0, 4}, events)
	env.Rand = &counting{}
	terminal, err := contactless.New(config, env, mastercard.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

// judge is the issuer's verdict on the cryptogram of a Data Record.
func judge(t testing.TB, out kernel.Outcome) issuer.Verdict {
	t.Helper()
	return kerneltest.Verdict(t, &out)
}

// bench is Kernel 2 in the store. A card without CDA in its profile is not authenticated offline any more: the issuer has to
// see that the profile was changed. With it nothing goes online that is not as it was.
var bench = kerneltest.Bench{
	Terminal: func(t testing.TB, events func(kernel.Event)) *contactless.Terminal {
		return store(t, &mastercard.MemoryLog{}, events, allModes)
	},
	Tap: purchase(200), Cards: []string{"mastercard-"}, Approved: approved,
	Fooled: func(t testing.TB, out *kernel.Outcome) bool {
		profile, ok := tlv.Find(out.Record, 0x82)
		return !ok || profile[0]&0x01 != 0 || !kerneltest.Noticed(t, out)
	},
}

func purchase(amount uint64) kernel.Transaction {
	return kernel.Transaction{Amount: amount, Currency: 840}
}
