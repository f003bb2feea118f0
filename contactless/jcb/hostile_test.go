package jcb_test

import (
	"context"
	"slices"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/testvectors/replay"
)

// FuzzHostileCard has taps among its seeds in which the card leaves with its cryptogram and comes back, where ECHO gives what
// it owes or nothing.
func FuzzHostileCard(f *testing.F) {
	real := bench.Tape(f, "jcb-offline").Answers
	n := len(real)
	torn := append(replay.HostileScript(real[:n-1]...), 0xFF, 0xF1)
	back := replay.HostileScript(real[0], real[1], real[n-1], real[2], real[3], real[4], real[5], real[6], real[7])
	empty := replay.HostileScript(real[0], real[1], []byte{0x69, 0x85}, real[2], real[3])
	bench.Hostile(f, []string{
		"jcb-offline", "jcb-credit", "jcb-plain", "jcb-legacy", "jcb-magstripe", "jcb-phone-always", "jcb-issuer-update",
		"jcb-issuer-hold", "jcb-switch",
	}, slices.Concat(torn, back), slices.Concat(torn, empty), replay.HostileScript(real[0], real[1], []byte{0x62, 0x00}))
}

func FuzzAlteredTap(f *testing.F) { bench.Altered(f, "jcb-offline") }

func TestDriverErrorsAreErrors(t *testing.T) {
	for _, profile := range []string{"jcb-offline", "jcb-legacy", "jcb-magstripe"} {
		bench.DriverErrors(t, profile)
	}
}

// TestCodesThatAllowEverything: no action codes of an acquirer let a card without CDA be approved offline (C-5, 3.7.5).
func TestCodesThatAllowEverything(t *testing.T) {
	zero := make([]byte, 5)
	for _, kind := range []string{"22", "23", "25", "26"} {
		terminal := shop(t, func(g *given) {
			g.options.TAC.Denial, g.options.TAC.Online, g.options.TAC.Default = zero, zero, zero
			g.combine.Data = append(g.combine.Data, unhex(t, "9F3501"+kind)...)
		}, nil)
		out, err := terminal.Transact(context.Background(), kerneltest.NewCard(t, "jcb-plain"), small)
		if err != nil || out.Kind == kernel.Approved {
			t.Errorf("type %s: %v, %v", kind, out.Kind, err)
		}
	}
}
