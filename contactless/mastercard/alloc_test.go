//go:build !race

// Under the race detector sync.Pool, which math/big uses, drops what it holds: allocations then tell nothing.

package mastercard_test

import (
	"context"
	"testing"
)

// limit is what crypto/cert makes of the pieces of a transaction data hash: they are handed on in a way that moves their list
// to the heap.
const limit = 1

// TestRecordedTapAllocates holds that a whole transaction, three RSA operations included, allocates no more than that.
func TestRecordedTapAllocates(t *testing.T) {
	card, terminal := offlineTape(t), recordedTerminal(t, nil)
	n := testing.AllocsPerRun(100, func() {
		if _, err := terminal.Transact(context.Background(), card, offline); err != nil {
			t.Fatal(err)
		}
	})
	if n > limit {
		t.Errorf("%v allocations", n)
	}
}
