package visa_test

import (
	"slices"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

func TestFaults(t *testing.T) {
	emv := &contactless.TTQ{0x36, 0, 0xC0, 0}
	limits := func(id string, transaction uint64) *visa.Options {
		return &visa.Options{Limits: []contactless.LimitSet{{
			ProgramID: []byte(id), Limits: contactless.Limits{Transaction: &transaction},
		}}}
	}
	for _, c := range []struct {
		name, data string
		ttq        *contactless.TTQ
		options    any
		codes      []string
	}{
		{"no options", "9F1A020840", emv, nil, nil},
		{"options", "9F1A020840", emv, limits("1", 5000), nil},
		{"a nil pointer", "9F1A020840", emv, (*visa.Options)(nil), nil},
		{"no TTQ", "9F1A020840", nil, nil, []string{"config.ttq_missing"}},
		{"without EMV mode", "9F1A020840", &contactless.TTQ{0x96, 0, 0, 0}, nil, []string{"config.ttq_emv_mode"}},
		{"no country", "", emv, nil, []string{"config.object_missing"}},
		{"another kernel's options", "9F1A020840", emv, "none", []string{"config.options"}},
		{"limits for no program", "9F1A020840", emv, limits("", 5000), []string{"config.program_id"}},
		{"a program of 17 bytes", "9F1A020840", emv, limits("12345678901234567", 5000), []string{"config.program_id"}},
		{"a limit of thirteen digits", "9F1A020840", emv, limits("1", kernel.MaxAmount+1), []string{"config.limit"}},
	} {
		codes := kerneltest.ConfigFaults(t, visa.Kernel, contactless.Combination{
			AID: unhex(t, "A0000000031010"), Kernel: kernel.Visa, TTQ: c.ttq, Data: unhex(t, c.data), Options: c.options,
		})
		if !slices.Equal(codes, c.codes) {
			t.Errorf("%s: %v, want %v", c.name, codes, c.codes)
		}
	}
}
