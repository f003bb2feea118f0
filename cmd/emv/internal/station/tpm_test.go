//go:build !windows

package station_test

import (
	"path/filepath"
	"testing"

	"github.com/cardwright/emv/cmd/emv/internal/setup"
	"github.com/cardwright/emv/cmd/emv/internal/station"
	"github.com/cardwright/emv/crypto/keystore/keystoretest"
	"github.com/cardwright/emv/terminal"
)

// TestKeysInATPM makes a store in a TPM at the first start and finds it at the second.
func TestKeysInATPM(t *testing.T) {
	chip := keystoretest.StartSWTPM(t)
	o := station.Options{Setup: anywhere(t, filepath.Join(t.TempDir(), "state"))}
	o.Setup.Keystore = &setup.Keystore{Provider: "tpm", TPM: chip.Path}
	var public string
	for range 2 {
		run(t, o, func(s *station.Station, _ terminal.Addresses) {
			if !s.Keys.Hardware() {
				t.Error("the keys are not in hardware")
			}
			list, err := s.Keys.List()
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range list {
				if i.Label != "device" {
					continue
				}
				if public != "" && string(i.Public) != public {
					t.Error("another device key")
				}
				public = string(i.Public)
			}
		})
	}
	if public == "" {
		t.Error("there is no device key")
	}
}
