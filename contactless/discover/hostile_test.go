package discover_test

import (
	"testing"

	"github.com/cardwright/emv/testvectors/replay"
)

func FuzzHostileCard(f *testing.F) {
	// The second form of the dynamic code, behind padding.
	stripe := bench.Tape(f, "discover-magstripe").Answers
	bench.Hostile(f, []string{
		"discover-offline", "discover-credit", "discover-debit", "discover-loyalty", "discover-magstripe", "discover-zip",
		"diners-magstripe", "discover-switch",
	}, replay.HostileScript(
		stripe[0], stripe[1], stripe[2], unhex(f, "701C 5714 6011990001010012D4912201000000000000000F 00 9F8003313233 9000"),
	))
}

func FuzzAlteredTap(f *testing.F) { bench.Altered(f, "discover-offline") }

func TestDriverErrorsAreErrors(t *testing.T) { bench.DriverErrors(t, "discover-offline") }
