package armed_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/armed"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
)

// hand is one of the hands at the counter: it does its deeds in order, beside the others.
type hand struct {
	deeds []string
	pause []int // how often it lets others go first, before each
}

var hands = [][]string{
	{"insert", "remove"},
	{"tap", "tap", "leave"},
	{"swipe", "swipe chip", "swipe noise"},
	{"unplug", "plug"},
	{"cancel"},
}

// TestRaces lets several hands loose on an armed reader and checks what holds whoever is first.
func TestRaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := runtime.NumGoroutine()
		r := simulated.New(simulated.Config{})
		left := rapid.Bool().Draw(t, "a card from before")
		if left {
			_ = r.Insert(card(0xFF), atr)
		}
		var plan []hand
		for i, deeds := range hands {
			n := rapid.IntRange(0, 4).Draw(t, fmt.Sprintf("deeds of hand %d", i))
			h := hand{}
			for range n {
				h.deeds = append(h.deeds, rapid.SampledFrom(deeds).Draw(t, "deed"))
				h.pause = append(h.pause, rapid.IntRange(0, 50).Draw(t, "pause"))
			}
			plan = append(plan, h)
		}
		judge(t, r, plan, left)
		_ = r.Close()
		for end := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(end) {
				t.Fatalf("%d goroutines are left", runtime.NumGoroutine()-before)
			}
		}
	})
}

func judge(t *rapid.T, r *simulated.Reader, plan []hand, left bool) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	type result struct {
		e   *armed.Entry
		err error
	}
	done := make(chan result, 1)
	decided := make(chan struct{})
	go func() {
		e, err := armed.Await(ctx, armed.Config{Readers: []driver.Reader{r}})
		done <- result{e, err}
		close(decided)
	}()

	var all sync.WaitGroup
	for _, h := range plan {
		all.Go(func() { h.play(r, cancel) })
	}
	all.Wait()
	// Whatever the hands left behind: a single card in the field of a reader that is plugged in, with nothing in the slot,
	// must win, if nothing did before.
	r.Plug()
	r.Remove()
	r.Leave()
	r.Tap(card(0x77), nil)
	var got result
	select {
	case got = <-done:
	case <-time.After(patience):
		t.Fatal("a card that lies in the field alone was not found")
	}
	<-decided

	switch {
	case got.err != nil:
		if got.e != nil || !errors.Is(got.err, context.Canceled) || ctx.Err() == nil {
			t.Fatalf("%v, %v", got.e, got.err)
		}
	case got.e.Kind == driver.Stripe:
		if code := got.e.Swipe.Tracks.ServiceCode(); code.Chip() || got.e.Verdict != magstripe.Accept {
			t.Fatalf("a stripe of service code %s won", code)
		}
	default:
		if got.e.Session == nil || got.e.Card == nil {
			t.Fatal("no session")
		}
		answer, err := got.e.Card.Transmit(context.Background(), nil, []byte{0, 0xB2, 1, 0x0C, 0})
		if err == nil && left && answer[0] == 0xFF {
			t.Fatal("the card from before won")
		}
		if err == nil && (answer[0] < 0x70) != (got.e.Kind == driver.Contact) {
			t.Fatalf("card %02X by %s", answer[0], got.e.Kind)
		}
	}
	for _, k := range []driver.Kind{driver.Contact, driver.Contactless} {
		if s, err := r.Open(context.Background(), k); errors.Is(err, driver.ErrBusy) && (got.e == nil || got.e.Kind != k) {
			t.Fatalf("the %s session was not closed", k)
		} else if err == nil {
			_ = s.Close()
		}
	}
	if r.Swipe("", plainTrack, "") {
		t.Fatal("somebody still waits for a swipe")
	}
}

// play does the deeds. Cards of the slot have numbers below 70, those of the field from there on.
func (h hand) play(r *simulated.Reader, cancel context.CancelFunc) {
	for i, deed := range h.deeds {
		for range h.pause[i] {
			runtime.Gosched()
		}
		switch deed {
		case "insert":
			_ = r.Insert(card(i), atr)
		case "remove":
			r.Remove()
		case "tap":
			r.Tap(card(0x70+i), nil)
		case "leave":
			r.Leave()
		case "swipe":
			r.Swipe("", plainTrack, "")
		case "swipe chip":
			r.Swipe("", chipTrack, "")
		case "swipe noise":
			r.Swipe("", "noise", "")
		case "unplug":
			r.Unplug()
		case "plug":
			r.Plug()
		case "cancel":
			cancel()
		}
	}
}
