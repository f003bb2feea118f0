package pay

import (
	"testing"

	"github.com/cardwright/emv/kernel"
)

// TestIssuerDecidedBeforeTheCardLeft: a card of JCB that does not take what the issuer has for it ends its application, and
// the issuer's decision stands (C-5, 3.11).
func TestIssuerDecidedBeforeTheCardLeft(t *testing.T) {
	for _, c := range []struct {
		name     string
		card     string
		fault    string
		arc      [2]byte
		approved bool
	}{
		{"refused by the card, approved", "jcb-issuer-update", "sw=6985@11", [2]byte{'0', '0'}, true},
		{"refused by the card, declined", "jcb-issuer-update", "sw=6985@11", [2]byte{'5', '1'}, false},
		{"the card is gone", "jcb-issuer-hold", "removed@10", [2]byte{'0', '0'}, true},
		{"held and done", "jcb-issuer-hold", "", [2]byte{'0', '0'}, true},
	} {
		o := order(t, c.card)
		o.ARC = c.arc
		if c.fault != "" {
			o.Faults = []string{c.fault}
		}
		r, _, err := account(t, o)
		if err != nil || r.Approved != c.approved || (r.Outcome == kernel.Approved.String()) != c.approved {
			t.Errorf("%s: approved %v, %s because of %+v, %v", c.name, r.Approved, r.Outcome, r.Reason, err)
		}
		last := r.Outcomes[len(r.Outcomes)-1]
		if want := kernel.EndApplication.String(); c.fault != "" && last.Outcome != want {
			t.Errorf("%s: the kernel's outcome is %s, want %s", c.name, last.Outcome, want)
		}
		if r.IdleFault != nil {
			t.Errorf("%s: faults %v had no effect", c.name, r.IdleFault)
		}
	}
}
