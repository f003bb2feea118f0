//go:build !race

// Under the race detector sync.Pool, which math/big uses, drops what it holds: allocations then tell nothing.

package visa_test

import (
	"context"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
)

// TestRecordedTapsAllocate holds that a whole transaction allocates nothing, three RSA operations included.
func TestRecordedTapsAllocate(t *testing.T) {
	for _, c := range []struct {
		name  string
		card  *replay.Tape
		tx    kernel.Transaction
		day   time.Time
		limit float64
	}{
		{"online", onlineTape(t), online, onlineDay, 0},
		{"offline", offlineTape(t), offline, offlineDay, 0},
	} {
		terminal := recordedTerminal(t, c.day)
		n := testing.AllocsPerRun(100, func() {
			if _, err := terminal.Transact(context.Background(), c.card, c.tx); err != nil {
				t.Fatal(err)
			}
		})
		t.Logf("%s: %v allocations", c.name, n)
		if n > c.limit {
			t.Errorf("%s: %v allocations, want at most %v", c.name, n, c.limit)
		}
	}
}
