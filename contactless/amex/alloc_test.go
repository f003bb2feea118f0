//go:build !race

// Under the race detector sync.Pool, which math/big uses, drops what it holds: allocations then tell nothing.

package amex_test

import (
	"context"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
)

// recorder notes what a card is asked and what it answers.
type recorder struct {
	reader
	tape *replay.Tape
}

func (r recorder) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	answer, err := r.reader.Transmit(ctx, nil, command)
	r.tape.Commands = append(r.tape.Commands, append([]byte(nil), command...))
	r.tape.Answers = append(r.tape.Answers, append([]byte(nil), answer...))
	return append(dst, answer...), err
}

// tapeOf records a simulated card in a tap of 12.50: the same terminal with the same card sends the same commands.
func tapeOf(t testing.TB, profile string) *replay.Tape {
	t.Helper()
	r := recorder{newCard(t, profile), new(replay.Tape)}
	tap(t, shop(t, nil, nil), r, 1250)
	return r.tape
}

var small = kernel.Transaction{Amount: 1250, Currency: 840}

// TestTapsAllocate holds that a whole transaction allocates nothing in either mode, three RSA operations included.
func TestTapsAllocate(t *testing.T) {
	for _, c := range []struct {
		profile string
		kind    kernel.Kind
	}{
		{"amex-offline", kernel.Approved},
		{"amex-sda", kernel.Approved},
		{"amex-credit", kernel.OnlineRequest},
		{"amex-plain", kernel.OnlineRequest},
		{"amex-magstripe", kernel.OnlineRequest},
		{"amex-phone", kernel.OnlineRequest},
		{"amex-declines", kernel.Declined},
	} {
		terminal, tape := shop(t, nil, nil), tapeOf(t, c.profile)
		n := testing.AllocsPerRun(50, func() {
			if out, err := terminal.Transact(context.Background(), tape, small); err != nil || out.Kind != c.kind {
				t.Fatal(out.Kind, out.Why, err)
			}
		})
		if n > 0 {
			t.Errorf("%s: %v allocations", c.profile, n)
		}
	}
}

// BenchmarkTap runs whole taps without a reader: the time is the kernel's and the entry point's.
func BenchmarkTap(b *testing.B) {
	for _, profile := range []string{"amex-plain", "amex-offline", "amex-magstripe"} {
		b.Run(profile, func(b *testing.B) {
			terminal, tape := shop(b, nil, nil), tapeOf(b, profile)
			b.ReportAllocs()
			for b.Loop() {
				if out, err := terminal.Transact(context.Background(), tape, small); err != nil || !out.Kind.Final() {
					b.Fatal(out.Kind, err)
				}
			}
		})
	}
}
