package dock

import (
	"context"
	"sync"
)

// Dock is the signal of a dock. Its methods may be called from any goroutine.
type Dock interface {
	// Docked is the level now.
	Docked() bool

	// Changes sends the level that is, and every later one, until ctx ends; then the channel is closed. Who is slow
	// gets the newest level and not those between.
	Changes(ctx context.Context) <-chan bool
}

// Virtual is a dock that exists only in the program. The zero value is a device that is out of it.
type Virtual struct{ level level }

// Dock puts the device in.
func (v *Virtual) Dock() { v.level.set(true) }

// Undock takes it out.
func (v *Virtual) Undock() { v.level.set(false) }

// Docked implements Dock.
func (v *Virtual) Docked() bool { return v.level.get() }

// Changes implements Dock.
func (v *Virtual) Changes(ctx context.Context) <-chan bool { return v.level.changes(ctx) }

// level is a value that others follow.
type level struct {
	mu        sync.Mutex
	now       bool
	followers map[chan bool]struct{}
}

func (l *level) get() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *level) set(now bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now == l.now {
		return
	}
	l.now = now
	for c := range l.followers {
		select {
		case <-c: // not taken yet, and no longer true
		default:
		}
		c <- now
	}
}

func (l *level) changes(ctx context.Context) <-chan bool {
	c := make(chan bool, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	c <- l.now
	if l.followers == nil {
		l.followers = map[chan bool]struct{}{}
	}
	l.followers[c] = struct{}{}
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.followers, c)
		close(c)
	})
	return c
}
