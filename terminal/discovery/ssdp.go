package discovery

import (
	"errors"
	"net"
	"net/netip"
	"slices"

	"github.com/koron/go-ssdp"

	"github.com/cardwright/emv/terminal/session"
)

// ssdpWay is SSDP, UPnP Device Architecture 1.1, 1: multicast to 239.255.255.250:1900, IPv4.
type ssdpWay struct{}

// What an answer says besides. A terminal that moves is asked anew, so nobody has to remember an answer for longer than the
// least time of the specification.
const (
	ssdpServer = "POSIX/1 UPnP/1.1 cardwright/1"
	ssdpMaxAge = 1800 // seconds; UPnP Device Architecture 1.1, 1.2.2
	ssdpTTL    = 1    // the same network and no farther. PRODUCT S12
)

func (ssdpWay) name() string { return "ssdp" }

func (ssdpWay) begin(a *advert) (stop func(), err error) {
	if !slices.ContainsFunc(a.interfaces, func(i Interface) bool { return i.has4() }) {
		return func() {}, nil
	}
	var all []*ssdp.Advertiser
	stop = func() {
		for _, s := range all {
			_ = s.Bye() // who does not hear it finds out when it dials
			_ = s.Close()
		}
	}
	where := ssdp.LocationProviderFunc(func(from net.Addr, i *net.Interface) string {
		name := ""
		if i != nil {
			name = i.Name
		}
		var asker netip.Addr
		if u, ok := from.(*net.UDPAddr); ok {
			asker = u.AddrPort().Addr()
		}
		at := facing(a.now(), asker, name)
		if !at.IsValid() {
			return ""
		}
		return location(netip.AddrPortFrom(at, a.plain))
	})
	for _, id := range a.ids {
		s, err := ssdp.Advertise(session.Service, usn(id, a.session), where, ssdpServer, ssdpMaxAge, ssdp.TTL(ssdpTTL))
		if err != nil {
			stop()
			return nil, err
		}
		all = append(all, s)
		err = s.Alive()
		if err != nil && !errors.Is(err, net.ErrClosed) {
			continue // it is not announced, and answers all the same
		}
	}
	return stop, nil
}
