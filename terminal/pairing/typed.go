package pairing

import (
	"io"
	"net/netip"
	"sync"
	"time"

	"github.com/cardwright/emv/crypto/spake2plus"
	"github.com/cardwright/emv/terminal/wire"
)

// What bounds strangers, who can use up the tries of a typed code: after a second spoiled code within calm the next one
// waits a minute, then two, four and so on. However many strangers there are and however they go about it, that leaves
// fewer than forty guesses an hour, two of each code of five minutes and three of those that they spoil; each is right
// with 10^-8. An address with three wrong tries has no further one for holdOff, so that one stranger can't spoil the code
// that follows.
const (
	holdOff  = Redraw
	longest  = time.Hour
	calm     = time.Hour
	maxHosts = 64
)

// typedCode is one code for typing. After its end nothing of it stays but why it ended.
type typedCode struct {
	digits  digits
	record  spake2plus.Record
	expires time.Time
	begun   int // tries, counted before the terminal says a thing
	open    int // of them, those under way
	end     wire.Code
}

func (c *typedCode) over(why wire.Code) {
	c.record.Wipe()
	clear(c.digits[:])
	c.end = why
}

// host is what an address has tried lately.
type host struct {
	tries int
	last  time.Time
}

// typed are the codes of a terminal for typing. There is one at a time: a till can't say which code it means without
// giving away something of it.
type typed struct {
	mu       sync.Mutex
	code     *typedCode
	shown    bool // the code is on the screen, whether or not it is over
	spoiled  int  // codes, with less than calm between the pause after one and the next
	spoiling time.Time
	hosts    map[netip.Prefix]host
}

// draw returns the code for the screen, a new one if there is none that lives. It returns "" while no code may be drawn.
func (t *typed) draw(now time.Time, terminal Pin, random io.Reader) (string, time.Time, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(now)
	if t.code == nil || t.code.end != "" {
		t.shown = false
		if now.Before(t.next()) {
			return "", time.Time{}, nil
		}
		c := &typedCode{expires: now.Add(Life)}
		var err error
		if c.digits, err = drawDigits(random); err != nil {
			return "", time.Time{}, err
		}
		s, err := typedSecrets(&c.digits, terminal)
		if err != nil {
			return "", time.Time{}, err
		}
		defer s.Wipe()
		if c.record, err = s.Record(); err != nil {
			return "", time.Time{}, &wire.Error{Code: wire.CodeInternal, Detail: "typed code", Err: err}
		}
		t.code = c
	}
	t.shown = true
	return t.code.digits.String(), t.code.expires, nil
}

// next is when the next code may be drawn.
func (t *typed) next() time.Time {
	if t.spoiled < 2 {
		return t.spoiling
	}
	wait := longest
	if n := t.spoiled - 2; n < 6 {
		wait = Redraw << n
	}
	return t.spoiling.Add(wait)
}

// expire ends a code that is past its time.
func (t *typed) expire(now time.Time) {
	if c := t.code; c != nil && c.end == "" && !now.Before(c.expires) {
		c.over(wire.CodeExpired)
	}
}

// stale reports whether the screen shows a code that is over.
func (t *typed) stale() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.shown && t.code.end != ""
}

// endAll erases the code.
func (t *typed) endAll(why wire.Code) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.code != nil && t.code.end == "" {
		t.code.over(why)
	}
	t.shown = false
}

// try is one exchange under way.
type try struct {
	t      *typed
	code   *typedCode
	host   netip.Prefix
	record spake2plus.Record // a copy: the code may end meanwhile
}

// begin counts a try of the code. It is used up, whatever comes of it, unless settle says that it was right. The errors
// are CodeWaitCode, and CodeUsed, CodeSpoiled or CodeExpired where that is why there is no code.
func (t *typed) begin(now time.Time, remote netip.Addr) (*try, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(now)
	from := HostOf(remote)
	h := t.hosts[from]
	if !now.Before(h.last.Add(holdOff)) {
		h.tries = 0
	}
	switch c := t.code; {
	case c == nil || c.end != "" && now.Before(t.next()):
		return nil, wire.Refuse(wire.CodeWaitCode, "no code can be typed for a while")
	case h.tries >= tries:
		return nil, wire.Refuse(wire.CodeWaitCode, "too many wrong codes from %v", from)
	case c.end != "":
		return nil, wire.Refuse(c.end, "this code is over")
	case c.begun >= tries:
		return nil, wire.Refuse(wire.CodeSpoiled, "the last tries are under way")
	}
	h.tries++
	h.last = now
	t.note(from, h)
	t.code.begun++
	t.code.open++
	return &try{t, t.code, from, t.code.record}, nil
}

// note keeps what an address has tried, of the last maxHosts.
func (t *typed) note(from netip.Prefix, h host) {
	if t.hosts == nil {
		t.hosts = map[netip.Prefix]host{}
	}
	if _, ok := t.hosts[from]; !ok && len(t.hosts) == maxHosts {
		oldest := from
		for p, o := range t.hosts {
			if oldest == from || o.last.Before(t.hosts[oldest].last) {
				oldest = p
			}
		}
		delete(t.hosts, oldest)
	}
	t.hosts[from] = h
}

// settle ends a try. Of two right ones one gets here first. The errors, for a right one, are CodeUsed, CodeSpoiled and
// CodeExpired.
func (y *try) settle(right bool, now time.Time) error {
	y.record.Wipe()
	t, c := y.t, y.code
	t.mu.Lock()
	defer t.mu.Unlock()
	c.open--
	if c.end == "" && !now.Before(c.expires) {
		c.over(wire.CodeExpired)
	}
	switch {
	case c.end != "":
		return wire.Refuse(c.end, "this code is over")
	case right:
		c.over(wire.CodeUsed)
		t.spoiled = 0
		delete(t.hosts, y.host)
	case c.begun == tries && c.open == 0:
		c.over(wire.CodeSpoiled)
		if !now.Before(t.next().Add(calm)) {
			t.spoiled = 0
		}
		t.spoiled++
		t.spoiling = now
	}
	return nil
}

// HostOf returns what counts as one address: of IPv6 the network, in which a machine has as many addresses as it likes.
func HostOf(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() && !a.IsLinkLocalUnicast() && !a.IsLoopback() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address at all: they count as one
	}
	return p
}
