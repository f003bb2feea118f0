//go:build !race

// Under the race detector sync.Pool, which math/big uses, drops what it holds: allocations then tell nothing.

package amex_test

import (
	"testing"

	"github.com/cardwright/emv/kernel"
)

// TestTapsAllocate holds that a whole transaction allocates nothing in either mode, three RSA operations included.
func TestTapsAllocate(t *testing.T) {
	bench.Allocations(t, "amex-offline", kernel.Approved, 0)
	bench.Allocations(t, "amex-sda", kernel.Approved, 0)
	bench.Allocations(t, "amex-credit", kernel.OnlineRequest, 0)
	bench.Allocations(t, "amex-plain", kernel.OnlineRequest, 0)
	bench.Allocations(t, "amex-magstripe", kernel.OnlineRequest, 0)
	bench.Allocations(t, "amex-phone", kernel.OnlineRequest, 0)
	bench.Allocations(t, "amex-declines", kernel.Declined, 0)
}

func BenchmarkTap(b *testing.B) { bench.Benchmark(b, "amex-plain", "amex-offline", "amex-magstripe") }
