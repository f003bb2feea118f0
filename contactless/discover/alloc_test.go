//go:build !race

// Under the race detector sync.Pool, which math/big uses, drops what it holds: allocations then tell nothing.

package discover_test

import (
	"context"
	"testing"
)

// TestTapsAllocate holds that a whole transaction allocates nothing, three RSA operations included.
func TestTapsAllocate(t *testing.T) {
	for _, profile := range []string{"discover-credit", "discover-debit", "discover-offline", "discover-phone", "discover-magstripe"} {
		tape, terminal := tapeOf(t, profile), shop(t, nil)
		n := testing.AllocsPerRun(100, func() {
			if _, err := terminal.Transact(context.Background(), tape, small); err != nil {
				t.Fatal(err)
			}
		})
		if n > 0 {
			t.Errorf("%s: %v allocations", profile, n)
		}
	}
}
