package discovery

import (
	"context"
	"net/netip"
	"sync"
)

// answer is what somebody said: a terminal of that presence id is at these addresses. Nothing of it is proven.
type answer struct {
	id string
	at []netip.AddrPort
}

// maxAnswers is how many are looked at in one round.
const maxAnswers = 256

// question is asked by one at a time, for all who want to know: the libraries can't be broken off, and a till that has
// found its terminal must not wait for them.
type question struct {
	// ask asks once, and calls found with every answer, by any goroutine, until SearchTime is over.
	ask func(found func(answer))

	asking  sync.WaitGroup
	mu      sync.Mutex
	closed  bool
	current *round
}

// round is a question that was asked and its answers so far.
type round struct {
	mu      sync.Mutex
	answers []answer
	over    bool
	more    chan struct{} // closed at the next answer, or when it is over
}

// close waits for the round that is under way. No other will be.
func (q *question) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.asking.Wait()
}

// round returns the one that is under way, a new one if there is none, nil if the question is closed.
func (q *question) round() *round {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.current == nil && !q.closed {
		r := &round{more: make(chan struct{})}
		q.current = r
		q.asking.Go(func() {
			q.ask(func(a answer) { r.add(&a) })
			q.mu.Lock()
			q.current = nil
			q.mu.Unlock()
			r.add(nil)
		})
	}
	return q.current
}

// add adds an answer; nil ends the round.
func (r *round) add(a *answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || a != nil && len(r.answers) == maxAnswers {
		return
	}
	if a != nil {
		r.answers = append(r.answers, *a)
	}
	r.over = a == nil
	close(r.more)
	r.more = make(chan struct{})
}

// from returns the answers from the nth on.
func (r *round) from(n int) (answers []answer, over bool, more <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.answers[n:len(r.answers):len(r.answers)], r.over, r.more
}

// hear calls found with every answer of a round, until it is over or ctx ends.
func (q *question) hear(ctx context.Context, found func(answer)) {
	r := q.round()
	if r == nil {
		return
	}
	for n := 0; ctx.Err() == nil; {
		answers, over, more := r.from(n)
		for _, a := range answers {
			found(a)
		}
		if n += len(answers); over {
			return
		}
		select {
		case <-more:
		case <-ctx.Done():
		}
	}
}
