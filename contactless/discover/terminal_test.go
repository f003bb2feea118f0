package discover_test

import (
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/discover"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/tlv/dict"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	return kerneltest.Unhex(t, s)
}

// bench is Kernel 6 in the shop.
var bench = kerneltest.Bench{
	Terminal: func(t testing.TB, events func(kernel.Event)) *contactless.Terminal { return shop(t, nil, events) },
	Tap:      small, Cards: []string{"discover-", "diners-"}, Approved: approved,
}

// small is a purchase below all limits.
var small = kernel.Transaction{Amount: 1250, Currency: 840}

// shop is a terminal that supports all that Kernel 6 does; change alters its combinations.
func shop(t testing.TB, change func(*contactless.Combination), events func(kernel.Event)) *contactless.Terminal {
	t.Helper()
	config := contactless.Config{Terminal: unhex(t, "9F1A020840 9F3303E0B8C8 9F350122 9F09020001")}
	for _, aid := range []string{"A0000001523010", "A0000001524010", "A0000003241010"} {
		c := contactless.Combination{
			AID: unhex(t, aid), Kernel: kernel.Discover, TTQ: &contactless.TTQ{0xB6, 0x00, 0xC0, 0x00},
			Limits:  contactless.Limits{Floor: new(uint64(50000)), CVM: new(uint64(10000))},
			Options: &discover.Options{PIDLimit: true, ShowBalance: true},
		}
		if change != nil {
			change(&c)
		}
		config.Combinations = append(config.Combinations, c)
	}
	terminal, err := contactless.New(config, kerneltest.Env(t, capk.RID{0xA0, 0, 0, 0x01, 0x52}, events), discover.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

// approved holds that an approval stands on a signature that was verified, over a TC or the AAC of a loyalty transaction.
func approved(t testing.TB, terminal *contactless.Terminal) {
	t.Helper()
	d := terminal.Data()
	if d.From(0x9F4C) != dict.Kernel || d.From(0x9F26) != dict.Kernel {
		t.Fatal("approved without a verified signature")
	}
	cid, cpr := d.Get(0x9F27), d.Get(0x9F71)
	if len(cid) != 1 || len(cpr) != 2 {
		t.Fatalf("approved on CID %X, requirements %X", cid, cpr)
	}
	switch cid[0] & 0xC0 {
	case 0x40: // TC
	case 0x00: // AAC of a loyalty transaction
		if cpr[0]&0x20 == 0 {
			t.Fatalf("approved on an AAC, requirements %X", cpr)
		}
	default:
		t.Fatalf("approved on CID %X", cid)
	}
	if tvr := d.Get(0x95); len(tvr) != 5 || tvr[0]&0xA4 != 0 {
		t.Fatalf("approved with TVR %X", tvr)
	}
}
