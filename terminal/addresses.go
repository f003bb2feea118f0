package terminal

import (
	"cmp"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/cardwright/emv/terminal/pairing"
)

// machine lists the interfaces of the machine on which tills can dial a port that listens at HOST:PORT, best first.
func machine(at string) []Interface { return dialable(up(), at) }

// dialable keeps what leads to HOST:PORT. Where that is one address, tills are told of no other. Otherwise the loopback is
// there only where nothing else is: a terminal and a till on one machine without a network.
func dialable(list []Interface, at string) []Interface {
	host, _, _ := net.SplitHostPort(at)
	one, err := netip.ParseAddr(host)
	if err == nil && !one.IsUnspecified() {
		var kept []Interface
		for _, f := range list {
			f.Prefixes = slices.DeleteFunc(slices.Clone(f.Prefixes), func(p netip.Prefix) bool { return p.Addr() != one.Unmap() })
			if len(f.Prefixes) > 0 {
				kept = append(kept, f)
			}
		}
		return kept
	}
	if list = preferred(list); len(list) > 0 && list[0].Link != Loopback {
		list = slices.DeleteFunc(list, func(f Interface) bool { return f.Link == Loopback })
	}
	return list
}

// up lists the interfaces that are up and have an address that others can dial.
func up() []Interface {
	all, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var list []Interface
	for i := range all {
		n := &all[i]
		if n.Flags&net.FlagUp == 0 || n.Flags&net.FlagRunning == 0 {
			continue
		}
		own, err := n.Addrs()
		if err != nil {
			continue
		}
		f := Interface{Name: n.Name, Link: linkOf(n.Name)}
		if n.Flags&net.FlagLoopback != 0 {
			f.Link = Loopback
		}
		for _, a := range own {
			p, err := netip.ParsePrefix(a.String())
			if err == nil && !p.Addr().IsLinkLocalUnicast() && !p.Addr().IsMulticast() {
				f.Prefixes = append(f.Prefixes, netip.PrefixFrom(p.Addr().Unmap(), p.Bits()))
			}
		}
		if len(f.Prefixes) > 0 {
			list = append(list, f)
		}
	}
	return list
}

// preferred puts cables before radio, and everything before the loopback. S31
func preferred(list []Interface) []Interface {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Interface) int { return cmp.Compare(a.Link, b.Link) })
	return list
}

// linkOf tells a network by its name, as Linux gives them: eth0 and enp3s0 are cables, wlan0 and wlp2s0 radio, and
// whatever has a folder "wireless" is radio too.
func linkOf(name string) Link {
	if _, err := os.Stat(filepath.Join("/sys/class/net", filepath.Base(name), "wireless")); err == nil {
		return WiFi
	}
	switch {
	case strings.HasPrefix(name, "wl"), strings.HasPrefix(name, "ath"):
		return WiFi
	case strings.HasPrefix(name, "eth"), strings.HasPrefix(name, "en"):
		return Ethernet
	case name == "lo", strings.HasPrefix(name, "lo") && strings.Trim(name[2:], "0123456789") == "":
		return Loopback
	}
	return OtherLink
}

// addresses returns what can be dialled, in the order of the interfaces: of each, IPv4 before IPv6.
func addresses(list []Interface) (all []netip.Addr) {
	for _, f := range list {
		for _, is4 := range []bool{true, false} {
			for _, p := range f.Prefixes {
				if a := p.Addr().Unmap(); a.Is4() == is4 {
					all = append(all, a)
				}
			}
		}
	}
	return all
}

// dialled returns addresses with a port, as many as the protocol lets a terminal tell.
func dialled(all []netip.Addr, port uint16) []string {
	list := []string{}
	for _, a := range all {
		if len(list) == maxTold {
			break
		}
		list = append(list, net.JoinHostPort(a.WithZone("").String(), strconv.Itoa(int(port))))
	}
	return list
}

// maxTold is how many addresses a till is told.
const maxTold = 16

// networks returns the prefixes of the interfaces.
func networks(list []Interface) (all []netip.Prefix) {
	for _, f := range list {
		for _, p := range f.Prefixes {
			all = append(all, p.Masked())
		}
	}
	return all
}

// sameNetwork takes tills of the terminal's own networks, and those on this device.
func sameNetwork(interfaces func() []Interface) func(netip.Addr, []string) bool {
	neighbour := pairing.Neighbours(func() []netip.Prefix { return networks(interfaces()) })
	return func(remote netip.Addr, told []string) bool {
		return remote.Unmap().IsLoopback() || neighbour(remote, told)
	}
}
