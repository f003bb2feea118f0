package jcb_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/jcb"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

func TestFaults(t *testing.T) {
	const complete = "9F1A020840 9F350122"
	none, emv := jcb.CombinationOptions{0x68, 0x00}, jcb.CombinationOptions{0x02, 0x00}
	for _, c := range []struct {
		name, data string
		options    any
		codes      []string
	}{
		{"nothing but what must be there", complete, nil, nil},
		{"a nil pointer", complete, (*jcb.Options)(nil), nil},
		{"the zero value", complete, &jcb.Options{}, nil},
		{"EMV mode alone", complete, &jcb.Options{Combination: &emv}, nil},
		{"no country", "9F350122", nil, []string{"config.object_missing"}},
		{"no terminal type", "9F1A020840", nil, []string{"config.object_missing"}},
		{"a profile of two bytes", complete + "9F53027280", nil, []string{"config.object_length", "config.object_length"}},
		{"another kernel's options", complete, "none", []string{"config.options"}},
		{"no mode", complete, &jcb.Options{Combination: &none}, []string{"config.no_mode"}},
		{"limits of 13 digits", complete, &jcb.Options{Limit: new(uint64(1e12)), LimitOnDevice: new(uint64(1e12))}, []string{"config.limit", "config.limit"}},
		{"an action code of four bytes", complete, &jcb.Options{TAC: action.Codes{Online: make([]byte, 4)}}, []string{"config.object_length"}},
		{"100 percent", complete, &jcb.Options{Selection: risk.Selection{Target: 100}}, []string{"config.selection"}},
		{"a negative time", complete, &jcb.Options{MessageHold: -time.Second}, []string{"config.time"}},
	} {
		codes := kerneltest.ConfigFaults(t, jcb.Kernel, contactless.Combination{
			AID: unhex(t, "A0000000651010"), Kernel: kernel.JCB, Data: unhex(t, c.data), Options: c.options,
		})
		if !slices.Equal(codes, c.codes) {
			t.Errorf("%s: %v, want %v", c.name, codes, c.codes)
		}
	}
}

// TestDefaults: what vendors' tables have for a configuration that says nothing.
func TestDefaults(t *testing.T) {
	tac := jcb.DefaultTAC()
	for _, c := range []struct {
		name, want string
		got        []byte
	}{
		{"denial", "0410000000", tac.Denial},
		{"online", "9060009000", tac.Online},
		{"default", "9040008000", tac.Default},
	} {
		if !slices.Equal(c.got, unhex(t, c.want)) {
			t.Errorf("%s: %X, want %s", c.name, c.got, c.want)
		}
	}
	tac.Denial[0] = 0xFF
	if jcb.DefaultTAC().Denial[0] != 0x04 {
		t.Error("a caller changed the defaults")
	}
	for _, b := range []kernel.Bit{jcb.CombinationEMV, jcb.CombinationLegacy, jcb.CombinationODA, jcb.CombinationExceptionFile, jcb.CombinationRandom} {
		if c := jcb.DefaultCombination(); !b.In(c[:]) {
			t.Errorf("%04X is not in the default", uint16(b))
		}
	}
	if c := jcb.DefaultCombination(); jcb.CombinationMagstripe.In(c[:]) {
		t.Error("Mag-stripe mode is in the default")
	}
}

// TestOptionsInATap: what options change of a tap.
func TestOptionsInATap(t *testing.T) {
	check := jcb.CombinationOptions{0x7B, 0x00}
	for _, c := range []struct {
		name    string
		profile string
		amount  uint64
		change  func(*given)
		kind    kernel.Kind
		tvr     string
	}{
		{"status check, one dollar", "jcb-offline", 100, func(g *given) { g.options.Combination = &check }, kernel.OnlineRequest, "0000008000"},
		{"status check, another amount", "jcb-offline", 101, func(g *given) { g.options.Combination = &check }, kernel.Approved, "0000000000"},
		{"no status check", "jcb-offline", 100, func(*given) {}, kernel.Approved, "0000000000"},
		{"no keys at all", "jcb-offline", 100, func(g *given) { g.env.CAPKs = nil }, kernel.Declined, "0400000000"},
		{"selected for certain", "jcb-offline", 100, func(g *given) { g.options.Selection = risk.Selection{Target: 99} }, kernel.OnlineRequest, "0000001000"},
		{"the zero value", "jcb-offline", 100, func(g *given) { g.options = jcb.Options{} }, kernel.Approved, "0000000000"},
	} {
		terminal := shop(t, c.change, nil)
		out, err := terminal.Transact(t.Context(), kerneltest.NewCard(t, c.profile), kernel.Transaction{Amount: c.amount, Currency: 840})
		if err != nil || out.Kind != c.kind {
			t.Errorf("%s: %v because of %v, %v", c.name, out.Kind, out.Why, err)
		}
		if got := terminal.Data().Get(0x95); !slices.Equal(got, unhex(t, c.tvr)) {
			t.Errorf("%s: TVR %X, want %s", c.name, got, c.tvr)
		}
	}
}

// TestMessageHold: the time of messages that ask for another tap, and how long the field is off for a phone.
func TestMessageHold(t *testing.T) {
	for want, o := range map[time.Duration]jcb.Options{
		jcb.DefaultMessageHold: {}, 2 * time.Second: {MessageHold: 2 * time.Second},
	} {
		terminal := shop(t, func(g *given) { g.options.MessageHold = o.MessageHold }, nil)
		out, err := terminal.Transact(t.Context(), kerneltest.NewCard(t, "jcb-phone-locked"), small)
		if err != nil || out.Start != kernel.StartB || out.UI.Hold != want || out.FieldOff != want {
			t.Errorf("see phone: %+v, %v", out, err)
		}
		out, err = terminal.Transact(t.Context(), kerneltest.NewCard(t, "jcb-offline", "timeout@4"), small)
		if err != nil || out.Start != kernel.StartB || out.UI.Hold != want || out.FieldOff != 0 {
			t.Errorf("no answer: %+v, %v", out, err)
		}
	}
}
