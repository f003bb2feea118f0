//go:build !race

// Under the race detector sync.Pool, which math/big uses, drops what it holds: allocations then tell nothing.

package interac_test

import (
	"testing"

	"github.com/cardwright/emv/kernel"
)

// TestTapsAllocate holds that a whole transaction allocates nothing when it goes online, and with three RSA operations no
// more than what crypto/cert makes of the pieces of a transaction data hash: they are handed on in a way that moves their
// list to the heap.
func TestTapsAllocate(t *testing.T) {
	bench.Allocations(t, "interac-plain", kernel.OnlineRequest, 0)
	bench.Allocations(t, "interac-phone", kernel.OnlineRequest, 0)
	bench.Allocations(t, "interac-declines", kernel.TryAnotherInterface, 0)
	bench.Allocations(t, "interac-offline", kernel.Approved, 1)
}

func BenchmarkTap(b *testing.B) { bench.Benchmark(b, "interac-plain", "interac-offline") }
