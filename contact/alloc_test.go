package contact_test

import (
	"context"
	"testing"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
)

// played answers in order, without memory of its own.
type played struct {
	answers [][]byte
	at      int
}

func (p *played) Transmit(_ context.Context, dst, _ []byte) ([]byte, error) {
	dst = append(dst, p.answers[p.at]...)
	p.at++
	return dst, nil
}

// quiet is exposed without anybody listening.
func quiet(t testing.TB, with contact.Parties) *contact.Terminal {
	t.Helper()
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	e := env()
	e.CAPKs = keys
	c := config(t)
	c.NoPSE = true
	c.Applications = c.Applications[:1]
	c.Applications[0].Partial = false
	c.Applications[0].Codes.Online = unhex(t, "DC40BC9800")
	c.Applications[0].Codes.Default = unhex(t, "DC40BC8000")
	terminal, err := contact.New(c, e, with)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

// TestTransactionDoesNotAllocate: whole transactions, from selection to completion.
func TestTransactionDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, c := range []struct {
		id   string
		kind kernel.Kind
	}{
		{"sda", kernel.ApprovedOffline},
		{"dda", kernel.ApprovedOffline},
		{"cda", kernel.ApprovedOffline},
		{"online-issuer-auth", kernel.ApprovedOnline},
	} {
		_, answers := exchanges(t, c.id)
		h := approving(t)
		h.Scripts = nil
		terminal := quiet(t, contact.Parties{Host: h})
		card := &played{answers: answers}
		run := func() {
			card.at = 0
			out, err := terminal.Transact(context.Background(), card, purchase)
			if err != nil || out.Kind != c.kind {
				t.Fatalf("%s: %v because of %v, %v", c.id, out.Kind, out.Why, err)
			}
		}
		run()
		if n := testing.AllocsPerRun(20, run); n != 0 {
			t.Errorf("%s: %v allocations", c.id, n)
		}
	}
}

func BenchmarkTransaction(b *testing.B) {
	for _, id := range []string{"online-issuer-auth", "dda", "cda"} {
		b.Run(id, func(b *testing.B) {
			_, answers := exchanges(b, id)
			h := approving(b)
			h.Scripts = nil
			terminal := quiet(b, contact.Parties{Host: h})
			card := &played{answers: answers}
			b.ReportAllocs()
			for b.Loop() {
				card.at = 0
				if _, err := terminal.Transact(context.Background(), card, purchase); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
