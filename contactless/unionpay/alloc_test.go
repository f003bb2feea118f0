//go:build !race

// Under the race detector sync.Pool, which math/big uses, drops what it holds: allocations then tell nothing.

package unionpay_test

import (
	"testing"

	"github.com/cardwright/emv/kernel"
)

// TestTapsAllocate holds that a whole transaction allocates nothing, three RSA operations included.
func TestTapsAllocate(t *testing.T) {
	for _, profile := range []string{"unionpay-credit", "unionpay-debit", "unionpay-minimal", "unionpay-phone"} {
		bench.Allocations(t, profile, kernel.OnlineRequest, 0)
	}
	for _, profile := range []string{"unionpay-offline", "unionpay-cash", "unionpay-purse"} {
		bench.Allocations(t, profile, kernel.Approved, 0)
	}
}

func BenchmarkTap(b *testing.B) {
	bench.Benchmark(b, "unionpay-credit", "unionpay-phone", "unionpay-offline")
}
