//go:build !race

package risk_test

import (
	"context"
	"testing"

	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// TestAllocations holds that the stage allocates nothing but the byte that it draws.
func TestAllocations(t *testing.T) {
	in := input(t, 0x31, &counters{})
	objects := tlv.Append(tlv.Append(nil, 0x9F14, []byte{3}), 0x9F23, []byte{5})
	n := testing.AllocsPerRun(100, func() {
		in.Data.Reset(dict.Common)
		if err := in.Data.Load(objects); err != nil {
			t.Fatal(err)
		}
		if err := risk.Perform(context.Background(), in); err != nil {
			t.Fatal(err)
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}
