package terminal_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// cable is a network in memory whose connections can be cut, held up and slowed down. It needs no time of its own, so that
// a scenario of hours runs in a moment in a bubble of time (testing/synctest), which sockets of the machine can't.
type cable struct {
	mu        sync.Mutex
	listeners map[string]*socket
	port      int
	conns     map[*end]bool
	change    chan struct{} // closed at every change of the three below, and made anew
	cut       bool          // nothing gets through, and what there was is broken
	held      bool          // nothing gets through, and nobody is told
	lag       time.Duration // of every piece
}

func newCable() *cable {
	return &cable{listeners: map[string]*socket{}, conns: map[*end]bool{}, port: 40_000, change: make(chan struct{})}
}

func (c *cable) changed() {
	close(c.change)
	c.change = make(chan struct{})
}

// sever breaks every connection; new ones are refused until mend.
func (c *cable) sever() { c.set(true, false, true) }

// hold keeps back all that is sent.
func (c *cable) hold() { c.set(false, true, false) }

// mend lets all through again. What was held up arrives now.
func (c *cable) mend() { c.set(false, false, false) }

// drop breaks every connection; new ones can be made.
func (c *cable) drop() { c.set(false, false, true) }

func (c *cable) slow(lag time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lag = lag
}

func (c *cable) set(cut, held, breaks bool) {
	c.mu.Lock()
	c.cut, c.held = cut, held
	var list []*end
	if breaks {
		for e := range c.conns {
			list = append(list, e)
		}
		clear(c.conns)
	}
	c.changed()
	c.mu.Unlock()
	for _, e := range list {
		e.in.end(syscall.ECONNRESET)
		e.out.end(syscall.ECONNRESET)
	}
}

// Listen is terminal.Ports.Listen.
func (c *cable) Listen(_ context.Context, _, address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if port == "0" {
		c.port++
		port = strconv.Itoa(c.port)
	}
	n, err := strconv.Atoi(port)
	at := net.JoinHostPort(host, port)
	if err != nil || c.listeners[at] != nil {
		return nil, fmt.Errorf("listen %s: %w", at, syscall.EADDRINUSE)
	}
	s := &socket{cable: c, at: &net.TCPAddr{IP: net.ParseIP(host), Port: n}, come: make(chan *end, 16), closed: make(chan struct{})}
	c.listeners[at] = s
	return s, nil
}

// ListenPacket is terminal.Ports.ListenPacket, for a port that nobody uses.
func (c *cable) ListenPacket(_ context.Context, _, _ string) (net.PacketConn, error) {
	return &deaf{closed: make(chan struct{})}, nil
}

// Dial connects, as soon as the cable lets it.
func (c *cable) Dial(ctx context.Context, address string) (net.Conn, error) {
	for {
		c.mu.Lock()
		s, cut, held, change := c.listeners[address], c.cut, c.held, c.change
		if !held {
			if cut || s == nil {
				c.mu.Unlock()
				return nil, fmt.Errorf("dial %s: %w", address, syscall.ECONNREFUSED)
			}
			there, back := newLane(c), newLane(c)
			near := &end{in: back, out: there, local: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9}, remote: s.at}
			far := &end{in: there, out: back, local: s.at, remote: near.local}
			select {
			case s.come <- far:
				c.conns[near], c.conns[far] = true, true
				c.mu.Unlock()
				return near, nil
			default:
				c.mu.Unlock()
				return nil, fmt.Errorf("dial %s: %w", address, syscall.ECONNREFUSED)
			}
		}
		c.mu.Unlock()
		select {
		case <-change:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// socket is a listener.
type socket struct {
	cable  *cable
	at     *net.TCPAddr
	come   chan *end
	once   sync.Once
	closed chan struct{}
}

func (s *socket) Accept() (net.Conn, error) {
	select {
	case e := <-s.come:
		return e, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

func (s *socket) Close() error {
	s.once.Do(func() {
		s.cable.mu.Lock()
		delete(s.cable.listeners, s.at.String())
		s.cable.mu.Unlock()
		close(s.closed)
		for {
			select {
			case e := <-s.come:
				_ = e.Close()
			default:
				return
			}
		}
	})
	return nil
}

func (s *socket) Addr() net.Addr { return s.at }

// end is one end of a connection.
type end struct {
	in, out       *lane
	local, remote net.Addr
}

func (e *end) Read(b []byte) (int, error)  { return e.in.read(b) }
func (e *end) Write(b []byte) (int, error) { return e.out.write(b) }

// Close tells the other end, behind what was sent.
func (e *end) Close() error {
	e.in.cable.mu.Lock()
	delete(e.in.cable.conns, e)
	e.in.cable.mu.Unlock()
	e.in.end(net.ErrClosed)
	e.out.end(io.EOF)
	return nil
}

func (e *end) LocalAddr() net.Addr               { return e.local }
func (e *end) RemoteAddr() net.Addr              { return e.remote }
func (e *end) SetDeadline(t time.Time) error     { return e.SetReadDeadline(t) }
func (e *end) SetWriteDeadline(time.Time) error  { return nil } // a write never waits
func (e *end) SetReadDeadline(t time.Time) error { e.in.until(t); return nil }

// lane carries bytes one way.
type lane struct {
	cable *cable

	mu       sync.Mutex
	pieces   []piece
	err      error // what comes behind the last piece; of ErrClosed and ECONNRESET before it
	deadline time.Time
	change   chan struct{}
}

type piece struct {
	bytes []byte
	at    time.Time // when it arrives
}

func newLane(c *cable) *lane { return &lane{cable: c, change: make(chan struct{})} }

func (l *lane) changed() {
	close(l.change)
	l.change = make(chan struct{})
}

func (l *lane) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil || l.err == io.EOF && err != io.EOF {
		l.err = err
	}
	l.changed()
}

func (l *lane) until(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deadline = t
	l.changed()
}

func (l *lane) write(b []byte) (int, error) {
	l.cable.mu.Lock()
	lag := l.cable.lag
	l.cable.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		if l.err == net.ErrClosed { // the other side has closed its end
			return 0, syscall.EPIPE
		}
		return 0, l.err
	}
	l.pieces = append(l.pieces, piece{bytes.Clone(b), time.Now().Add(lag)})
	l.changed()
	return len(b), nil
}

func (l *lane) read(b []byte) (int, error) {
	for {
		l.cable.mu.Lock()
		held, mended := l.cable.held, l.cable.change
		l.cable.mu.Unlock()
		l.mu.Lock()
		now := time.Now()
		var wait time.Duration
		switch {
		case l.err != nil && l.err != io.EOF:
			l.mu.Unlock()
			return 0, l.err
		case !l.deadline.IsZero() && !now.Before(l.deadline):
			l.mu.Unlock()
			return 0, os.ErrDeadlineExceeded
		case held:
		case len(l.pieces) > 0 && !l.pieces[0].at.After(now):
			n := copy(b, l.pieces[0].bytes)
			if l.pieces[0].bytes = l.pieces[0].bytes[n:]; len(l.pieces[0].bytes) == 0 {
				l.pieces = l.pieces[1:]
			}
			l.mu.Unlock()
			return n, nil
		case len(l.pieces) > 0:
			wait = l.pieces[0].at.Sub(now)
		case l.err != nil:
			l.mu.Unlock()
			return 0, l.err
		}
		if left := l.deadline.Sub(now); !l.deadline.IsZero() && (wait == 0 || left < wait) {
			wait = left
		}
		change := l.change
		l.mu.Unlock()
		var late <-chan time.Time
		stop := func() bool { return true }
		if wait > 0 {
			t := time.NewTimer(wait)
			late, stop = t.C, t.Stop
		}
		select {
		case <-change:
		case <-mended:
		case <-late:
		}
		stop()
	}
}

// deaf is a packet connection to which nobody speaks.
type deaf struct {
	once   sync.Once
	closed chan struct{}
}

func (d *deaf) ReadFrom([]byte) (int, net.Addr, error) {
	<-d.closed
	return 0, nil, net.ErrClosed
}

func (d *deaf) WriteTo(b []byte, _ net.Addr) (int, error) { return len(b), nil }
func (d *deaf) Close() error                              { d.once.Do(func() { close(d.closed) }); return nil }

func (d *deaf) LocalAddr() net.Addr              { return &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9} }
func (d *deaf) SetDeadline(time.Time) error      { return nil }
func (d *deaf) SetReadDeadline(time.Time) error  { return nil }
func (d *deaf) SetWriteDeadline(time.Time) error { return nil }
