package interac_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/interac"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

func TestFaults(t *testing.T) {
	const base = "9F1A020124 9F350122 9F3303E00808"
	for _, c := range []struct {
		name    string
		data    string
		options any
		codes   []string
	}{
		{"nothing but what is required", base, nil, nil},
		{"no options of the right type", base, (*interac.Options)(nil), nil},
		{"everything missing", "", nil, []string{"config.object_missing", "config.object_missing", "config.object_missing"}},
		{"an offline terminal", "9F1A020124 9F350123 9F3303E00808", nil, []string{"config.terminal_type"}},
		{"no such merchant type", base + "9F580106", nil, []string{"config.object_value"}},
		{"limits that are no numbers", base + "9F5D06A00000000000 9F5F06A00000000000", nil, []string{"config.object_value", "config.object_value"}},
		{"CDA that 9F33 denies", "9F1A020124 9F350122 9F3303E00800 9F5903D08000", nil, []string{"config.tti"}},
		{"PIN that 9F33 denies", base + "9F5903C48000", nil, []string{"config.tti"}},
		{
			"CDA that 9F33 denies for one amount", base + "9F5903D08000",
			&interac.Options{CapabilitiesCVM: []byte{0xE0, 0x08, 0x00}},
			[]string{"config.tti"},
		},
		{"options of another kernel", base, "none", []string{"config.options"}},
		{"limits of thirteen digits", base, &interac.Options{Limit: new(uint64(kernel.MaxAmount + 1)), LimitOnDevice: new(uint64(kernel.MaxAmount + 1))}, []string{"config.limit", "config.limit"}},
		{"a short action code", base, &interac.Options{TAC: action.Codes{Online: []byte{1}}}, []string{"config.object_length"}},
		{"short capabilities", base, &interac.Options{CapabilitiesNoCVM: []byte{1}}, []string{"config.object_length"}},
		{"a percentage of 100", base, &interac.Options{Selection: risk.Selection{Target: 100}}, []string{"config.selection"}},
		{"negative retries", base, &interac.Options{Retries: -1}, []string{"config.retries"}},
	} {
		codes := kerneltest.ConfigFaults(t, interac.Kernel, contactless.Combination{
			AID: unhex(t, "A0000002771010"), Kernel: kernel.Interac, Data: unhex(t, c.data), Options: c.options,
		})
		if !slices.Equal(codes, c.codes) {
			t.Errorf("%s: %v, want %v", c.name, codes, c.codes)
		}
	}
}

// TestCapabilitiesByAmount: the Terminal Capabilities are those of the amount (Interac, A5).
func TestCapabilitiesByAmount(t *testing.T) {
	with, without := []byte{0xE0, 0x28, 0x08}, []byte{0xE0, 0x18, 0x08}
	terminal := shop(t, func(c *contactless.Combination, o *interac.Options) {
		c.Limits.CVM = new(uint64(3000))
		o.CapabilitiesCVM, o.CapabilitiesNoCVM = with, without
	}, nil)
	for _, c := range []struct {
		tx   kernel.Transaction
		want []byte
	}{
		{kernel.Transaction{Amount: 2999, Currency: 124}, without},
		{kernel.Transaction{Amount: 3000, Currency: 124}, with},
		{kernel.Transaction{Amount: 3000, Currency: 124, Type: kernel.Refund}, without},
	} {
		out, err := terminal.Transact(context.Background(), kerneltest.NewCard(t, "interac-phone"), c.tx)
		if got := terminal.Data().Get(0x9F33); err != nil || out.Kind != kernel.OnlineRequest || !bytes.Equal(got, c.want) {
			t.Errorf("%v: 9F33 %X, want %X; %v because of %v, %v", c.tx, got, c.want, out.Kind, out.Why, err)
		}
	}
}
