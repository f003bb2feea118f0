package discovery

import (
	"net"
	"net/netip"
	"testing"
)

// networks are those of a device with cable and Wi-Fi.
func networks() []Interface {
	of := func(index int, name string, addrs ...string) Interface {
		i := Interface{Interface: net.Interface{Index: index, Name: name}}
		for _, a := range addrs {
			i.Addrs = append(i.Addrs, netip.MustParsePrefix(a))
		}
		return i
	}
	return []Interface{
		of(2, "eth0", "10.0.0.2/24", "10.1.0.2/16", "2001:db8::2/64"),
		of(3, "wlan0", "192.168.1.2/26", "fe80::2/64"),
		of(4, "usb0", "10.9.9.1/31"),
	}
}

func TestAttachedAddresses(t *testing.T) {
	for a, want := range map[string]bool{
		"10.0.0.9": true, "10.1.255.1": true, "192.168.1.63": false /* broadcast */, "192.168.1.62": true,
		"192.168.1.64": false, "10.0.0.255": false, "10.0.1.1": false, "8.8.8.8": false, "127.0.0.1": false, "0.0.0.0": false,
		"224.0.0.251": false, "255.255.255.255": false, "::ffff:10.0.0.9": true, "10.9.9.0": true,
		"2001:db8::9": true, "2001:db8:1::9": false, "::1": false, "::": false, "ff02::fb": false,
		"fe80::9": false, "fe80::9%wlan0": true, "fe80::9%eth0": false, "fe80::9%3": false,
	} {
		if got := attached(networks(), netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: %v", a, got)
		}
	}
	if attached(networks(), netip.Addr{}) {
		t.Error("no address")
	}
}

func TestBroadcast(t *testing.T) {
	for p, want := range map[string]string{
		"10.0.0.2/24": "10.0.0.255", "10.1.0.2/16": "10.1.255.255", "192.168.1.2/26": "192.168.1.63", "10.0.0.1/30": "10.0.0.3",
		"10.0.0.0/31": "invalid IP", "10.0.0.1/32": "invalid IP", "2001:db8::2/64": "invalid IP", "10.0.0.1/0": "255.255.255.255",
	} {
		if got := broadcast(netip.MustParsePrefix(p)).String(); got != want {
			t.Errorf("%s: %s", p, got)
		}
	}
}

func TestFacing(t *testing.T) {
	for _, c := range []struct{ from, name, want string }{
		{"10.0.0.9", "", "10.0.0.2"},
		{"10.1.7.7", "", "10.1.0.2"},
		{"::ffff:192.168.1.9", "", "192.168.1.2"},
		{"", "wlan0", "192.168.1.2"},
		{"", "eth0", "10.0.0.2"},
		{"", "tun0", "invalid IP"},
		{"8.8.8.8", "", "invalid IP"},
		{"2001:db8::9", "", "invalid IP"}, // SSDP is IPv4 here
		{"", "", "invalid IP"},
	} {
		from, _ := netip.ParseAddr(c.from)
		if got := facing(networks(), from, c.name).String(); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// Loopback is no network in which a terminal is found.
func TestAttachedLeavesLoopbackOut(t *testing.T) {
	for _, i := range Attached() {
		if i.Flags&net.FlagLoopback != 0 || len(i.Addrs) == 0 {
			t.Errorf("%+v", i)
		}
	}
}
