package discovery

import (
	"net"
	"testing"
	"time"

	"github.com/hashicorp/mdns"
)

// Of one instance several tell, and each again: on two interfaces of one network, or because somebody lies. The library
// writes what they say into the one entry of it, which it has handed out already: nobody looks into it before it is over.
func TestSeveralTellOfOne(t *testing.T) {
	over := false
	var got []answer
	answersOf(func(p *mdns.QueryParam) error {
		e := &mdns.ServiceEntry{Name: "0123456789abcdef-0._cardwright._tcp.local.", AddrV4: net.IPv4(10, 0, 0, 2), Port: 1}
		p.Entries <- e
		for range 1000 { // as the library does for each further datagram
			e.Port, e.AddrV4 = e.Port+1, net.IPv4(10, 0, 0, 3)
			time.Sleep(time.Microsecond)
		}
		e.Port, over = 4443, true
		return nil
	}, &mdns.QueryParam{}, func(a answer) {
		if !over {
			t.Error("it is read while the library writes")
		}
		got = append(got, a)
	})
	if len(got) != 1 || len(got[0].at) != 1 || got[0].at[0].String() != "10.0.0.3:4443" {
		t.Errorf("%+v", got)
	}
}
