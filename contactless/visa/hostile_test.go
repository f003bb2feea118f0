package visa_test

import (
	"testing"

	"github.com/cardwright/emv/testvectors/replay"
)

func FuzzHostileCard(f *testing.F) {
	bench.Hostile(
		f, []string{"visa-offline", "visa-sda", "visa-credit", "visa-phone-locked", "visa-issuer-update", "visa-select-next"},
		replay.HostileScript(onlineTape(f).Answers...), replay.HostileScript(offlineTape(f).Answers...),
	)
}

func FuzzAlteredTap(f *testing.F) { recordedOffline.Altered(f, "recorded-offline") }

func TestDriverErrorsAreErrors(t *testing.T) {
	bench.DriverErrors(t, "visa-offline")
	recordedOffline.DriverErrors(t, "recorded-offline")
}
