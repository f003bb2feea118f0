package discovery

import (
	"io"
	"log"
	"net"

	"github.com/hashicorp/mdns"
)

// dnssdWay is DNS-SD over multicast DNS, RFC 6763 and RFC 6762: 224.0.0.251:5353 and ff02::fb. Each interface has servers
// of its own, which tell that interface's addresses only, and each till has one: the library's client sees one instance in
// a datagram.
type dnssdWay struct{}

func (dnssdWay) name() string { return "dns-sd" }

// quiet is for what libraries print.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func (dnssdWay) begin(a *advert) (stop func(), err error) {
	var all []*mdns.Server
	stop = func() {
		for _, s := range all {
			_ = s.Shutdown()
		}
	}
	for n := range a.interfaces[:min(len(a.interfaces), maxInterfaces)] {
		for _, id := range a.ids {
			s, err := a.server(id, n)
			if err != nil {
				stop()
				return nil, err
			}
			all = append(all, s)
		}
	}
	return stop, nil
}

func (a *advert) server(id string, n int) (*mdns.Server, error) {
	s, err := a.service(id, n)
	if err != nil {
		return nil, err
	}
	return mdns.NewServer(&mdns.Config{Zone: s, Iface: &a.interfaces[n].Interface, Logger: quiet()})
}

// service names instance and host after the presence id: the machine's own name does not come into it.
func (a *advert) service(id string, n int) (*mdns.MDNSService, error) {
	var ips []net.IP
	for _, p := range a.interfaces[n].Addrs {
		ips = append(ips, p.Addr().AsSlice())
	}
	name := instance(id, n)
	return mdns.NewMDNSService(name, Service, domain+".", name+"."+domain+".", int(a.session), ips, []string{"txtvers=1"})
}
