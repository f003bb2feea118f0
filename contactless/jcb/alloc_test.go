//go:build !race

// Under the race detector sync.Pool, which math/big uses, drops what it holds: allocations then tell nothing.

package jcb_test

import (
	"testing"

	"github.com/cardwright/emv/kernel"
)

// TestTapsAllocate holds that a whole transaction allocates nothing, with three RSA operations or without.
func TestTapsAllocate(t *testing.T) {
	for _, profile := range []string{"jcb-plain", "jcb-legacy", "jcb-magstripe"} {
		bench.Allocations(t, profile, kernel.OnlineRequest, 0)
	}
	bench.Allocations(t, "jcb-offline", kernel.Approved, 0)
}

func BenchmarkTap(b *testing.B) { bench.Benchmark(b, "jcb-plain", "jcb-offline", "jcb-legacy") }
