//go:build pcsc

package pcsc

import (
	"sync"
	"time"
)

// worker makes a session's calls to the service, one after the other: a call can't be interrupted, and who waited for it may
// have left.
type worker struct {
	calls chan func()
	quit  chan struct{} // closed by end
	ended chan struct{}
	last  func()
	once  sync.Once
}

// lastWait is how long the end of a session waits for a call that hangs.
const lastWait = time.Second

func startWorker() *worker {
	w := &worker{calls: make(chan func()), quit: make(chan struct{}), ended: make(chan struct{})}
	go w.run()
	return w
}

func (w *worker) run() {
	defer close(w.ended)
	for {
		select {
		case <-w.quit:
			w.last()
			return
		default:
		}
		select {
		case call := <-w.calls:
			call()
		case <-w.quit:
		}
	}
}

// end makes the worker do one last thing and stop. A call that hangs is left behind; what is last comes after it.
func (w *worker) end(last func()) {
	w.once.Do(func() {
		w.last = last
		close(w.quit)
	})
	t := time.NewTimer(lastWait)
	defer t.Stop()
	select {
	case <-w.ended:
	case <-t.C:
	}
}
