package discovery

import (
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/mdns"
	"github.com/koron/go-ssdp"

	"github.com/cardwright/emv/terminal/session"
)

// searchSSDP sends an M-SEARCH on all interfaces. UPnP Device Architecture 1.1, 1.3.2. A network that can't be asked is
// asked again in the next round.
func searchSSDP(found func(answer)) {
	services, _ := ssdp.Search(session.Service, int(SearchTime/time.Second), "", ssdp.TTL(ssdpTTL))
	for _, s := range services {
		if a, ok := readSSDP(s.Type, s.USN, s.Location); ok {
			found(a)
		}
	}
}

// readSSDP reads an answer to an M-SEARCH. UPnP Device Architecture 1.1, 1.3.3
func readSSDP(service, usn, location string) (answer, bool) {
	id, port, ok := readUSN(usn)
	if !ok || service != session.Service {
		return answer{}, false
	}
	at, ok := readLocation(location)
	return answer{id, []netip.AddrPort{netip.AddrPortFrom(at, port)}}, ok
}

// queryDNSSD asks on every interface. RFC 6763, 4. One that can't be asked is asked again in the next round.
func queryDNSSD(interfaces []Interface, found func(answer)) {
	var all sync.WaitGroup
	for _, i := range interfaces {
		all.Go(func() { queryOn(&i, found) })
	}
	all.Wait()
}

func queryOn(i *Interface, found func(answer)) {
	answersOf(mdns.Query, &mdns.QueryParam{
		Service: Service, Domain: domain, Timeout: SearchTime, Interface: &i.Interface,
		DisableIPv4: !i.has4(), DisableIPv6: !i.has6(), Logger: quiet(),
	}, found)
}

// answersOf reads the answers when the question is over: the library goes on writing into an entry that it has handed out,
// whenever somebody tells of the same instance again.
func answersOf(query func(*mdns.QueryParam) error, p *mdns.QueryParam, found func(answer)) {
	entries := make(chan *mdns.ServiceEntry, maxAnswers)
	p.Entries = entries
	_ = query(p)
	for len(entries) > 0 { // it is the library's only sender, and has returned
		if a, ok := readDNSSD(<-entries); ok {
			found(a)
		}
	}
}

// readDNSSD reads an instance that somebody told of. RFC 6763, 5
func readDNSSD(e *mdns.ServiceEntry) (answer, bool) {
	id, ok := readInstance(e.Name)
	if !ok || e.Port < 1 || e.Port > 0xFFFF {
		return answer{}, false
	}
	a := answer{id: id}
	if v4, ok := netip.AddrFromSlice(e.AddrV4); ok {
		a.at = append(a.at, netip.AddrPortFrom(v4.Unmap(), uint16(e.Port)))
	}
	if e.AddrV6IPAddr != nil {
		if v6, ok := netip.AddrFromSlice(e.AddrV6IPAddr.IP); ok {
			a.at = append(a.at, netip.AddrPortFrom(v6.WithZone(e.AddrV6IPAddr.Zone), uint16(e.Port)))
		}
	}
	return a, len(a.at) > 0
}
