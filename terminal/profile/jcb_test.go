package profile_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless/jcb"
	"github.com/cardwright/emv/tlv"
)

// TestJCB: limits of cards are the kernel's, and the entry point has none that would stop a phone; the torn log is one for a
// reader and another for the next reader.
func TestJCB(t *testing.T) {
	for country, want := range map[string]struct {
		limit uint64 // 0 is none
		tip   string
	}{"AU": {0, "738000"}, "CA": {250_01, "538000"}, "GB": {100_01, "538000"}, "US": {0, "728000"}} {
		p := builtin(t, country)
		config := p.Contactless(jcb.Kernel)
		if len(config.Combinations) != 1 {
			t.Fatalf("%s: %d combinations", country, len(config.Combinations))
		}
		c := config.Combinations[0]
		if tip, _ := tlv.Find(c.Data, 0x9F53); !bytes.Equal(tip, unhex(t, want.tip)) {
			t.Errorf("%s: Terminal Interchange Profile %X", country, tip)
		}
		o, ok := c.Options.(*jcb.Options)
		if !ok {
			t.Fatalf("%T", c.Options)
		}
		if (o.Limit != nil) != (want.limit != 0) || o.Limit != nil && *o.Limit != want.limit || o.LimitOnDevice != nil || c.Limits.Transaction != nil {
			t.Errorf("%s: limits %v, %v and %v", country, o.Limit, o.LimitOnDevice, c.Limits.Transaction)
		}
		if o.Combination == nil || *o.Combination != (jcb.CombinationOptions{0x63, 0x00}) || o.TornLifetime != 60*time.Second || o.Torn == nil {
			t.Errorf("%s: %+v", country, o)
		}
		if len(o.TAC.Denial) != 5 || len(o.TAC.Online) != 5 || len(o.TAC.Default) != 5 {
			t.Errorf("%s: action codes %+v", country, o.TAC)
		}
		again, _ := p.Contactless(jcb.Kernel).Combinations[0].Options.(*jcb.Options)
		if again == o || again.Torn == o.Torn {
			t.Errorf("%s: two readers share their options or their torn log", country)
		}
	}
}
