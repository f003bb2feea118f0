package kernel

import (
	"io"
	"time"

	"github.com/cardwright/emv/crypto/capk"
)

// Env is everything a kernel may reach outside its arguments. Clock and Rand are required; the rest may be left out.
type Env struct {
	Clock      Clock
	Rand       io.Reader        // unpredictable numbers and random selection; must be cryptographically strong in the field
	CAPKs      capk.Source      // CA public keys; without them no offline data authentication succeeds
	Revoked    capk.Revocations // issuer certificates that are no longer good (Book 2, 5.1); nil revokes none
	Exceptions ExceptionFile    // cards that are not to be accepted (Book 3, 10.6.1); nil lists none
	UI         UI               // messages as they happen; nil shows none
	Events     func(Event)      // what happens inside, masked; nil is silent. See Event for how long one is good
}

// Clock tells the time. Since exists so that a test, or a driver with a better timer, decides what passes.
type Clock interface {
	Now() time.Time
	Since(time.Time) time.Duration
}

// SystemClock is the machine's own clock.
type SystemClock struct{}

// Now returns the time of day.
func (SystemClock) Now() time.Time { return time.Now() }

// Since returns the time that passed since t, by the monotonic clock.
func (SystemClock) Since(t time.Time) time.Duration { return time.Since(t) }

// ExceptionFile is the terminal's list of cards that it refuses.
type ExceptionFile interface {
	// Listed reports whether the card with this PAN and PAN sequence number (-1 if the card gave none) is on the list.
	Listed(pan PAN, sequence int) bool
}

// Emit hands an event to Events, if there is one. Callers check Env.Watched first where building the event costs.
func (e *Env) Emit(ev Event) {
	if e.Events != nil {
		e.Events(ev)
	}
}

// Watched reports whether anybody listens to events.
func (e *Env) Watched() bool { return e.Events != nil }

// Show hands a message to the user interface, if there is one.
func (e *Env) Show(r UIRequest) {
	if e.UI != nil {
		e.UI.Show(r)
	}
}
