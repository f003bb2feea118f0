//go:build !race

// Under the race detector sync.Pool, which math/big uses, drops what it holds: allocations then tell nothing.

package discover_test

import (
	"testing"

	"github.com/cardwright/emv/kernel"
)

// TestTapsAllocate holds that a whole transaction allocates nothing, three RSA operations included.
func TestTapsAllocate(t *testing.T) {
	for _, profile := range []string{"discover-credit", "discover-debit", "discover-phone", "discover-magstripe"} {
		bench.Allocations(t, profile, kernel.OnlineRequest, 0)
	}
	bench.Allocations(t, "discover-offline", kernel.Approved, 0)
}

func BenchmarkTap(b *testing.B) {
	bench.Benchmark(b, "discover-credit", "discover-offline", "discover-magstripe")
}
