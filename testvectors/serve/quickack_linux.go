package serve

import (
	"net"
	"syscall"
)

// quickAck asks that what arrives next is acknowledged at once (tcp(7), TCP_QUICKACK).
func quickAck(c net.Conn) {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return
	}
	// A system that refuses is slower, and nothing else.
	_ = raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) })
}
