package discovery

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/mdns"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// The id of a key of 32 bytes 61 in the hour 1: the first 8 bytes of HMAC-SHA-256 over "I" and 0000000000000001, by
// `printf 'I\0\0\0\0\0\0\0\1' | openssl dgst -sha256 -mac HMAC -macopt hexkey:6161…`.
const idOfHour1 = "3a4fc6a5d4605630"

func record(key byte) *pairing.Record {
	return &pairing.Record{ID: "terminal", ResumeKey: wire.Key(strings.Repeat(string(key), 32))}
}

func TestID(t *testing.T) {
	r := record('a')
	first, last := time.Unix(3600, 0), time.Unix(7199, 0)
	if id(r, first) != idOfHour1 || id(r, last) != idOfHour1 {
		t.Errorf("%s, %s", id(r, first), id(r, last))
	}
	for name, other := range map[string]string{
		"the hour before": id(r, first.Add(-time.Second)), "the hour after": id(r, last.Add(time.Second)),
		"another key": id(record('b'), first),
	} {
		if other == idOfHour1 {
			t.Errorf("%s: the same", name)
		}
	}
	for _, hours := range []int{-1, 0, 1} {
		ids := idsAt(r, first.Add(time.Duration(hours)*time.Hour))
		if ids[0] != idOfHour1 && ids[1] != idOfHour1 && ids[2] != idOfHour1 {
			t.Errorf("not recognised at %d hours", hours)
		}
	}
	for _, hours := range []int{-2, 2} {
		ids := idsAt(r, first.Add(time.Duration(hours)*time.Hour))
		if ids[0] == idOfHour1 || ids[1] == idOfHour1 || ids[2] == idOfHour1 {
			t.Errorf("recognised at %d hours", hours)
		}
	}
}

func TestUSN(t *testing.T) {
	const want = "uuid:01234567-89ab-cdef-115b-000000000000::urn:cardwright:service:1"
	if got := usn("0123456789abcdef", 4443); got != want { // 4443 is 115B
		t.Errorf("%s", got)
	}
	if id, port, ok := readUSN(want); id != "0123456789abcdef" || port != 4443 || !ok {
		t.Errorf("%s, %d, %v", id, port, ok)
	}
	for _, bad := range []string{
		"", "uuid:", want + "x", want[1:], strings.ToUpper(want), strings.Replace(want, "-", "_", 1),
		strings.Replace(want, "115b", "115g", 1), strings.Replace(want, "-000000000000", "-000000000001", 1),
		strings.Replace(want, "service:1", "service:2", 1),
	} {
		if _, _, ok := readUSN(bad); ok {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestLocation(t *testing.T) {
	for text, want := range map[string]string{
		location(netip.MustParseAddrPort("10.0.0.2:8080")):      "10.0.0.2",
		location(netip.MustParseAddrPort("[2001:db8::2]:8080")): "2001:db8::2",
		"http://10.0.0.2/other":                                 "10.0.0.2",
		"https://10.0.0.2/upnp.xml":                             "",
		"http://terminal.example:8080/upnp.xml":                 "",
		"http://user@10.0.0.2:8080/upnp.xml":                    "",
		"http://[/":                                             "",
		"http://10.0.0.2/" + strings.Repeat("x", maxText):       "",
		"": "",
	} {
		got, ok := readLocation(text)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("%s: %v, %v", text, got, ok)
		}
	}
}

func TestReadDNSSD(t *testing.T) {
	const name = "0123456789abcdef-0._cardwright._tcp.local."
	v4 := net.IPv4(10, 0, 0, 2)
	v6 := &net.IPAddr{IP: net.ParseIP("fe80::2"), Zone: "eth0"}
	a, ok := readDNSSD(&mdns.ServiceEntry{Name: name, AddrV4: v4, AddrV6IPAddr: v6, Port: 4443})
	if !ok || a.id != "0123456789abcdef" || len(a.at) != 2 || a.at[0].String() != "10.0.0.2:4443" || a.at[1].String() != "[fe80::2%eth0]:4443" {
		t.Errorf("%+v, %v", a, ok)
	}
	for what, e := range map[string]*mdns.ServiceEntry{
		"nothing":         {},
		"no address":      {Name: name, Port: 4443},
		"bad address":     {Name: name, Port: 4443, AddrV4: net.IP{1, 2, 3}},
		"no port":         {Name: name, AddrV4: v4},
		"port of 17 bits": {Name: name, AddrV4: v4, Port: 0x10000 + 4443},
		"negative port":   {Name: name, AddrV4: v4, Port: -1},
		"other service":   {Name: "0123456789abcdef-0._http._tcp.local.", AddrV4: v4, Port: 4443},
		"other domain":    {Name: "0123456789abcdef-0._cardwright._tcp.example.", AddrV4: v4, Port: 4443},
		"long":            {Name: strings.Repeat("x", maxText) + name, AddrV4: v4, Port: 4443},
		"no interface":    {Name: "0123456789abcdef._cardwright._tcp.local.", AddrV4: v4, Port: 4443},
	} {
		if a, ok := readDNSSD(e); ok {
			t.Errorf("%s: %+v", what, a)
		}
	}
}

// What is told on an interface is what the finder reads, and nothing in it is of this machine or of another interface.
func TestService(t *testing.T) {
	a := &advert{session: 4443, interfaces: networks()}
	s, err := a.service("0123456789abcdef", 1)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(s.Instance, " ", s.Service, " ", s.Domain, " ", s.HostName, " ", s.Port, " ", s.IPs, " ", s.TXT)
	want := "0123456789abcdef-1 _cardwright._tcp local. 0123456789abcdef-1.local. 4443 [192.168.1.2 fe80::2] [txtvers=1]"
	if got != want {
		t.Errorf("%s", got)
	}
	if id, ok := readInstance(s.Instance + "." + s.Service + "." + s.Domain); id != "0123456789abcdef" || !ok {
		t.Errorf("%s, %v", id, ok)
	}
}

func FuzzReadSSDP(f *testing.F) {
	f.Add(session.Service, usn("0123456789abcdef", 4443), "http://10.0.0.2:8080/upnp.xml")
	f.Add(session.Service, usn("0123456789abcdef", 0), "http://[fe80::1%25eth0]:8080/upnp.xml")
	f.Add("ssdp:all", "uuid:", "http://[")
	f.Fuzz(func(t *testing.T, service, name, where string) {
		a, ok := readSSDP(service, name, where)
		if !ok {
			return
		}
		if service != session.Service || len(a.at) != 1 || usn(a.id, a.at[0].Port()) != name || !a.at[0].Addr().IsValid() {
			t.Fatalf("%+v of %q %q %q", a, service, name, where)
		}
	})
}

func FuzzReadDNSSD(f *testing.F) {
	f.Add("0123456789abcdef-0._cardwright._tcp.local.", []byte{10, 0, 0, 2}, []byte(nil), "", 4443)
	f.Add("0123456789abcdef-f._cardwright._tcp.local", []byte(nil), []byte(net.ParseIP("fe80::2")), "eth0", 1)
	f.Add(".", []byte{1}, []byte{2}, "%", -1)
	f.Fuzz(func(t *testing.T, name string, v4, v6 []byte, zone string, port int) {
		a, ok := readDNSSD(&mdns.ServiceEntry{Name: name, AddrV4: v4, AddrV6IPAddr: &net.IPAddr{IP: v6, Zone: zone}, Port: port})
		if !ok {
			return
		}
		if !strings.HasPrefix(name, a.id+"-") || len(a.at) == 0 || len(a.at) > 2 {
			t.Fatalf("%+v of %q", a, name)
		}
		for _, at := range a.at {
			if !at.Addr().IsValid() || int(at.Port()) != port || port == 0 {
				t.Fatalf("%v of %q %d", at, name, port)
			}
			if attached(networks(), at.Addr()) && at.Addr().IsMulticast() {
				t.Fatalf("%v passes", at)
			}
		}
	})
}
