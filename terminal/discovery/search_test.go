package discovery

import (
	"sync"
	"testing"
)

// Of one instance several tell, and each again: on two interfaces of one network, or because somebody lies. The library
// writes what they say into the one entry of it; nobody may read it meanwhile, which the race detector would see.
func TestSeveralTellOfOne(t *testing.T) {
	all := Attached()
	if len(all) == 0 {
		t.Skip("no interface that can multicast: the hosts' suite asks over veth pairs (CARDWRIGHT_REQUIRE_NETNS)")
	}
	const id = "0123456789abcdef"
	for range 3 {
		stop, err := dnssdWay{}.begin(&advert{ids: []string{id}, session: 4443, interfaces: all[:1]})
		if err != nil {
			t.Skipf("nobody can listen for multicast DNS here: %v", err)
		}
		t.Cleanup(stop)
	}
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			queryOn(&all[0], func(a answer) {
				if a.id == id && (len(a.at) == 0 || a.at[0].Port() != 4443) {
					t.Errorf("%+v", a)
				}
			})
		})
	}
	asking.Wait()
}
