package pairing

import "time"

// Clock is the time, and how to wait for it. SystemClock is the real one.
type Clock interface {
	Now() time.Time

	// After sends once that much time has passed.
	After(d time.Duration) <-chan time.Time
}

// SystemClock is the clock of the machine.
type SystemClock struct{}

// Now is time.Now.
func (SystemClock) Now() time.Time { return time.Now() }

// After is time.After.
func (SystemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
