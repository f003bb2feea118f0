package replay

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/cardwright/emv/kernel"
)

// MaxCommands is how many commands one Card answers: a kernel that asks more is in a loop.
const MaxCommands = 4096

// Card plays taps one after the other. It is a kernel.Card, a kernel.Field and a kernel.Timed, and keeps what it was asked.
// It is for one goroutine.
type Card struct {
	clock *Clock
	taps  []Tap

	at       int // the tap in the field, -1 before the first
	used     []bool
	next     int // commands of this tap
	on       bool
	took     time.Duration
	commands [][]byte
	field    []string
	mismatch *Mismatch
}

// NewCard returns a card that shows the taps in order, on a clock that it advances.
func NewCard(clock *Clock, taps ...Tap) *Card {
	return &Card{clock: clock, taps: taps, at: -1}
}

// Present begins a new session with these taps: the next activation takes the first of them. What was asked before is
// kept.
func (c *Card) Present(taps ...Tap) {
	c.taps, c.at, c.used, c.next = taps, -1, nil, 0
}

// Activate takes the next tap (kernel.Field). When there is none it returns ErrNoCard.
func (c *Card) Activate(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !c.on {
		c.on = true
		c.field = append(c.field, "on")
	}
	if c.again() {
		return nil
	}
	if c.at+1 >= len(c.taps) {
		return ErrNoCard
	}
	c.at++
	c.next = 0
	t := c.taps[c.at]
	if t.Script != nil {
		c.used = make([]bool, len(t.Script.Exchanges))
	}
	if t.Collision {
		return kernel.ErrCollision
	}
	if again, ok := t.Card.(interface{ Reset() }); ok { // a card that came back into the field
		again.Reset()
	}
	return nil
}

// Deactivate switches the field off and lets hold pass (kernel.Field).
func (c *Card) Deactivate(_ context.Context, hold time.Duration) error {
	c.on = false
	c.clock.Advance(hold)
	entry := "off"
	if hold > 0 {
		entry += ":" + strconv.FormatInt(hold.Milliseconds(), 10)
	}
	c.field = append(c.field, entry)
	return nil
}

// Transmit answers a command from the tap in the field (kernel.Card).
func (c *Card) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return dst, err
	}
	if c.mismatch != nil { // the test has ended; what follows is not the kernel's fault
		return dst, c.mismatch
	}
	if len(c.commands) == MaxCommands {
		return dst, ErrCommands
	}
	c.commands = append(c.commands, append([]byte(nil), command...))
	if c.at < 0 { // a reader without a field: the card lies there
		if err := c.Activate(ctx); err != nil {
			return dst, err
		}
	}
	t := c.taps[c.at]
	c.next++
	if t.Card != nil {
		before := c.clock.Now()
		dst, err := t.Card.Transmit(ctx, dst, command)
		c.took = c.clock.Since(before)
		if timed, ok := t.Card.(kernel.Timed); ok {
			c.took = timed.ExchangeTime()
			c.clock.Advance(c.took)
		}
		return dst, err
	}
	return c.play(t.Script, dst, command)
}

func (c *Card) play(s *Script, dst, command []byte) ([]byte, error) {
	if s == nil {
		s = &Script{}
	}
	i, want := c.find(s, command)
	if i < 0 {
		if s.AnyOrder && s.Otherwise != nil {
			c.took = 0
			return append(dst, s.Otherwise...), nil
		}
		c.mismatch = &Mismatch{Tap: c.at, At: c.next - 1, Got: upper(command), Want: want}
		return dst, c.mismatch
	}
	c.used[i] = true
	e := &s.Exchanges[i]
	c.took = e.Took
	c.clock.Advance(e.Took)
	if e.Err != nil {
		return dst, e.Err
	}
	return append(dst, e.Response...), nil
}

// find returns the exchange that answers the command, or -1 and what was expected.
func (c *Card) find(s *Script, command []byte) (int, string) {
	for i := range s.Exchanges {
		switch {
		case c.used[i]:
		case s.AnyCommand || s.Exchanges[i].Command.Match(command):
			return i, ""
		case !s.AnyOrder:
			return -1, s.Exchanges[i].Command.String()
		}
	}
	return -1, ""
}

// ExchangeTime returns the card's time for the last command (kernel.Timed).
func (c *Card) ExchangeTime() time.Duration { return c.took }

// Commands returns all commands in the order in which they came.
func (c *Card) Commands() [][]byte { return c.commands }

// Field returns what happened to the field: "on", "off" and, with a time in milliseconds, "off:1300".
func (c *Card) Field() []string { return c.field }

// Mismatch returns the command that no script expected, nil if there was none.
func (c *Card) Mismatch() *Mismatch { return c.mismatch }

// Left returns how many activations will find a card, at least.
func (c *Card) Left() int {
	n := len(c.taps) - c.at - 1
	if c.again() {
		n++
	}
	return n
}

// again reports whether the tap in the field goes on at the next activation.
func (c *Card) again() bool {
	if c.at < 0 || !c.taps[c.at].Again {
		return false
	}
	if s := c.taps[c.at].Script; s != nil && s.AnyOrder && c.next > 0 {
		return slices.ContainsFunc(c.commands[len(c.commands)-c.next:], func(sent []byte) bool {
			at, _ := c.find(s, sent)
			return at >= 0 && len(sent) > 1 && sent[1] == insSelect
		})
	}
	return slices.Contains(c.used, false)
}

// insSelect is the instruction byte of SELECT (ISO/IEC 7816-4).
const insSelect = 0xA4
