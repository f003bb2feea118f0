package discovery

import (
	"context"
	"crypto/rand"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
)

// Bounds of looking.
const (
	SearchTime = time.Second // for answers to one question
	Pause      = time.Second // before it is asked again
	MaxFound   = 8           // addresses that are believed of one way in one round

	presencePort = 27001 // PRODUCT 3.0
)

// FinderConfig is what a till looks with.
type FinderConfig struct {
	Interfaces func() []Interface // nil is Attached

	// PresencePort is that of the beacon, 0 is 27001. Listen is where its answers come; nil is any port of IPv4.
	PresencePort uint16
	Listen       func() (net.PacketConn, error)

	Clock pairing.Clock // nil is the system's
	Rand  io.Reader     // nil is crypto/rand

	NoSSDP, NoDNSSD, NoBeacon bool
}

// Finder looks for terminals. One is enough for all terminals of a till.
type Finder struct {
	c      FinderConfig
	beacon func(context.Context, *pairing.Record, func(string))
	asked  []*question // nobody waits for one to hear of the other
}

// NewFinder makes a finder. Its Discover is what pos.Config wants.
func NewFinder(c FinderConfig) *Finder {
	if c.Interfaces == nil {
		c.Interfaces = Attached
	}
	if c.PresencePort == 0 {
		c.PresencePort = presencePort
	}
	if c.Listen == nil {
		c.Listen = func() (net.PacketConn, error) { return net.ListenPacket("udp4", ":0") }
	}
	if c.Clock == nil {
		c.Clock = pairing.SystemClock{}
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	f := &Finder{c: c}
	if !c.NoBeacon {
		f.beacon = pos.Beacon(c.Listen, f.broadcasts, c.Clock, c.Rand)
	}
	if !c.NoSSDP {
		f.asked = append(f.asked, &question{ask: searchSSDP})
	}
	if !c.NoDNSSD {
		f.asked = append(f.asked, &question{ask: func(found func(answer)) { queryDNSSD(c.Interfaces(), found) }})
	}
	return f
}

// Discover looks for the terminal of a record until ctx ends, and calls found with ADDRESS:PORT wherever it may be; several
// times with the same one if it stays there. found is called by one goroutine at a time and must not wait.
func (f *Finder) Discover(ctx context.Context, r *pairing.Record, found func(address string)) {
	var mu sync.Mutex
	tell := func(a string) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() == nil {
			found(a)
		}
	}
	var ways sync.WaitGroup
	repeat := func(round func()) {
		ways.Go(func() {
			for ctx.Err() == nil {
				round()
				select {
				case <-f.c.Clock.After(Pause):
				case <-ctx.Done():
				}
			}
		})
	}
	if f.beacon != nil {
		repeat(func() { f.beacon(ctx, r, tell) })
	}
	for _, q := range f.asked {
		repeat(func() {
			s := f.sieve(r, tell)
			q.hear(ctx, s.hear)
		})
	}
	ways.Wait()
}

// Close waits for questions that are under way, at most SearchTime. Discover asks only the beacon from then on.
func (f *Finder) Close() {
	for _, q := range f.asked {
		q.close()
	}
}

// broadcasts are where the beacon asks.
func (f *Finder) broadcasts() (all []netip.AddrPort) {
	for _, i := range f.c.Interfaces() {
		for _, p := range i.Addrs {
			if a := broadcast(p); a.IsValid() {
				all = append(all, netip.AddrPortFrom(a, f.c.PresencePort))
			}
		}
	}
	return all
}

// sieve lets through what one way has found in one round.
type sieve struct {
	interfaces []Interface
	ids        [3]string
	passed     map[netip.AddrPort]bool
	tell       func(string)
}

func (f *Finder) sieve(r *pairing.Record, tell func(string)) *sieve {
	return &sieve{f.c.Interfaces(), idsAt(r, f.c.Clock.Now()), map[netip.AddrPort]bool{}, tell}
}

func (s *sieve) hear(a answer) {
	if a.id != s.ids[0] && a.id != s.ids[1] && a.id != s.ids[2] {
		return
	}
	for _, at := range a.at {
		at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
		if at.Port() == 0 || s.passed[at] || len(s.passed) == MaxFound || !attached(s.interfaces, at.Addr()) {
			continue
		}
		s.passed[at] = true
		s.tell(at.String())
	}
}
