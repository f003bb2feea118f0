package driver

import (
	"context"
	"slices"
	"sync"
)

// Backlog is how many events a reader keeps that nobody has waited for.
const Backlog = 16

// Queue is a reader's events on their way from the driver to Reader.Wait. The zero value is ready; it is safe for
// concurrent use.
type Queue struct {
	mu      sync.Mutex
	events  []Event
	waiting int
	wake    chan struct{} // made by the first waiter, closed to wake all of them
	end     error
}

// Put adds an event and reports whether it was kept: a swipe is only if somebody waits who gets no other event first;
// nothing is after End.
func (q *Queue) Put(e Event) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.end != nil || e.What == Swiped && len(q.events) >= q.waiting {
		return false
	}
	if len(q.events) == Backlog {
		q.events = slices.Delete(q.events, 0, 1)
	}
	q.events = append(q.events, e)
	q.signal()
	return true
}

// Wait returns the oldest event, as Reader.Wait does. Events from before End come first.
func (q *Queue) Wait(ctx context.Context) (Event, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting++
	defer q.leave()
	for {
		if err := ctx.Err(); err != nil {
			return Event{}, err
		}
		if len(q.events) > 0 {
			e := q.events[0]
			q.events = slices.Delete(q.events, 0, 1)
			return e, nil
		}
		if q.end != nil {
			return Event{}, q.end
		}
		if q.wake == nil {
			q.wake = make(chan struct{})
		}
		wake := q.wake
		q.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
		}
		q.mu.Lock()
	}
}

// leave is the end of a Wait: swipes that came for it go with it.
func (q *Queue) leave() {
	if q.waiting--; q.waiting == 0 {
		q.events = slices.DeleteFunc(q.events, func(e Event) bool { return e.What == Swiped })
	}
}

// End makes every Wait return err once the events are used up. Only the first End counts, except that ErrClosed replaces
// what was there and drops the events.
func (q *Queue) End(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case err == ErrClosed:
		q.end, q.events = err, nil
	case q.end == nil:
		q.end = err
	}
	q.signal()
}

func (q *Queue) signal() {
	if q.wake != nil {
		close(q.wake)
		q.wake = nil
	}
}
