package profile_test

import (
	"testing"

	"github.com/cardwright/emv/contactless/interac"
)

// TestInterac: Canada's 250.00 are a limit of cards. The most that a file accepts is one less than the least that the kernel
// does not, and the entry point has no limit that would stop a phone.
func TestInterac(t *testing.T) {
	p := builtin(t, "CA")
	config := p.Contactless(interac.Kernel)
	if len(config.Combinations) != 1 {
		t.Fatalf("%d combinations", len(config.Combinations))
	}
	c := config.Combinations[0]
	o, ok := c.Options.(*interac.Options)
	if !ok {
		t.Fatalf("%T", c.Options)
	}
	if o.Limit == nil || *o.Limit != 250_01 || o.LimitOnDevice != nil || c.Limits.Transaction != nil {
		t.Errorf("limits %v, %v and %v", o.Limit, o.LimitOnDevice, c.Limits.Transaction)
	}
	if o.Retries != 3 || len(o.TAC.Denial) != 5 || len(o.TAC.Online) != 5 || len(o.TAC.Default) != 5 {
		t.Errorf("%+v", o)
	}
	if again := p.Contactless(interac.Kernel).Combinations[0].Options; again == c.Options {
		t.Error("two configurations share their options")
	}
}
