//go:build !race

// Under the race detector sync.Pool, which math/big uses, drops what it holds: allocations then tell nothing.

package mastercard_test

import (
	"testing"

	"github.com/cardwright/emv/kernel"
)

// TestTapsAllocate holds that a whole transaction allocates nothing, three RSA operations included.
func TestTapsAllocate(t *testing.T) { recorded.Allocations(t, "recorded", kernel.Approved, 0) }

func BenchmarkTap(b *testing.B) { recorded.Benchmark(b, "recorded") }
