package pos

import (
	"context"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/session"
)

// Beacon returns a Discover that asks on port 27001, once a second until a terminal answers: at the broadcast addresses of
// the till's networks, or wherever to says. Only the terminal of the record understands the question, and only its answer
// counts. S23
func Beacon(listen func() (net.PacketConn, error), to func() []netip.AddrPort, clock pairing.Clock, random io.Reader) func(context.Context, *pairing.Record, func(string)) {
	return func(ctx context.Context, r *pairing.Record, found func(string)) {
		conn, err := listen()
		if err != nil {
			return // without a beacon the known addresses remain
		}
		defer conn.Close()
		for ctx.Err() == nil {
			_ = conn.SetReadDeadline(time.Time{})
			second, cancel := context.WithTimeout(ctx, time.Second)
			a, err := session.Find(second, conn, to(), r, clock.Now(), random)
			if err == nil {
				found(a.String())
				cancel()
				return
			}
			<-second.Done() // a network that can't be sent to fails at once
			cancel()
		}
	}
}
