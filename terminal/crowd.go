package terminal

import (
	"net"
	"net/netip"
	"sync"

	"github.com/cardwright/emv/terminal/pairing"
)

// What a port bears at a time: the tills that can be paired, twice, since each may be changing from one connection to
// another, and browsers. One host gets no more than a part of it: alone it keeps nobody out.
const (
	maxConns  = 256
	maxOfHost = 96
)

// crowd is a listener that turns away connections that are too many: whoever is in the network may open them, and each is a
// file of this device's.
type crowd struct {
	net.Listener

	mu    sync.Mutex
	all   int
	hosts map[netip.Prefix]int
}

func newCrowd(l net.Listener) *crowd { return &crowd{Listener: l, hosts: map[netip.Prefix]int{}} }

// Accept returns the next connection for which there is room.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host := hostOf(conn.RemoteAddr())
		if c.enter(host) {
			return &counted{Conn: conn, leave: sync.OnceFunc(func() { c.leave(host) })}, nil
		}
		_ = conn.Close()
	}
}

func (c *crowd) enter(host netip.Prefix) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == maxConns || c.hosts[host] == maxOfHost {
		return false
	}
	c.all++
	c.hosts[host]++
	return true
}

func (c *crowd) leave(host netip.Prefix) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.hosts[host]--; c.hosts[host] == 0 {
		delete(c.hosts, host)
	}
}

// counted is a connection that makes room when it is closed.
type counted struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

func hostOf(a net.Addr) netip.Prefix {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	return pairing.HostOf(t.AddrPort().Addr())
}
