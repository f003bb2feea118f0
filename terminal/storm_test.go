package terminal_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// TestStorm has everybody do everything at once: two tills that take the lease from each other, ring up, pay and cancel; a
// dock with a loose contact; fingers on the display; cards in and out. Afterwards the terminal serves as before, and the host
// has charged what the tills were told.
func TestStorm(t *testing.T) {
	s, one := counter(t, "US", func(s *shop) { s.config.Times.Result = 1 })
	first := one.terminal(s)
	s.page.do(t, display.Action{Kind: display.ActOpen})
	s.screen(display.Settings)
	s.page.do(t, display.Action{Kind: display.ActRestore})
	two := s.till("till-2")
	second := s.pair(two)
	visa := s.card("visa-credit")
	chip := s.card("visa-contact")

	const rounds = 40
	var paying, playing sync.WaitGroup
	stop := make(chan struct{})
	pause := func(r *rand.Rand, most int) {
		select {
		case <-stop:
		case <-time.After(time.Duration(r.IntN(most)) * time.Millisecond):
		}
	}
	play := func(seed uint64, most int, do func(*rand.Rand)) {
		playing.Go(func() {
			r := rand.New(rand.NewPCG(seed, 0))
			for {
				select {
				case <-stop:
					return
				default:
				}
				do(r)
				pause(r, most)
			}
		})
	}
	for i, term := range []*pos.Terminal{first, second} {
		paying.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			for n := range rounds {
				ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
				_, _ = term.TakeLease(ctx, true)
				_ = term.SendCart(cart(uint64(n+1), 300))
				q := s.sale(fmt.Sprintf("order-%d-%d", i, n), int64(100+r.IntN(900)))
				if r.IntN(8) != 0 {
					q.CartHash, _ = hashOf(cart(uint64(n+1), 300))
					pause(r, 60) // the cart may get there first
				}
				q.Within = int64(200 + r.IntN(800))
				done := make(chan struct{})
				go func() {
					defer close(done)
					_, _ = term.Pay(ctx, q)
				}()
				for over := false; !over; {
					select {
					case <-done:
						over = true
					case <-time.After(time.Duration(r.IntN(100)) * time.Millisecond):
						if id := s.terminal.Status().RequestID; id != "" && r.IntN(3) == 0 {
							_, _ = term.Cancel(ctx, id, "cashier")
						}
					}
				}
				cancel()
			}
		})
	}
	play(10, 700, func(r *rand.Rand) {
		s.dock.Undock()
		pause(r, 500)
		s.dock.Dock()
	})
	play(11, 60, func(r *rand.Rand) {
		kinds := []display.ActionKind{
			display.ActOpen, display.ActRestore, display.ActClose, display.ActCancel, display.ActDone, display.ActConfirm, display.ActStart,
		}
		st := s.page.state()
		s.page.do(t, display.Action{Kind: kinds[r.IntN(len(kinds))], Since: st.Since, Request: st.Request})
	})
	play(12, 80, func(r *rand.Rand) {
		switch r.IntN(4) {
		case 0:
			s.hands.Tap(visa, nil)
			pause(r, 100)
			s.hands.Leave()
		case 1:
			if s.hands.Insert(contacts{chip}, nil) == nil {
				pause(r, 200)
				s.hands.Remove()
			}
		case 2:
			s.hands.Swipe("", ";"+swiped+"=49121011234567890?", "")
		default:
		}
	})
	paying.Wait()
	close(stop)
	playing.Wait()
	s.dock.Dock()
	s.hands.Leave()
	s.hands.Remove()
	var sum int64
	ends := map[string]int{}
	for _, k := range []*till{one, two} {
		until(t, "every outcome is known", func() bool { return len(k.config.Book.Open()) == 0 })
		for _, e := range k.config.Book.All() {
			if e.Final.Result == wire.Approved {
				sum += e.Final.Total
			}
			ends[string(e.Final.Result)+" "+e.Final.Reason]++
		}
	}
	t.Log(ends)
	term := one.terminal(s)
	s.ready()
	_, err := term.TakeLease(within(t), true)
	if err != nil {
		t.Fatal(err)
	}
	if err := term.SendCart(cart(1000, 77)); err != nil {
		t.Fatal(err)
	}
	last := s.sale("last", 77)
	last.CartHash = one.shownCart(t, 1000)
	paid := s.pay(term, last)
	s.screen(display.Present)
	s.hands.Tap(visa, nil)
	o := <-paid
	if o.err != nil || o.final.Result != wire.Approved {
		t.Fatalf("%+v %v", o.final, o.err)
	}
	until(t, "nothing is on its way to the host", func() bool {
		numeric := fmt.Sprintf("%03d", s.config.Profile.Currency.Numeric)
		got, _ := s.server.Charged(numeric)
		return got == sum+77
	})
}

func hashOf(c *wire.CartSet) ([]byte, error) {
	h, err := display.CartHash(c)
	return h[:], err
}
