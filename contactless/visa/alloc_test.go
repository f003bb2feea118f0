//go:build !race

// Under the race detector sync.Pool, which math/big uses, drops what it holds: allocations then tell nothing.

package visa_test

import (
	"testing"

	"github.com/cardwright/emv/kernel"
)

// TestTapsAllocate holds that a whole transaction allocates nothing, three RSA operations included.
func TestTapsAllocate(t *testing.T) {
	recordedOnline.Allocations(t, "recorded-online", kernel.OnlineRequest, 0)
	recordedOffline.Allocations(t, "recorded-offline", kernel.Approved, 0)
	bench.Allocations(t, "visa-offline", kernel.Approved, 0)
	bench.Allocations(t, "visa-phone", kernel.OnlineRequest, 0)
}

func BenchmarkTap(b *testing.B) {
	recordedOnline.Benchmark(b, "recorded-online")
	recordedOffline.Benchmark(b, "recorded-offline")
}
