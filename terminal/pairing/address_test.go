package pairing

import (
	"net/netip"
	"testing"
)

// What a person is told to type is what the till dials; the port is typed only where it is not the usual one.
func TestAddressToType(t *testing.T) {
	for target, want := range map[string]string{
		"192.168.1.20:27000":    "192.168.1.20",
		"192.168.1.20:27099":    "192.168.1.20:27099",
		"[2001:db8::20]:27000":  "2001:db8::20",
		"[2001:db8::20]:270":    "[2001:db8::20]:270",
		"[2001:db8::270]:27000": "2001:db8::270",
	} {
		got := addressOf(netip.MustParseAddrPort(target))
		if got != want {
			t.Errorf("%s: to type is %s, want %s", target, got, want)
		}
		if back, ok := targetOf(got); !ok || back != target {
			t.Errorf("%s is dialled as %s", got, back)
		}
	}
}
