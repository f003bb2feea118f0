package contact_test

import (
	"context"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// clock stands still.
type clock struct{ now time.Time }

func (c clock) Now() time.Time              { return c.now }
func (clock) Since(time.Time) time.Duration { return 0 }

// repeat is a source of randomness that gives the unpredictable number 11223344 for ever.
type repeat struct{}

func (repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i%4+1) * 0x11
	}
	return len(p), nil
}

func env() kernel.Env {
	return kernel.Env{Clock: clock{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}, Rand: repeat{}}
}

func config(t testing.TB) contact.Config {
	return contact.Config{
		Terminal: unhex(t, "9F1A020840 9F3303E0F8C8 9F350122 9F40056000F0A001"),
		Applications: []contact.Application{
			{AID: unhex(t, "A0000000031010"), Partial: true, Data: unhex(t, "9F1B0400002710 9F0902008C")},
			{AID: unhex(t, "A0000000041010")},
		},
	}
}

func newTerminal(t testing.TB, e kernel.Env, with contact.Parties) *contact.Terminal {
	t.Helper()
	terminal, err := contact.New(config(t), e, with)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

// host answers every request in the same way.
type host kernel.OnlineAnswer

func (h *host) Authorise(context.Context, kernel.Objects) (kernel.OnlineAnswer, error) {
	return kernel.OnlineAnswer(*h), nil
}

func approving(t testing.TB) *host {
	return &host{ARC: [2]byte{'0', '0'}, IssuerAuth: unhex(t, "11223344556677883030"), Scripts: unhex(t, "7112 9F180401020304 86098418000004AABBCCDD")}
}
