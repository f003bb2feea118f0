package payment

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/journal/journaltest"
)

// What decides a payment, as one register that is written once: open, then cancelled or committed.
type deed string

const (
	cancels deed = "cancel"
	commits deed = "commit"
	reads   deed = "status"

	isOpen      = "open"
	isCancelled = "cancelled"
	isCommitted = "committed"
)

var decision = porcupine.Model{
	Init: func() any { return isOpen },
	Step: func(state, input, output any) (bool, any) {
		said := output.(string)
		switch input.(deed) {
		case cancels:
			if state == isOpen {
				return said == isCancelled, isCancelled
			}
		case commits:
			if state == isOpen {
				return said == isCommitted, isCommitted
			}
		case reads:
		}
		return said == state, state
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%v: %v", input, output) },
}

// racer is a reader whose card commits as soon as it may.
type racer struct {
	history *history
	go_     chan struct{}
	yields  int // before it asks
}

func (r *racer) Take(ctx context.Context, _ Order, d Desk) (Taken, error) {
	<-r.go_
	if err := d.CardIn(ctx, Card{Entry: Tap}); err != nil && !errors.Is(err, ErrCancelled) {
		return Taken{}, err
	}
	for range r.yields {
		runtime.Gosched()
	}
	done := r.history.begin(0, commits)
	answer, err := d.Authorise(ctx, Online{Card: Card{Entry: Tap}})
	if err != nil {
		done(isCancelled)
		return Taken{}, err
	}
	done(isCommitted)
	if answer.Approved() {
		return Taken{Kind: kernel.OnlineRequest}, nil
	}
	return Taken{Kind: kernel.Declined}, nil
}

// history is what clients saw.
type history struct {
	mu    sync.Mutex
	start time.Time
	ops   []porcupine.Operation
}

func (h *history) begin(client int, what deed) func(said string) {
	call := time.Since(h.start).Nanoseconds()
	return func(said string) {
		ret := time.Since(h.start).Nanoseconds()
		h.mu.Lock()
		defer h.mu.Unlock()
		h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: what, Call: call, Output: said, Return: ret})
	}
}

// TestLinearizable lets a card and several tills race for a payment, many times over, on a journal in memory: each history
// is one that a single register could have had.
func TestLinearizable(t *testing.T) {
	won := map[string]int{}
	for round := range uint64(300) {
		random := rand.New(rand.NewPCG(round, 7))
		w := newWorld()
		w.fs = journaltest.New()
		h := &history{start: time.Now()}
		r := &racer{history: h, go_: make(chan struct{}), yields: random.IntN(40)}
		w.config.Reader = r
		if err := w.start(); err != nil {
			t.Fatal(err)
		}
		till, request := w.lease.till(), w.sale("order-1", 100)
		if _, err := w.engine.Accept(till, request); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for client := 1; client <= 4; client++ {
			yields := random.IntN(40)
			all.Go(func() {
				<-r.go_
				for range yields {
					runtime.Gosched()
				}
				if client == 4 {
					done := h.begin(client, reads)
					s, err := w.engine.Status(till, request.RequestID)
					if err != nil {
						t.Error(err)
					}
					done(decided(s))
					return
				}
				done := h.begin(client, cancels)
				c, err := w.engine.Cancel(till, request.RequestID, false)
				if err != nil {
					t.Error(err)
				}
				if c.Cancelled {
					done(isCancelled)
				} else {
					done(isCommitted)
				}
			})
		}
		close(r.go_)
		all.Wait()
		for w.active() {
			runtime.Gosched()
		}
		_ = w.engine.Close()
		if !porcupine.CheckOperations(decision, h.ops) {
			t.Fatalf("round %d: no order explains %+v", round, h.ops)
		}
		s, err := w.engine.Status(till, request.RequestID)
		if err != nil {
			t.Fatal(err)
		}
		won[decided(s)]++
		if charged := len(w.host.charged()) == 1; charged != (decided(s) == isCommitted) {
			t.Fatalf("round %d: %s, and the host took %v", round, decided(s), w.host.charged())
		}
	}
	if won[isCancelled] == 0 || won[isCommitted] == 0 {
		t.Errorf("one side always wins: %v", won)
	}
}

func (w *world) active() bool {
	_, active := w.engine.Active()
	return active
}

func decided(s Status) string {
	switch {
	case s.Final != nil && s.Final.Result == Cancelled:
		return isCancelled
	case s.State >= Commit:
		return isCommitted
	}
	return isOpen
}

// TestLinearizableNotices: histories that must not be are refused, among them that of a till that looks first and cancels
// then.
func TestLinearizableNotices(t *testing.T) {
	op := func(what deed, said string, call, ret int64) porcupine.Operation {
		return porcupine.Operation{Input: what, Output: said, Call: call, Return: ret}
	}
	for name, ops := range map[string][]porcupine.Operation{
		"cancel accepted, then an approval": {op(cancels, isCancelled, 1, 2), op(commits, isCommitted, 3, 4)},
		"both at the same time":             {op(cancels, isCancelled, 1, 9), op(commits, isCommitted, 2, 8)},
		"looked, then cancelled": {
			op(reads, isOpen, 1, 2), op(commits, isCommitted, 3, 4), op(cancels, isCancelled, 2, 5),
		},
		"a state that goes back": {op(commits, isCommitted, 1, 2), op(reads, isOpen, 3, 4)},
	} {
		if porcupine.CheckOperations(decision, ops) {
			t.Errorf("%s: was taken for right", name)
		}
	}
}
