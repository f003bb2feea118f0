package dock

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// Machine keeps the mode of the device in step with its dock.
type Machine struct {
	c Config

	mu      sync.Mutex
	mode    Mode
	changed chan struct{} // closed when mode changes
}

// New makes a machine, in the mode of the dock's level.
func New(c Config) (*Machine, error) {
	if c.Dock == nil {
		return nil, errors.New("dock: no Dock")
	}
	if c.Debounce < 0 {
		return nil, errors.New("dock: Debounce is negative")
	}
	if c.Hooks == nil {
		c.Hooks = noHooks{}
	}
	if c.Clock == nil {
		c.Clock = pairing.SystemClock{}
	}
	if c.Debounce == 0 {
		c.Debounce = Debounce
	}
	return &Machine{c: c, mode: modeOf(c.Dock.Docked()), changed: make(chan struct{})}, nil
}

// Mode returns the mode that the device is in. While it is being left it is still that one.
func (m *Machine) Mode() Mode {
	mode, _ := m.now()
	return mode
}

func (m *Machine) now() (Mode, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mode, m.changed
}

// Enter waits until the device is in a mode, and asks for no more than its dock says. The errors are
// wire.CodeNotDocked for docked mode out of the dock (S4), CodeDocked for mobile mode in it, and that of ctx.
func (m *Machine) Enter(ctx context.Context, to Mode) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	levels := m.c.Dock.Changes(ctx)
	docked := m.c.Dock.Docked()
	for ctx.Err() == nil {
		if modeOf(docked) != to {
			if docked {
				return inDock()
			}
			return wire.Refuse(wire.CodeNotDocked, "the device is not in its dock")
		}
		mode, changed := m.now()
		if mode == to {
			return nil
		}
		select {
		case <-changed:
		case docked = <-levels:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// Run follows the dock until ctx ends and returns the error of ctx. It is called once. When it returns staff is signed out
// and the scanner is closed.
func (m *Machine) Run(ctx context.Context) error {
	levels := m.c.Dock.Changes(ctx)
	defer m.c.Staff.shut()
	m.enter(m.Mode())
	var due <-chan time.Time // when the level counts, nil while it is that of the mode
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case docked, ok := <-levels:
			if !ok {
				return ctx.Err()
			}
			due = nil
			if modeOf(docked) != m.Mode() {
				due = m.c.Clock.After(m.c.Debounce)
			}
		case <-due:
			due = nil
			m.change(ctx, levels)
		}
	}
}

// change leaves the mode for the other one, unless the device comes back while a payment has to end. S30
func (m *Machine) change(ctx context.Context, levels <-chan bool) {
	from := m.Mode()
	waiting, back := context.WithCancel(ctx)
	settled := make(chan struct{})
	go func() {
		defer close(settled)
		m.c.Hooks.Settle(waiting, from)
	}()
	for done := false; !done; {
		select {
		case <-settled:
			done = true
		case docked, ok := <-levels:
			if !ok || modeOf(docked) == from {
				back()
				<-settled
				done = true
			}
		}
	}
	stays := waiting.Err() != nil
	back()
	switch {
	case ctx.Err() != nil: // the device is being switched off
	case stays:
		m.c.Hooks.Stay(from)
	default:
		m.c.Staff.shut()
		m.c.Hooks.Leave(from)
		m.enter(1 - from)
	}
}

func (m *Machine) enter(to Mode) {
	m.mu.Lock()
	m.mode = to
	close(m.changed)
	m.changed = make(chan struct{})
	m.mu.Unlock()
	if to == Mobile {
		m.c.Staff.open()
	}
	m.c.Hooks.Enter(to)
}

type noHooks struct{}

func (noHooks) Settle(context.Context, Mode) {}
func (noHooks) Stay(Mode)                    {}
func (noHooks) Leave(Mode)                   {}
func (noHooks) Enter(Mode)                   {}
