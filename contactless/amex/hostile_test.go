package amex_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/testvectors/replay"
)

func FuzzHostileCard(f *testing.F) {
	real := bench.Tape(f, "amex-offline").Answers
	bench.Hostile(
		f, []string{"amex-offline", "amex-sda", "amex-plain", "amex-magstripe", "amex-phone"},
		replay.HostileScript(append(real[:7:7], unhex(f, "80124000019A9A9A9A9A9A9A9A06010103A000009000"))...),
		replay.HostileScript(real[0], real[1], unhex(f, "770A82021980940408FFFF009000")),
	)
}

func FuzzAlteredTap(f *testing.F) { bench.Altered(f, "amex-offline") }

func TestDriverErrorsAreErrors(t *testing.T) {
	bench.DriverErrors(t, "amex-offline")
	bench.DriverErrors(t, "amex-magstripe")
}

// TestRandomnessFails: mag-stripe mode draws a number of its own, and says so when it can't.
func TestRandomnessFails(t *testing.T) {
	options := &amex.Options{TAC: codes(), UNRange: new(uint8(0))}
	config := contactless.Config{
		Terminal: unhex(t, "9F1A020840 9F3303E0F8C8 9F350122"),
		Combinations: []contactless.Combination{{
			AID: unhex(t, "A00000002501"), Kernel: kernel.Amex, Options: options,
		}},
	}
	spent := &spending{left: 4} // the entry point's number, and no more
	terminal, err := contactless.New(config, kernel.Env{Clock: kerneltest.Today, Rand: spent}, amex.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := terminal.Transact(context.Background(), kerneltest.NewCard(t, "amex-magstripe"), small); !errors.Is(err, errSpent) {
		t.Errorf("%v", err)
	}
}

var errSpent = errors.New("no randomness left")

// spending has so many bytes and no more.
type spending struct{ left int }

func (s *spending) Read(b []byte) (int, error) {
	if len(b) > s.left {
		return 0, errSpent
	}
	s.left -= len(b)
	return kerneltest.Repeat{}.Read(b)
}
