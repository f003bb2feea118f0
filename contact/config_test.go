package contact_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
)

// TestConfigFaults has one configuration with everything wrong: all of it is named, with its path.
func TestConfigFaults(t *testing.T) {
	aid := unhex(t, "A0000000031010")
	_, err := contact.New(contact.Config{
		Terminal: unhex(t, "9F1A020840 9F1A020840 9F330160"), CDAMode: 5,
		Applications: []contact.Application{
			{AID: unhex(t, "A000"), Codes: action.Codes{Denial: []byte{1}}},
			{AID: aid, DDOL: unhex(t, "9A03"), TDOL: unhex(t, "9F"), Selection: risk.Selection{Target: 100}},
			{AID: aid, Data: unhex(t, "9F1B05")},
		},
	}, kernel.Env{}, contact.Parties{})
	var all *kernel.ConfigError
	if !errors.As(err, &all) {
		t.Fatal(err)
	}
	var got []string
	for _, f := range all.Faults {
		got = append(got, f.Path+" "+f.Code)
	}
	for _, want := range []string{
		"terminal.9F1A config.object_twice", "terminal.9F33 config.object_length", "cda_mode config.cda_mode",
		"applications[0].aid config.aid_length", "applications[0].tac_denial config.tac_length",
		"applications[0].data.9F35 config.object_missing", "applications[1].ddol config.ddol_un",
		"applications[1].tdol config.dol", "applications[1].target_percentage config.target_percentage",
		"applications[2].aid config.duplicate", "applications[2].data tlv.truncated", "env.clock config.clock",
		"env.rand config.rand",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not among %q", want, got)
		}
	}
	if _, err := contact.New(contact.Config{}, env(), contact.Parties{}); kernel.CodeOf(err) != "config.no_application" {
		t.Errorf("an empty configuration: %v", err)
	}
}
