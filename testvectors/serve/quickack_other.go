//go:build !linux

package serve

import "net"

// quickAck does nothing where the system has no such option.
func quickAck(net.Conn) {}
