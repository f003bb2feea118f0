package discover_test

import (
	"context"
	"slices"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/discover"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

func TestFaults(t *testing.T) {
	const zip, dpas = "A0000003241010", "A0000001523010"
	for _, c := range []struct {
		name, aid, data string
		ttq             *contactless.TTQ
		options         any
		codes           []string
	}{
		{"EMV mode", dpas, "9F1A020840", &contactless.TTQ{0x36, 0, 0xC0, 0}, nil, nil},
		{"mag-stripe mode alone", dpas, "9F1A020840", &contactless.TTQ{0x90, 0, 0, 0}, nil, nil},
		{"ZIP", zip, "9F1A020840", &contactless.TTQ{0xB0, 0, 0, 0}, &discover.Options{}, nil},
		{"a nil pointer", dpas, "9F1A020840", &contactless.TTQ{0x36, 0, 0, 0}, (*discover.Options)(nil), nil},
		{"no TTQ", dpas, "9F1A020840", nil, nil, []string{"config.ttq_missing"}},
		{"no mode", dpas, "9F1A020840", &contactless.TTQ{0x16, 0, 0, 0}, nil, []string{"config.no_mode"}},
		{"ZIP without its mode", zip, "9F1A020840", &contactless.TTQ{0x36, 0, 0, 0}, nil, []string{"config.ttq_magstripe"}},
		{"no country", dpas, "", &contactless.TTQ{0x36, 0, 0, 0}, nil, []string{"config.object_missing"}},
		{"another kernel's options", dpas, "9F1A020840", &contactless.TTQ{0x36, 0, 0, 0}, "none", []string{"config.options"}},
		{"logging data of 33 bytes", dpas, "9F1A020840 DF3C21000000000000000000000000000000000000000000000000000000000000000000", &contactless.TTQ{0x36, 0, 0, 0}, nil, []string{"config.object_length"}},
	} {
		codes := kerneltest.ConfigFaults(t, discover.Kernel, contactless.Combination{
			AID: unhex(t, c.aid), Kernel: kernel.Discover, TTQ: c.ttq, Data: unhex(t, c.data), Options: c.options,
		})
		if !slices.Equal(codes, c.codes) {
			t.Errorf("%s: %v, want %v", c.name, codes, c.codes)
		}
	}
}

// TestBalance: the offline card had 100.00 to spend and approved 12.50.
func TestBalance(t *testing.T) {
	for _, c := range []struct {
		options *discover.Options
		value   kernel.ValueQualifier
		amount  uint64
	}{{&discover.Options{ShowBalance: true}, kernel.Balance, 8750}, {nil, kernel.NoValue, 0}} {
		terminal := shop(t, func(comb *contactless.Combination) { comb.Options = c.options }, nil)
		out, err := terminal.Transact(context.Background(), kerneltest.NewCard(t, "discover-offline"), small)
		if err != nil || out.Kind != kernel.Approved || out.UI.Value != c.value || out.UI.Amount != c.amount {
			t.Errorf("%v: %+v, %v", out.Kind, out.UI, err)
		}
	}
}

// TestLoyaltyIsOff: without the option an AAC declines, whatever the card says about limits.
func TestLoyaltyIsOff(t *testing.T) {
	terminal := shop(t, func(c *contactless.Combination) { c.Options = nil }, nil)
	out, err := terminal.Transact(context.Background(), kerneltest.NewCard(t, "discover-loyalty"), small)
	if err != nil || out.Kind != kernel.Declined || out.Why.Code != "c6.aac" {
		t.Errorf("%v because of %v, %v", out.Kind, out.Why, err)
	}
}
