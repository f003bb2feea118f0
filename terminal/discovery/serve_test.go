package discovery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
)

// told is a way that notes what it is to tell.
type told struct {
	mu     sync.Mutex
	begun  int
	now    *advert // nil while nothing is told
	err    error
	failed []string
}

func (*told) name() string { return "fake" }

func (w *told) begin(a *advert) (func(), error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now != nil {
		w.failed = append(w.failed, "begun twice")
	}
	if w.err != nil {
		return nil, w.err
	}
	w.begun++
	w.now = a
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.now = nil
	}, nil
}

func (w *told) ids() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now == nil {
		return nil
	}
	return w.now.ids
}

// served is a Serve in a bubble.
type served struct {
	told
	records    *pairing.Records
	interfaces []Interface
	stop       func() error
}

func serving(t *testing.T) *served {
	s := &served{records: pairing.NewRecords(), interfaces: networks()}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	c := Config{
		Records: s.records, SessionPort: 4443, PlainPort: 8080,
		Interfaces: func() []Interface {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.interfaces
		},
		Failed: func(way string, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.failed = append(s.failed, way+": "+err.Error())
		},
	}
	go func() { done <- serve(ctx, c, []way{&s.told}) }()
	s.stop = func() error { cancel(); return <-done }
	s.look()
	return s
}

// look lets Serve look once more.
func (s *served) look() {
	time.Sleep(Look)
	synctest.Wait()
}

// state is how often something was begun, and what is told.
func (s *served) state() (begun int, now *advert) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun, s.now
}

// move gives the terminal other interfaces.
func (s *served) move(to []Interface) (begun int, now *advert) {
	s.mu.Lock()
	s.interfaces = to
	s.mu.Unlock()
	s.look()
	return s.state()
}

func (s *served) pair(t *testing.T, name string, key byte) *pairing.Record {
	t.Helper()
	r := record(key)
	r.ID, r.Pin = name, pairing.Pin{key}
	if err := s.records.Put(*r); err != nil {
		t.Fatal(err)
	}
	s.look()
	return r
}

// What is told are the ids of this hour, of the tills that are paired now; without pair records it is nothing.
func TestServeTellsThePairedTills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which begins at midnight
		s := serving(t)
		want := func(what string, begun int, records ...*pairing.Record) {
			t.Helper()
			var ids []string
			for _, r := range records {
				ids = append(ids, id(r, time.Now()))
			}
			slices.Sort(ids)
			times, _ := s.state()
			if got := s.ids(); !slices.Equal(got, ids) || times != begun {
				t.Errorf("%s: %v, begun %d times, want %v, %d", what, got, times, ids, begun)
			}
		}
		want("no records", 0)
		a := s.pair(t, "a", 'a')
		want("one till", 1, a)
		b := s.pair(t, "b", 'b')
		want("two tills", 2, a, b)
		time.Sleep(time.Hour - time.Duration(time.Now().Unix()%3600)*time.Second - Look)
		synctest.Wait()
		want("at the end of the hour", 2, a, b)
		before := s.ids()
		s.look()
		s.look()
		want("the next hour", 3, a, b)
		for _, id := range s.ids() {
			if slices.Contains(before, id) {
				t.Errorf("%s of the hour before is told", id)
			}
		}
		a = s.pair(t, "a", 'c')
		want("paired anew", 4, a, b)
		if err := s.records.Delete("a"); err != nil {
			t.Fatal(err)
		}
		s.look()
		want("one forgotten", 5, b)
		if err := s.records.Delete("b"); err != nil {
			t.Fatal(err)
		}
		s.look()
		want("all forgotten", 5)
		if err := s.stop(); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestServeFollowsAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serving(t)
		s.pair(t, "a", 'a')
		s.look()
		if begun, _ := s.state(); begun != 1 {
			t.Errorf("begun %d times and nothing changed", begun)
		}
		if begun, now := s.move(networks()[:1]); begun != 2 || len(now.interfaces) != 1 {
			t.Errorf("an interface has gone: begun %d times", begun)
		}
		fewer := networks()[:1]
		fewer[0].Addrs = fewer[0].Addrs[1:]
		if begun, _ := s.move(fewer); begun != 3 {
			t.Errorf("an address has gone: begun %d times", begun)
		}
		if _, now := s.move(nil); now != nil {
			t.Error("something is told without a network")
		}
		if begun, _ := s.move(networks()); begun != 4 {
			t.Errorf("back: begun %d times", begun)
		}
		_ = s.stop()
		if _, now := s.state(); now != nil || len(s.failed) != 0 {
			t.Errorf("left behind: %v, %v", now, s.failed)
		}
	})
}

func TestServeTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serving(t)
		s.mu.Lock()
		s.err = errors.New("no multicast")
		s.mu.Unlock()
		s.pair(t, "a", 'a')
		s.look()
		if want := []string{"fake: no multicast"}; !slices.Equal(s.failed, want) {
			t.Errorf("failures %v", s.failed)
		}
		s.mu.Lock()
		s.err = nil
		s.mu.Unlock()
		s.look()
		if begun, _ := s.state(); begun != 1 {
			t.Error("not tried again")
		}
		_ = s.stop()
	})
}

func TestServeIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serving(t)
		var last *pairing.Record
		for i := range MaxTills + 3 {
			last = s.pair(t, fmt.Sprint(i), byte('A'+i))
		}
		if got := s.ids(); len(got) != MaxTills || !slices.Contains(got, id(last, time.Now())) {
			t.Errorf("%d tills", len(got))
		}
		_ = s.stop()
	})
}

func TestServeRefuses(t *testing.T) {
	for name, c := range map[string]Config{
		"records": {SessionPort: 1, PlainPort: 1}, "session port": {Records: pairing.NewRecords(), PlainPort: 1},
		"plain port": {Records: pairing.NewRecords(), SessionPort: 1},
	} {
		if err := Serve(t.Context(), c); err == nil || errors.Is(err, context.Canceled) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}
