//go:build !race

// Under the race detector sync.Pool, which math/big uses, drops what it holds: allocations then tell nothing.

package interac_test

import (
	"testing"

	"github.com/cardwright/emv/kernel"
)

// TestTapsAllocate holds that a whole transaction allocates nothing, three RSA operations included.
func TestTapsAllocate(t *testing.T) {
	bench.Allocations(t, "interac-plain", kernel.OnlineRequest, 0)
	bench.Allocations(t, "interac-phone", kernel.OnlineRequest, 0)
	bench.Allocations(t, "interac-declines", kernel.TryAnotherInterface, 0)
	bench.Allocations(t, "interac-offline", kernel.Approved, 0)
}

func BenchmarkTap(b *testing.B) { bench.Benchmark(b, "interac-plain", "interac-offline") }
