package payment

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/journal/journaltest"
)

// shifted is a clock that somebody sets: what waits for a duration does not hear of it.
type shifted struct {
	SystemClock
	by atomic.Int64
}

func (c *shifted) Now() time.Time { return time.Now().Add(time.Duration(c.by.Load())) }

func (c *shifted) set(by time.Duration) { c.by.Store(int64(by)) }

// TestClockSetBack: a terminal that started with a clock that was years ahead is put right by its network while a reversal
// waits for its next try. The host gets it within the longest pause all the same.
func TestClockSetBack(t *testing.T) {
	clock := &shifted{}
	inWorld(t, func(w *world) {
		clock.set(4 * 365 * 24 * time.Hour)
		w.config.Clock = clock
	}, func(t *testing.T, w *world) {
		w.host.will(hostLosesAnswer)
		w.host.willAside(slices.Repeat([]hostDoes{hostUnreached}, 2)...)
		r := w.sale("order-1", 100)
		r.RequestID = ulid(clock.Now(), 1)
		wantFinal(t, w.pay(t, r), Failed, CodeNoAnswer)
		clock.set(0)
		time.Sleep(2 * maxPause)
		if !w.host.line(0).reversed || w.engine.Pending() != nil {
			t.Errorf("the customer has not got the money back: %+v", w.engine.Pending())
		}
	})
}

// TestClockAhead: a start with a clock that is years ahead drops nothing from the journal that a till may still ask for.
func TestClockAhead(t *testing.T) {
	clock := &shifted{}
	inWorld(t, func(w *world) {
		w.config.Clock = clock
		w.config.CompactAt = 1
	}, func(t *testing.T, w *world) {
		r := w.sale("order-1", 100)
		f := w.pay(t, r)
		clock.set(4 * 365 * 24 * time.Hour)
		if err := w.crash(journaltest.Synced, nil); err != nil {
			t.Fatal(err)
		}
		clock.set(0)
		if err := w.crash(journaltest.Synced, nil); err != nil {
			t.Fatal(err)
		}
		s, err := w.engine.Accept(w.lease.till(), r)
		if err != nil || s.Final == nil || !s.Final.At.Equal(f.At) {
			t.Errorf("the same request is paid a second time: %+v, %v", s, err)
		}
		time.Sleep(time.Minute)
		if d := w.host.doubled(); d != nil {
			t.Errorf("charged twice: %v", d)
		}
	})
}

// TestClockBehind: an approval that no till took note of is shown after a start whose clock is behind, too.
func TestClockBehind(t *testing.T) {
	clock := &shifted{}
	inWorld(t, func(w *world) {
		clock.set(24 * time.Hour)
		w.config.Clock = clock
	}, func(t *testing.T, w *world) {
		r := w.sale("order-1", 100)
		r.RequestID = ulid(clock.Now(), 1)
		if _, err := w.engine.Accept(w.lease.till(), r); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		clock.set(0)
		if err := w.crash(journaltest.Synced, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if s, err := w.engine.Status(w.lease.till(), r.RequestID); err != nil || s.Final == nil || s.Final.Result != Approved {
			t.Fatalf("%+v, %v", s, err)
		}
		if !w.screen.saw(AboutRegisterOffline) {
			t.Error("nobody is told that the till has not heard of it")
		}
	})
}
