package pn532_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cardtest"
)

// chip is a PN532 as the user manual describes it, byte by byte, with its own reading and building of frames. What comes in
// goes through receive; what it says goes through send, which a test may disturb.
type chip struct {
	send func([]byte)

	mu      sync.Mutex
	cards   []*air
	dead    bool // unplugged from its power
	noRaw   bool // refuses raw frames
	split   int  // longest part of an answer; 0 is 252
	in      []byte
	awake   bool
	set     bool // SAMConfiguration has come
	field   bool
	targets []*air
	half    []byte // a command that is not whole
	rest    []byte // an answer that is not told to its end
	last    []byte // the last response frame
	raw     [][]byte
	fields  []string
	retries byte
	present int
}

// air is a card near the antenna.
type air struct {
	answer cardtest.Answer
	typeB  bool
	plain  bool // no ISO/IEC 14443-4
	asleep bool // it was released and waits for the field to go off
	gone   bool
}

// receive takes bytes from the host.
func (c *chip) receive(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return
	}
	c.in = append(c.in, b...)
	for {
		i := bytes.Index(c.in, []byte{0x00, 0xFF})
		if !c.awake {
			if bytes.IndexByte(c.in, 0x55) < 0 {
				c.in = nil
				return
			}
			c.awake = true
		}
		if i < 0 || len(c.in) < i+5 {
			return
		}
		b := c.in[i+2:]
		switch {
		case b[0] == 0x00 && b[1] == 0xFF: // ACK: whatever was going on ends
			c.in, c.half, c.rest = c.in[i+5:], nil, nil
			continue
		case b[0] == 0xFF && b[1] == 0x00: // NACK: once more
			c.in = c.in[i+5:]
			if c.last != nil {
				c.say(c.last)
			}
			continue
		}
		size, head := int(b[0]), 2
		if b[0] == 0xFF && b[1] == 0xFF {
			if len(b) < 5 {
				return
			}
			size, head = int(b[2])<<8+int(b[3]), 5
			if b[2]+b[3]+b[4] != 0 {
				c.in = c.in[i+2:]
				continue
			}
		} else if b[0]+b[1] != 0 {
			c.in = c.in[i+2:]
			continue
		}
		if len(b) < head+size+2 {
			return
		}
		total := byte(0)
		for _, x := range b[head : head+size+1] {
			total += x
		}
		payload := bytes.Clone(b[head : head+size])
		// The postamble is part of the frame. A chip that did not look at it would take a frame that lost a byte 00 on the way
		// for a good one, and nothing a host may send could prevent that.
		if total != 0 || b[head+size+1] != 0x00 || size < 2 || payload[0] != 0xD4 {
			c.in = c.in[i+2:]
			continue
		}
		c.in = c.in[i+2+head+size+2:]
		c.say([]byte{0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00})
		c.last = frameOf(c.obey(payload[1], payload[2:]))
		c.say(c.last)
	}
}

// say hands bytes out without the lock: the other side may answer at once.
func (c *chip) say(b []byte) {
	if !c.dead {
		c.send(b)
	}
}

// frameOf builds a response frame; nil is the error frame.
func frameOf(payload []byte) []byte {
	if payload == nil {
		return []byte{0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00}
	}
	payload = append([]byte{0xD5}, payload...)
	n := len(payload)
	f := []byte{0x00, 0x00, 0xFF}
	if n < 256 {
		f = append(f, byte(n), byte(256-n))
	} else {
		f = append(f, 0xFF, 0xFF, byte(n>>8), byte(n), byte(0-(n>>8)-n))
	}
	s := 0
	for _, x := range payload {
		s += int(x)
	}
	return append(append(f, payload...), byte(256-s%256), 0x00)
}

// obey carries a command out and returns the response code and what follows it.
func (c *chip) obey(code byte, p []byte) []byte {
	if code == 0x14 {
		c.set = true
	}
	if !c.set {
		return nil
	}
	ok := []byte{code + 1}
	switch code {
	case 0x00:
		if len(p) == 1 && p[0] == 0x06 {
			c.present++
			if len(c.targets) == 0 || c.lost(c.targets[0]) {
				return append(ok, 0x01)
			}
			return append(ok, 0x00)
		}
		return nil
	case 0x02:
		return append(ok, 0x32, 0x01, 0x06, 0x07)
	case 0x08, 0x12, 0x14:
		return ok
	case 0x32:
		switch p[0] {
		case 0x01:
			on := p[1]&1 != 0
			if on != c.field {
				c.fields = append(c.fields, map[bool]string{true: "on", false: "off"}[on])
			}
			if c.field = on; !on {
				c.targets = nil
				for _, a := range c.cards {
					a.asleep = false
				}
			}
		case 0x04:
			c.retries = p[1]
		}
		return ok
	case 0x40:
		return append(ok, c.exchange(p)...)
	case 0x42:
		if c.noRaw {
			return nil
		}
		c.raw = append(c.raw, bytes.Clone(p))
		return append(ok, 0x01)
	case 0x4A:
		return append(ok, c.list(p)...)
	case 0x52:
		for _, t := range c.targets {
			t.asleep = true
		}
		c.targets = nil
		return append(ok, 0x00)
	}
	return nil
}

func (c *chip) lost(a *air) bool { return a.gone || !c.field }

// list is InListPassiveTarget.
func (c *chip) list(p []byte) []byte {
	out := []byte{0}
	if !c.field {
		return out
	}
	c.targets = nil
	for _, a := range c.cards {
		if a.gone || a.asleep || a.typeB != (p[1] == 0x03) || out[0] == p[0] {
			continue
		}
		out[0]++
		c.targets = append(c.targets, a)
		switch {
		case a.typeB:
			out = append(out, out[0])
			out = append(out, atqb...)
			out = append(out, 0x01, 0x00)
		case a.plain:
			out = append(out, out[0], 0x00, 0x04, 0x08, 0x04, 1, 2, 3, 4)
		default:
			out = append(out, out[0], 0x00, 0x04, 0x20, 0x04, 1, 2, 3, out[0])
			out = append(out, ats...)
		}
	}
	return out
}

var (
	ats  = []byte{0x05, 0x78, 0x80, 0x70, 0x02}
	atqb = []byte{0x50, 1, 2, 3, 4, 0, 0, 0, 0, 0x00, 0x81, 0x70}
)

// exchange is InDataExchange. The lock is given up while the card thinks, so that it can be taken away.
func (c *chip) exchange(p []byte) []byte {
	n := int(p[0]&0x3F) - 1
	if n < 0 || n >= len(c.targets) {
		return []byte{0x27}
	}
	a := c.targets[n]
	data := p[1:]
	switch {
	case c.lost(a):
		return []byte{0x01}
	case p[0]&0x40 != 0:
		c.half = append(c.half, data...)
		return []byte{0x00}
	case len(data) == 0 && len(c.rest) > 0:
		return c.tell()
	case len(data) == 0 && len(c.half) == 0: // there is nothing to tell
		return []byte{0x13}
	}
	command := append(c.half, data...)
	c.half = nil
	c.mu.Unlock()
	answer, err := a.answer(command)
	c.mu.Lock()
	switch {
	case errors.Is(err, kernel.ErrRemoved):
		a.gone = true
		return []byte{0x01}
	case errors.Is(err, kernel.ErrTimeout):
		return []byte{0x01}
	case errors.Is(err, kernel.ErrTransmission):
		return []byte{0x02}
	case err != nil:
		return []byte{0x0B}
	case c.lost(a):
		return []byte{0x2B}
	}
	c.rest = bytes.Clone(answer)
	return c.tell()
}

// tell returns the next part of an answer, with MI while more follows.
func (c *chip) tell() []byte {
	most := c.split
	if most == 0 {
		most = 252
	}
	n := min(most, len(c.rest))
	part := c.rest[:n]
	c.rest = c.rest[n:]
	status := byte(0)
	if len(c.rest) > 0 {
		status = 0x40
	}
	return append([]byte{status}, part...)
}

func (c *chip) tap(a *air) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cards = append(c.cards, a)
}

func (c *chip) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.cards {
		a.gone = true
	}
	c.cards = nil
}

// wire is a transport without a line: bytes go to the chip at once, and the time that a Read waits for nothing passes on
// the wire's own clock. The chip behind it is one that answers at once.
type wire struct {
	chip *chip
	out  []byte
	now  time.Time

	// What the line does to what is written and to what the chip says; nil leaves it as it is.
	toChip, fromChip func([]byte) []byte
	most             int           // bytes that one Read gives at most; 0 is all
	slow             time.Duration // the next response comes so much later
	later            []byte
	babble           []byte // comes again and again, and nothing else
	err              error
}

func newWire() *wire {
	w := &wire{chip: &chip{}, now: time.Unix(1_000_000, 0)}
	w.chip.send = func(b []byte) {
		if w.fromChip != nil {
			b = w.fromChip(bytes.Clone(b))
		}
		if w.slow > 0 && !bytes.Equal(b, ackBytes) {
			w.later = append(w.later, b...)
			return
		}
		w.out = append(w.out, b...)
	}
	return w
}

func (w *wire) Wake() error {
	return w.Write([]byte{0x55, 0x55, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
}

func (w *wire) Write(p []byte) error {
	if w.err != nil {
		return w.err
	}
	p = bytes.Clone(p)
	if w.toChip != nil {
		p = w.toChip(p)
	}
	w.chip.receive(p)
	return nil
}

func (w *wire) Read(p []byte, wait time.Duration) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	if w.babble != nil && len(w.out) == 0 {
		w.out = bytes.Clone(w.babble)
	}
	if len(w.out) == 0 && len(w.later) > 0 && w.slow <= wait {
		w.now, w.out, w.later, w.slow = w.now.Add(w.slow), w.later, nil, 0
	}
	if len(w.out) == 0 {
		w.now = w.now.Add(wait)
		w.slow = max(0, w.slow-wait)
		return 0, nil
	}
	if w.most > 0 && len(p) > w.most {
		p = p[:w.most]
	}
	n := copy(p, w.out)
	w.out = w.out[n:]
	w.now = w.now.Add(time.Duration(n) * 87 * time.Microsecond) // 115,200 baud
	return n, nil
}

func (w *wire) Close() error { return nil }

// Now and Since make the wire a kernel.Clock.
func (w *wire) Now() time.Time                  { return w.now }
func (w *wire) Since(t time.Time) time.Duration { return w.now.Sub(t) }

func (w *wire) sleep(ctx context.Context, d time.Duration) error {
	w.now = w.now.Add(d)
	return ctx.Err()
}
