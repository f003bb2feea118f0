package terminal

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/reader"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// Terminal is a device that was opened. Its methods may be called from any goroutine.
type Terminal struct {
	c      Config
	state  *state
	cert   tls.Certificate
	policy pairing.Policy
	caps   wire.Capabilities

	screen  *screen
	display *display.Display
	reader  *reader.Reader
	engine  *payment.Engine
	lease   *session.Lease
	server  *session.Server
	desk    *pairing.Desk
	modes   *dock.Machine

	ports  ports
	events events
	told   told
	said   said
	active active
	host   provider
	net    network
	pairs  pairs
	shift  shift
	linked linked

	leaving atomic.Bool // the dock is being left: no payment begins

	mu      sync.Mutex
	where   Addresses
	bound   chan struct{} // closed when where is known
	running bool
	closed  bool
	ended   chan struct{} // closed when Run has returned
}

// Addresses are where a running terminal listens.
type Addresses struct {
	Session  net.Addr
	Plain    net.Addr
	Presence net.Addr
	Display  string // URL of the customer display, for this device's own browser
}

// Addresses waits until Run has opened its ports and returns them. The error is ctx's, or CodeRunning where Run will not
// come. The pairing port is in the code on the screen, while there is one.
func (t *Terminal) Addresses(ctx context.Context) (Addresses, error) {
	select {
	case <-t.bound:
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.where, nil
	case <-t.ended:
		return Addresses{}, &Error{Code: CodeRunning, Text: "the terminal has stopped"}
	case <-ctx.Done():
		return Addresses{}, ctx.Err()
	}
}

// ID returns the terminal's id: random, made at the first start and kept.
func (t *Terminal) ID() string { return t.state.id.String() }

// Location returns merchant and location: those of Config, or what a terminal that stands alone has made for itself.
func (t *Terminal) Location() (merchant, location string) {
	return t.policy.Merchant, t.policy.Location
}

// Mode returns the mode that the terminal is in.
func (t *Terminal) Mode() dock.Mode { return t.modes.Mode() }

// Display returns the customer display, as the page has it.
func (t *Terminal) Display() display.State { return t.display.State() }

// Status returns what the terminal is doing, as tills are told.
func (t *Terminal) Status() wire.Status { return t.status() }

// Close ends the terminal after Run has returned, or without it: a payment under way is recovered by the next Open, as
// after a loss of power. The readers are closed; the key store and the host stay the caller's. A second Close does
// nothing.
func (t *Terminal) Close() error {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return nil
	}
	t.closed = true
	running := t.running
	t.mu.Unlock()
	if running {
		<-t.ended
	} else {
		close(t.ended)
	}
	err := t.engine.Close() // ends the payment at the reader
	t.display.Close()
	return errors.Join(err, t.reader.Close(), t.closeReaders(), t.state.close())
}

func (t *Terminal) closeReaders() (err error) {
	for _, r := range t.c.Readers {
		err = errors.Join(err, r.Close())
	}
	return err
}
