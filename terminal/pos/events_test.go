package pos_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// heard collects the events of a till.
type heard struct {
	mu     sync.Mutex
	finals []string
	late   []wire.PaymentLate
	waits  []wire.Heartbeat
	bad    []wire.Code
}

func (h *heard) hear(e pos.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case e.Final != nil:
		h.finals = append(h.finals, e.Final.RequestID)
	case e.Late != nil:
		h.late = append(h.late, *e.Late)
	case e.Waits != nil:
		h.waits = append(h.waits, *e.Waits)
	case e.Refused != nil:
		h.bad = append(h.bad, e.Refused.Code)
	}
}

func (h *heard) lates() int { h.mu.Lock(); defer h.mu.Unlock(); return len(h.late) }

func (h *heard) heardOf(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.finals, id)
}

// The outcome that comes as an answer, because its own frame was lost or is not sent any more, is told as any other; when its
// own frame comes as well, it is not told twice.
func TestHeardOnce(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	h := &heard{}
	c.Events = h.hear
	r, _ := start(t, c)
	term := pair(t, r, d)
	var ids []string
	for i := range 3 {
		d.set(func() { d.deaf = 1 }) // no word of the request: the till asks
		f := must[*wire.Final](t)(term.Pay(within(t), sale(fmt.Sprintf("o-%d", i), 1250)))
		until(t, "the app hears of it", func() bool { return h.heardOf(f.RequestID) })
		ids = append(ids, f.RequestID)
	}
	must[*wire.PaymentState](t)(term.Status(within(t), ids[0]))
	d.set(func() { d.acked = map[string]bool{} }) // the terminal has lost that they are known, and says them again
	d.conns.cut()
	until(t, "they are acknowledged again", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.acked) == len(ids) })
	f := must[*wire.Final](t)(term.Pay(within(t), sale("o-9", 1250))) // and one that comes by itself
	ids = append(ids, f.RequestID)
	until(t, "the app hears of the last", func() bool { return h.heardOf(f.RequestID) })
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Equal(h.finals, ids) {
		t.Errorf("heard %v, want %v", h.finals, ids)
	}
}

// A terminal has no say in what another one was asked for: its final is not stored, and not acknowledged.
func TestFinalOfAnother(t *testing.T) {
	asked, other := newDevice(t, 1), newDevice(t, 2)
	c := config(t)
	h := &heard{}
	c.Events = h.hear
	r, _ := start(t, c)
	term := pair(t, r, asked)
	pair(t, r, other)
	asked.set(func() { asked.hold = true })
	end, ctx := make(chan *wire.Final, 1), within(t)
	go func() {
		f, err := term.Pay(ctx, sale("o-1", 1250))
		if err != nil {
			t.Error(err)
		}
		end <- f
	}()
	until(t, "the request", func() bool { asked.mu.Lock(); defer asked.mu.Unlock(); return len(asked.asked) == 1 })
	id := c.Book.Open()[0].Request.RequestID
	other.set(func() {
		other.finals[id] = &wire.Final{
			RequestID: id, OrderRef: "o-1", Result: wire.Approved, Kind: wire.KindSale, Amount: 1250, Total: 1250, Currency: "GBP", Time: 1,
		}
	})
	other.conns.cut() // it says what it has when the till is back
	until(t, "it is refused", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return slices.Contains(h.bad, wire.CodeNotFound) })
	wrong := must[*pos.Terminal](t)(r.Terminal(other.id.String()))
	if s, err := wrong.Status(within(t), id); err == nil {
		t.Errorf("%+v", s)
	}
	other.set(func() {
		if len(other.acked) != 0 {
			t.Error("it is acknowledged")
		}
	})
	if len(c.Book.Open()) != 1 || h.heardOf(id) {
		t.Error("it is believed")
	}
	asked.set(func() { asked.finals[id].Result, asked.finals[id].Total, asked.hold = wire.Declined, 0, false })
	asked.conns.cut()
	if f := <-end; f == nil || f.Result != wire.Declined {
		t.Errorf("%+v", f)
	}
}

// Events of several terminals come one after the other.
func TestEventsInTurn(t *testing.T) {
	c := config(t)
	var inside atomic.Int32
	var n atomic.Int64
	c.Events = func(pos.Event) {
		if inside.Add(1) != 1 {
			t.Error("two at once")
		}
		n.Add(1)
		time.Sleep(100 * time.Microsecond)
		inside.Add(-1)
	}
	r, _ := start(t, c)
	var terminals []*pos.Terminal
	for i := range 3 {
		terminals = append(terminals, pair(t, r, newDevice(t, byte(i+1))))
	}
	var wg sync.WaitGroup
	for i, term := range terminals {
		wg.Go(func() {
			for k := range 50 {
				if _, err := term.Pay(within(t), sale(fmt.Sprintf("o-%d-%d", i, k), 100)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	until(t, "150 outcomes are told", func() bool { return n.Load() >= 150 })
}
