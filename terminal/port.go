package terminal

import (
	"context"
	"net"
	"strconv"
	"sync"
)

// port is one that the terminal listens on. It is opened when Run begins, so that a fault is told at once, and again each
// time that the terminal is docked, at the place where it was.
type port[C interface{ Close() error }] struct {
	name string
	at   string // HOST:PORT
	open func(ctx context.Context, address string) (C, net.Addr, error)

	mu    sync.Mutex
	ready *C // opened, and not taken yet
	addr  net.Addr
}

// listen opens the port.
func (p *port[C]) listen(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ready != nil {
		return nil
	}
	c, addr, err := p.open(ctx, p.at)
	if err != nil {
		return &Error{Code: CodePort, Field: p.name + " " + p.at, Err: err}
	}
	if host, _, err := net.SplitHostPort(p.at); err == nil { // port 0 was a wish for any; from here on it is this one
		p.at = net.JoinHostPort(host, strconv.Itoa(int(portOf(addr))))
	}
	p.ready, p.addr = &c, addr
	return nil
}

// take returns the open port, whose closing is the caller's from here on. It waits until the port can be opened: another
// program may have it since the terminal was pulled out.
func (p *port[C]) take(ctx context.Context, again func() bool, failed func(error)) (c C, ok bool) {
	for {
		err := p.listen(ctx)
		if err == nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			c, p.ready = *p.ready, nil
			return c, true
		}
		failed(err)
		if !again() {
			return c, false
		}
	}
}

// drop closes the port, if nobody has taken it.
func (p *port[C]) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ready != nil {
		_ = (*p.ready).Close()
		p.ready = nil
	}
}

func (p *port[C]) number() uint16 { return portOf(p.address()) }

func (p *port[C]) address() net.Addr {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.addr
}

func portOf(a net.Addr) uint16 {
	switch a := a.(type) {
	case *net.TCPAddr:
		return uint16(a.Port)
	case *net.UDPAddr:
		return uint16(a.Port)
	}
	return 0
}

// ports are all but that of pairing, which its Desk opens.
type ports struct {
	session  port[net.Listener]
	plain    port[net.Listener]
	presence port[net.PacketConn]
}

func (t *Terminal) newPorts() {
	p := &t.c.Ports
	tcp := func(ctx context.Context, address string) (net.Listener, net.Addr, error) {
		l, err := p.Listen(ctx, "tcp", address)
		if err != nil {
			return nil, nil, err
		}
		return newCrowd(l), l.Addr(), nil
	}
	t.ports.session.name, t.ports.session.at, t.ports.session.open = "session", p.Session, tcp
	t.ports.plain.name, t.ports.plain.at, t.ports.plain.open = "plain", p.Plain, tcp
	t.ports.presence.name, t.ports.presence.at = "presence", p.Presence
	t.ports.presence.open = func(ctx context.Context, address string) (net.PacketConn, net.Addr, error) {
		c, err := p.ListenPacket(ctx, "udp", address)
		if err != nil {
			return nil, nil, err
		}
		return c, c.LocalAddr(), nil
	}
}
