package profile_test

import (
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/discover"
)

// TestDiscover: both applications in the USA, one elsewhere; each combination with options of its own.
func TestDiscover(t *testing.T) {
	for country, want := range map[string][]string{
		"US": {"A0000001523010", "A0000001524010"}, "AU": {"A0000001523010"}, "CA": {"A0000001523010"}, "GB": {"A0000001523010"},
		"IE": {"A0000001523010"},
	} {
		p := builtin(t, country)
		config := p.Contactless(discover.Kernel)
		if len(config.Combinations) != len(want) {
			t.Fatalf("%s: %d combinations", country, len(config.Combinations))
		}
		for i, c := range config.Combinations {
			o, ok := c.Options.(*discover.Options)
			if !ok || *o != (discover.Options{}) {
				t.Errorf("%s: %T %+v", country, c.Options, c.Options)
			}
			if c.AID.String() != want[i] || c.TTQ == nil || contactless.TTQMagstripe.In(c.TTQ[:]) || !contactless.TTQEMVMode.In(c.TTQ[:]) {
				t.Errorf("%s: %v, %X", country, c.AID, c.TTQ)
			}
		}
		if again := p.Contactless(discover.Kernel).Combinations[0].Options; again == config.Combinations[0].Options {
			t.Error("two configurations share their options")
		}
	}
}
