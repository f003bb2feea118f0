package profile_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/testvectors/card"
)

// TestAmex: one combination in every country, with action codes that mind a card that is not authenticated, and capabilities
// that agree with the terminal's.
func TestAmex(t *testing.T) {
	for _, country := range []string{"AU", "CA", "GB", "IE", "US"} {
		p := builtin(t, country)
		config := p.Contactless(amex.Kernel)
		if len(config.Combinations) != 1 || config.Combinations[0].AID.String() != "A00000002501" {
			t.Fatalf("%s: %d combinations", country, len(config.Combinations))
		}
		c := config.Combinations[0]
		o, ok := c.Options.(*amex.Options)
		if !ok || len(o.TAC.Denial) != 5 || len(o.TAC.Online) != 5 || len(o.TAC.Default) != 5 {
			t.Fatalf("%s: %T %+v", country, c.Options, c.Options)
		}
		const notAuthenticated = 0x80 | 0x40 | 0x08 | 0x04 // TVR byte 1: not performed, SDA, DDA or CDA failed
		if o.TAC.Online[0]&notAuthenticated != notAuthenticated || o.TAC.Default[0]&notAuthenticated != notAuthenticated {
			t.Errorf("%s: %X, %X", country, o.TAC.Online, o.TAC.Default)
		}
		if o.UNRange == nil || *o.UNRange != 60 || o.Limits != nil || o.Delayed || o.Line == nil {
			t.Errorf("%s: %+v", country, o)
		}
		if again := p.Contactless(amex.Kernel).Combinations[0].Options; again == c.Options {
			t.Error("two configurations share their options")
		}
	}
}

// amexOptions loads a copy of a country's file with other options for American Express.
func amexOptions(t *testing.T, options map[string]any) (*profile.Profile, error) {
	t.Helper()
	return profile.Load(change(t, func(m map[string]any) {
		to := at(m, "brands.2.contactless.options")
		if at(m, "brands.2")["brand"] != "amex" {
			t.Fatal("the third brand of the file is another one")
		}
		for k, v := range options {
			to[k] = v
		}
	}))
}

// TestAmexLimits: the figures of dynamic limit sets are the most that is accepted; the entry point's limit stays away.
func TestAmexLimits(t *testing.T) {
	p, err := amexOptions(t, map[string]any{
		"un_range": 0, "see_phone": 2000, "stop_at_failure": true,
		"limits": []any{
			map[string]any{"transaction": 10000, "cvm": 5000, "floor": 0},
			map[string]any{"set": 3, "transaction": 20000},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	config := p.Contactless(amex.Kernel)
	c := config.Combinations[0]
	o := c.Options.(*amex.Options)
	if c.Limits.Transaction != nil || *o.UNRange != 0 || o.SeePhone != 2*time.Second || !o.StopAtFailure {
		t.Errorf("%+v, %v", o, c.Limits.Transaction)
	}
	l := o.Limits
	if l == nil || *l.Default.Transaction != 10000 || *l.Default.CVM != 5001 || *l.Default.Floor != 0 {
		t.Fatalf("%+v", l)
	}
	if l.Sets[3] == nil || *l.Sets[3].Transaction != 20000 || l.Sets[3].CVM != nil || l.Sets[4] != nil {
		t.Errorf("%+v", l.Sets[3])
	}
	for name, options := range map[string]map[string]any{
		profile.CodeMissing:   {"limits": []any{map[string]any{"set": 3}}},
		profile.CodeDuplicate: {"limits": []any{map[string]any{}, map[string]any{"set": 3}, map[string]any{"set": 3}}},
		profile.CodeUnknown:   {"limits": []any{map[string]any{"program_id": "03"}, map[string]any{}}},
		profile.CodeValue:     {"limits": []any{map[string]any{"set": 16}, map[string]any{}}},
	} {
		_, err := amexOptions(t, options)
		var faults *kernel.ConfigError
		if !errors.As(err, &faults) || !slices.ContainsFunc(faults.Faults, func(f kernel.Fault) bool { return f.Code == name }) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAmexTaps: a card of American Express gets as far as an online request in every country.
func TestAmexTaps(t *testing.T) {
	for _, country := range []string{"AU", "CA", "GB", "IE", "US"} {
		terminal, err := contactless.New(builtin(t, country).Contactless(amex.Kernel), kernel.Env{
			Clock: kernel.SystemClock{}, Rand: bytes.NewReader(make([]byte, 64)),
		}, amex.Kernel)
		if err != nil {
			t.Fatal(err)
		}
		c, err := card.New(card.Config{Profile: "amex-plain"})
		if err != nil {
			t.Fatal(err)
		}
		out, err := terminal.Transact(context.Background(), c, kernel.Transaction{Amount: 1250, Currency: 840})
		if err != nil || out.Kind != kernel.OnlineRequest {
			t.Errorf("%s: %v because of %v, %v", country, out.Kind, out.Why, err)
		}
	}
}
