package discovery

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
)

// A Finder is what a till is configured with.
var _ = pos.Config{Discover: (&Finder{}).Discover}

// searcher is a finder in a bubble, whose network answers what it is told to.
type searcher struct {
	*Finder
	t *testing.T

	mu    sync.Mutex
	asked int
	said  []answer
}

func searching(t *testing.T, said ...answer) *searcher {
	s := &searcher{t: t, said: said}
	s.Finder = NewFinder(FinderConfig{Interfaces: networks, NoBeacon: true, NoSSDP: true, NoDNSSD: true})
	s.Finder.asked = []*question{{ask: func(found func(answer)) {
		s.mu.Lock()
		s.asked++
		s.mu.Unlock()
		time.Sleep(SearchTime / 2)
		s.mu.Lock()
		said := s.said
		s.mu.Unlock()
		for _, a := range said {
			found(a)
		}
		time.Sleep(SearchTime / 2)
	}}}
	return s
}

// discover looks for a while and returns what it found.
func (s *searcher) discover(r *pairing.Record, span time.Duration) (all []string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), span)
	defer cancel()
	start := time.Now()
	s.Discover(ctx, r, func(a string) { all = append(all, a) })
	if took := time.Since(start); took != span {
		s.t.Errorf("Discover ended after %v, its context after %v", took, span)
	}
	return all
}

func at(addresses ...string) (all []netip.AddrPort) {
	for _, a := range addresses {
		all = append(all, netip.MustParseAddrPort(a))
	}
	return all
}

func TestDiscover(t *testing.T) {
	ours := func(hours int) string { return id(record('a'), time.Now().Add(time.Duration(hours)*time.Hour)) }
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			name string
			said []answer
			want []string
		}{
			{"nobody", nil, nil},
			{"this hour", []answer{{ours(0), at("10.0.0.9:4443")}}, []string{"10.0.0.9:4443"}},
			{"a terminal whose clock is behind", []answer{{ours(-1), at("10.0.0.9:4443")}}, []string{"10.0.0.9:4443"}},
			{"or ahead", []answer{{ours(1), at("10.0.0.9:4443")}}, []string{"10.0.0.9:4443"}},
			{"an old id", []answer{{ours(-2), at("10.0.0.9:4443")}}, nil},
			{"one of the future", []answer{{ours(2), at("10.0.0.9:4443")}}, nil},
			{"another terminal", []answer{{id(record('b'), time.Now()), at("10.0.0.9:4443")}, {"", at("10.0.0.9:4443")}}, nil},
			{
				"several interfaces",
				[]answer{{ours(0), at("10.0.0.9:4443")}, {ours(0), at("192.168.1.9:4443", "[fe80::9%wlan0]:4443")}},
				[]string{"10.0.0.9:4443", "192.168.1.9:4443", "[fe80::9%wlan0]:4443"},
			},
			{"twice the same", []answer{{ours(0), at("10.0.0.9:4443")}, {ours(0), at("[::ffff:10.0.0.9]:4443")}}, []string{"10.0.0.9:4443"}},
			{"elsewhere", []answer{{ours(0), at("8.8.8.8:4443", "127.0.0.1:4443", "10.0.0.255:4443", "224.0.0.1:4443", "[2001:db8:1::1]:4443")}}, nil},
			{"port 0", []answer{{ours(0), at("10.0.0.9:0")}}, nil},
		} {
			s := searching(t, c.said...)
			if got := s.discover(record('a'), SearchTime); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v", c.name, got)
			}
			s.Close()
		}
	})
}

// A flood of copies of the id does not make a till dial everywhere.
func TestDiscoverIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flood []answer
		for i := range 2 * maxAnswers {
			flood = append(flood, answer{id(record('a'), time.Now()), at("10.1.1.1:" + strconv.Itoa(i+1))})
		}
		s := searching(t, flood...)
		if got := s.discover(record('a'), SearchTime+Pause); len(got) != MaxFound {
			t.Errorf("%d addresses in a round", len(got))
		}
		var others []answer
		for range 2 * maxAnswers {
			others = append(others, answer{"0123456789abcdef", at("10.1.1.1:1")})
		}
		s.mu.Lock()
		s.said = others
		s.mu.Unlock()
		r := s.Finder.asked[0].round()
		for over := false; !over; {
			var answers []answer
			var more <-chan struct{}
			answers, over, more = r.from(0)
			if len(answers) > maxAnswers {
				t.Fatalf("%d answers are kept", len(answers))
			}
			if !over {
				<-more
			}
		}
		s.Close()
	})
}

// It is asked again and again, and the same address is told again: the terminal may not have been ready.
func TestDiscoverRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := searching(t, answer{id(record('a'), time.Now()), at("10.0.0.9:4443")})
		got := s.discover(record('a'), 3*(SearchTime+Pause)-time.Millisecond)
		if len(got) != 3 || s.asked != 3 {
			t.Errorf("%v, asked %d times", got, s.asked)
		}
		s.Close()
	})
}

// Who has found the terminal does not wait for a question that can't be broken off; the next one hears its end.
func TestDiscoverEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := searching(t, answer{id(record('a'), time.Now()), at("10.0.0.9:4443")})
		start := time.Now()
		if got := s.discover(record('a'), SearchTime/4); len(got) != 0 {
			t.Errorf("%v", got)
		}
		if got := s.discover(record('a'), SearchTime/2); len(got) != 1 || s.asked != 1 {
			t.Errorf("%v, asked %d times", got, s.asked)
		}
		if got := s.discover(record('a'), SearchTime/8); len(got) != 1 || s.asked != 1 {
			t.Errorf("who comes late: %v, asked %d times", got, s.asked)
		}
		s.Close()
		if took := time.Since(start); took != SearchTime {
			t.Errorf("Close waited until %v", took)
		}
		if got := s.discover(record('a'), 2*time.Second); len(got) != 0 || s.asked != 1 {
			t.Errorf("closed: %v, asked %d times", got, s.asked)
		}
	})
}

// Two terminals are looked for with one question.
func TestDiscoverTwoTerminals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := searching(t, answer{id(record('a'), time.Now()), at("10.0.0.9:4443")}, answer{id(record('b'), time.Now()), at("10.0.0.10:4443")})
		var both sync.WaitGroup
		for key, want := range map[byte]string{'a': "10.0.0.9:4443", 'b': "10.0.0.10:4443"} {
			both.Go(func() {
				if got := s.discover(record(key), SearchTime); !slices.Equal(got, []string{want}) {
					t.Errorf("%c: %v", key, got)
				}
			})
		}
		both.Wait()
		if s.asked != 1 {
			t.Errorf("asked %d times", s.asked)
		}
		s.Close()
	})
}

func TestBroadcasts(t *testing.T) {
	f := NewFinder(FinderConfig{Interfaces: networks})
	want := at("10.0.0.255:27001", "10.1.255.255:27001", "192.168.1.63:27001")
	if got := f.broadcasts(); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	f.Close()
}
