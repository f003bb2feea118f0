package discovery

import (
	"net"
	"net/netip"
	"slices"
)

// Interface is one over which others in the same network can be reached.
type Interface struct {
	net.Interface
	Addrs []netip.Prefix // its own addresses, each with the length of its network's prefix
}

// maxInterfaces bounds what is looked at.
const maxInterfaces = 16

// Attached returns the interfaces of this machine that are up, have an address and can multicast, without loopback and
// tunnels. Where the system does not tell it returns none: a program that knows them otherwise gives its own.
func Attached() (all []Interface) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagMulticast == 0 || i.Flags&(net.FlagLoopback|net.FlagPointToPoint) != 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		own := Interface{Interface: i}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && !p.Addr().IsUnspecified() {
				own.Addrs = append(own.Addrs, p)
			}
		}
		if len(own.Addrs) > 0 && len(all) < maxInterfaces {
			all = append(all, own)
		}
	}
	return all
}

// has4 and has6 report what an interface can speak.
func (i *Interface) has4() bool {
	return slices.ContainsFunc(i.Addrs, func(p netip.Prefix) bool { return p.Addr().Is4() })
}

func (i *Interface) has6() bool {
	return slices.ContainsFunc(i.Addrs, func(p netip.Prefix) bool { return p.Addr().Is6() })
}

// attached reports whether an address belongs to a host on one of the networks.
func attached(interfaces []Interface, a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a.Is6() && a.IsLinkLocalUnicast() && a.Zone() == "" {
		return false
	}
	for _, i := range interfaces {
		if a.Zone() != "" && a.Zone() != i.Name {
			continue
		}
		for _, p := range i.Addrs {
			if p.Contains(a.WithZone("")) && a != broadcast(p) {
				return true
			}
		}
	}
	return false
}

// broadcast is the address of all hosts in an IPv4 network; none for IPv6, and for networks of one or two.
func broadcast(p netip.Prefix) netip.Addr {
	if !p.Addr().Is4() || p.Bits() > 30 {
		return netip.Addr{}
	}
	b := p.Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}

// facing returns the own address in the network that an address is of, the first of the interface if it is of none, and
// the zero Addr if the interface is not one of them. One of from and name is given.
func facing(interfaces []Interface, from netip.Addr, name string) netip.Addr {
	from = from.Unmap().WithZone("")
	for _, i := range interfaces {
		for _, p := range i.Addrs {
			if p.Addr().Is4() && (from.IsValid() && p.Contains(from) || name != "" && name == i.Name) {
				return p.Addr()
			}
		}
	}
	return netip.Addr{}
}
