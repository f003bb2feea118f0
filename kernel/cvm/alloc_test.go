//go:build !race

package cvm_test

import (
	"context"
	"testing"

	"github.com/cardwright/emv/kernel/cvm"
)

// TestAllocations holds that the stage allocates nothing where no PIN is asked for.
func TestAllocations(t *testing.T) {
	in := input(t, nil, answers{0x6D, 0}, nil, 0x42, 0x01, 0x41, 0x00, 0x5E, 0x06, 0x1F, 0x03)
	n := testing.AllocsPerRun(100, func() {
		if r, err := cvm.Perform(context.Background(), in); err != nil || !r.NoCVM {
			t.Fatal(r, err)
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}
