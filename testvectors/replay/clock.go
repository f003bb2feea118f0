package replay

import "time"

// Clock is a kernel.Clock that stands still until something advances it.
type Clock struct{ now time.Time }

// NewClock returns a clock that shows start.
func NewClock(start time.Time) *Clock { return &Clock{now: start} }

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time { return c.now }

// Since returns how much the clock was advanced since t.
func (c *Clock) Since(t time.Time) time.Duration { return c.now.Sub(t) }

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) { c.now = c.now.Add(d) }
