//go:build pcsc

package pcsc

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/ebfe/scard"
)

// forever is no time-out: one that falls together with a change can leave an answer of the service unread, and every later
// one would be taken for the one before. Close cancels the wait.
const forever = -1

// Times of the watch.
const (
	watchRetry = 100 * time.Millisecond // between attempts to reach a service that is not there
	settle     = time.Second            // in which the service notices a card that was pulled
)

// state is what the service says about a reader. Two states with the same epoch and count are of the same card.
type state struct {
	gone    bool // the reader, or the service
	present bool
	mute    bool // a card is there and does not answer
	atr     []byte
	epoch   int    // counts how often the reader was gone
	count   uint16 // of the service: insertions and removals
}

// watch follows one reader in a goroutine of its own.
type watch struct {
	name string
	tell func(before, now state) // called for each change, in order

	handle sync.Mutex // held where the wait is cancelled, and where its context is given back

	mu      sync.Mutex
	sc      *scard.Context // of the wait under way
	now     state
	changed chan struct{} // closed at each change
	closed  bool
	done    chan struct{}
}

// startWatch takes over the context. The first state has been seen when it returns.
func startWatch(sc *scard.Context, name string, tell func(before, now state)) *watch {
	w := &watch{name: name, tell: tell, sc: sc, changed: make(chan struct{}), done: make(chan struct{})}
	id := takePin()
	first := []scard.ReaderState{{Reader: id.pin(name)}}
	if err := sc.GetStatusChange(first, 0); err == nil {
		w.now = stateOf(first[0], 0)
	}
	go w.run(id)
	return w
}

func stateOf(s scard.ReaderState, epoch int) state {
	e := s.EventState
	if e&(scard.StateUnknown|scard.StateUnavailable) != 0 {
		return state{gone: true, epoch: epoch}
	}
	n := state{epoch: epoch, count: uint16(e >> 16), present: e&scard.StatePresent != 0, mute: e&scard.StateMute != 0}
	if n.present {
		n.atr = slices.Clone(s.Atr)
	}
	return n
}

// current returns the state, and a channel that is closed when it has changed.
func (w *watch) current() (state, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now, w.changed
}

// await waits until ok holds. It returns false when ctx ended or most has passed, if it is not 0.
func (w *watch) await(ctx context.Context, most time.Duration, ok func(state) bool) bool {
	var late <-chan time.Time
	if most > 0 {
		t := time.NewTimer(most)
		defer t.Stop()
		late = t.C
	}
	for {
		now, changed := w.current()
		if ok(now) {
			return true
		}
		select {
		case <-changed:
		case <-late:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// close ends the goroutine and waits for it. One that waits for a service that hangs is left behind: it ends with that.
func (w *watch) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	go w.stop()
	t := time.NewTimer(lastWait)
	defer t.Stop()
	select {
	case <-w.done:
	case <-t.C:
	}
}

// stop cancels the wait until it has ended.
func (w *watch) stop() {
	for {
		w.cancel()
		select {
		case <-w.done:
			return
		case <-time.After(watchRetry / 10):
		}
	}
}

func (w *watch) cancel() {
	w.handle.Lock()
	defer w.handle.Unlock()
	w.mu.Lock()
	sc := w.sc
	w.mu.Unlock()
	if sc != nil {
		_ = sc.Cancel() // has no effect where no wait has begun yet: hence again
	}
}

func (w *watch) closing() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

// set stores a state and tells about it.
func (w *watch) set(now state) {
	w.mu.Lock()
	before := w.now
	same := before.gone == now.gone && before.present == now.present && before.mute == now.mute &&
		before.count == now.count && slices.Equal(before.atr, now.atr)
	if before.gone && !now.gone {
		now.epoch = before.epoch + 1
	}
	if same || w.closed {
		w.mu.Unlock()
		return
	}
	w.now = now
	close(w.changed)
	w.changed = make(chan struct{})
	w.mu.Unlock()
	w.tell(before, now)
}

// run waits for changes, and looks for reader and service again where they went away.
func (w *watch) run(id pin) {
	defer close(w.done)
	defer id.free()
	var known scard.StateFlag // what the service was last told that we know
	for !w.closing() {
		now, _ := w.current()
		if now.gone {
			known = scard.StateUnaware
			if !w.back(id) {
				time.Sleep(watchRetry)
			}
			continue
		}
		states := []scard.ReaderState{{Reader: id.pin(w.name), CurrentState: known}}
		err := w.sc.GetStatusChange(states, forever)
		switch {
		case err == nil:
			known = states[0].EventState &^ scard.StateChanged
			w.set(stateOf(states[0], now.epoch))
		case errors.Is(err, scard.ErrTimeout), errors.Is(err, scard.ErrCancelled):
		case errors.Is(err, scard.ErrUnknownReader), errors.Is(err, scard.ErrReaderUnavailable):
			w.set(state{gone: true, epoch: now.epoch})
		default: // the service went away
			w.disconnect()
			w.set(state{gone: true, epoch: now.epoch})
		}
	}
	w.disconnect()
}

// back reaches the service again, if it went, and reports whether the reader is there again.
func (w *watch) back(id pin) bool {
	if w.sc == nil && !w.connect() {
		return false
	}
	names, err := w.sc.ListReaders()
	if err != nil && !errors.Is(err, scard.ErrNoReadersAvailable) {
		w.disconnect()
		return false
	}
	if !slices.Contains(names, w.name) {
		return false
	}
	w.look(id)
	now, _ := w.current()
	return !now.gone
}

// look asks how things are, without waiting.
func (w *watch) look(id pin) {
	states := []scard.ReaderState{{Reader: id.pin(w.name)}}
	if w.sc.GetStatusChange(states, 0) == nil {
		now, _ := w.current()
		w.set(stateOf(states[0], now.epoch))
	}
}

// connect reaches the service again.
func (w *watch) connect() bool {
	sc, err := scard.EstablishContext()
	if err != nil {
		return false
	}
	w.mu.Lock()
	w.sc = sc
	w.mu.Unlock()
	return true
}

func (w *watch) disconnect() {
	w.mu.Lock()
	sc := w.sc
	w.sc = nil
	w.mu.Unlock()
	w.handle.Lock()
	defer w.handle.Unlock()
	if sc != nil {
		release(sc)
	}
}
