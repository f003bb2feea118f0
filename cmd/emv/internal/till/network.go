package till

import (
	"context"
	"net"
	"net/netip"

	"github.com/cardwright/emv/terminal/wire"
)

// networks returns the networks of this machine, with the loopback one: a terminal may be on it.
func networks() []string {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var out []string
	for _, a := range list {
		p, err := netip.ParsePrefix(a.String())
		if err == nil && !p.Addr().IsLinkLocalUnicast() && len(out) < wire.MaxList {
			out = append(out, p.Masked().String())
		}
	}
	return out
}

func dial(ctx context.Context, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}
