package session

import (
	"sync"

	"github.com/cardwright/emv/terminal/wire"
)

// Lease says which till may command the terminal. Its epoch grows with every change of owner and never comes again, for
// it is stored before it counts: a command that was on its way while the lease passed on is told by its epoch. P13.
type Lease struct {
	mu    sync.Mutex
	now   wire.Lease
	save  func(epoch uint64) error
	busy  func() (requestID string)
	heard func(wire.Lease)
}

// NewLease begins with no owner, after the epoch that was stored last. save stores an epoch durably. busy returns the
// request id of the payment under way, "" for none: it keeps the lease where it is. changed hears of every change.
func NewLease(epoch uint64, save func(uint64) error, busy func() string, changed func(wire.Lease)) *Lease {
	return &Lease{now: wire.Lease{Epoch: epoch}, save: save, busy: busy, heard: changed}
}

// Now returns the lease.
func (l *Lease) Now() wire.Lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

// Holder returns the name of the owner unless that is the given till: what pairing.DeskConfig.Leased asks.
func (l *Lease) Holder(posID string) string {
	if n := l.Now(); n.Owner != "" && n.Owner != posID {
		if n.Name == "" {
			return n.Owner
		}
		return n.Name
	}
	return ""
}

// Ask gives a till the lease if nobody holds it, or if takeOver is set and no payment is under way. The owner itself may
// ask again. The errors are CodeLeased and CodeBusy, with the holder's name, and CodeInternal.
func (l *Lease) Ask(posID, name string, takeOver bool) (wire.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now.Owner == posID {
		return l.now, nil
	}
	if l.now.Owner != "" {
		holder := l.now.Name
		if !takeOver {
			return l.now, &wire.Error{Code: wire.CodeLeased, Holder: holder}
		}
		if id := l.busy(); id != "" {
			return l.now, &wire.Error{Code: wire.CodeBusy, Holder: holder, RequestID: id}
		}
	}
	err := l.pass(wire.Lease{Owner: posID, Name: name})
	return l.now, err
}

// Give ends the lease of its owner. The errors are CodeFenced, CodeBusy and CodeInternal.
func (l *Lease) Give(posID string, epoch uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.check(posID, epoch); err != nil {
		return err
	}
	if id := l.busy(); id != "" {
		return &wire.Error{Code: wire.CodeBusy, Holder: l.now.Name, RequestID: id}
	}
	return l.pass(wire.Lease{})
}

// Check refuses the command of a till that does not hold the lease (CodeNoLease), or of an earlier epoch (CodeFenced).
func (l *Lease) Check(posID string, epoch uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.check(posID, epoch)
}

func (l *Lease) check(posID string, epoch uint64) error {
	switch {
	case epoch != l.now.Epoch:
		return &wire.Error{Code: wire.CodeFenced, Holder: l.now.Name}
	case l.now.Owner != posID || posID == "":
		return &wire.Error{Code: wire.CodeNoLease, Holder: l.now.Name}
	}
	return nil
}

// pass makes a new lease with the next epoch.
func (l *Lease) pass(n wire.Lease) error {
	n.Epoch = l.now.Epoch + 1
	if err := l.save(n.Epoch); err != nil {
		return &wire.Error{Code: wire.CodeInternal, Detail: "the lease can't be stored", Err: err}
	}
	l.now = n
	if l.heard != nil {
		l.heard(n)
	}
	return nil
}
