package terminal

import (
	"sync"
	"sync/atomic"
)

// active is the payment whose customer is at the terminal, as the lease and the status ask for it. The engine can't be asked
// by the lease: the engine asks the lease with its lock held.
type active struct {
	mu    sync.Mutex // one refresh at a time
	claim atomic.Pointer[string]
	now   atomic.Pointer[string]
}

// id returns the request id, "" for none.
func (a *active) id() string {
	if p := a.now.Load(); p != nil {
		return *p
	}
	if p := a.claim.Load(); p != nil {
		return *p
	}
	return ""
}

// claims holds the lease where it is while a request is being taken.
func (a *active) claims(id string) { a.claim.Store(&id) }

// refresh asks the engine; end says that a claim is over.
func (t *Terminal) refresh(end bool) {
	a := &t.active
	a.mu.Lock()
	defer a.mu.Unlock()
	if s, ok := t.engine.Active(); ok {
		a.now.Store(&s.RequestID)
	} else {
		a.now.Store(nil)
	}
	if end {
		a.claim.Store(nil)
	}
}
