// Package netnstest gives tests a network of their own: namespaces of Linux as separate hosts, with cables between them.
//
//	lab := netnstest.New(t, "go test ./terminal/discovery")
//	hub, till := lab.Host("hub"), lab.Host("till")
//	hub.Bridge("br0", "10.77.0.254/24")
//	cable := lab.Cable(till, "eth0", "10.77.0.1/24", hub, "br0")
//	till.Wrap()                                          // what a command line stands behind to run at that host
//	conn, err := till.Dial(ctx, "tcp", "10.77.0.254:80") // from this process, at that host
//
// It takes root and iproute2, for firewalls nftables. Where they are missing a test is skipped, and fails if
// CARDWRIGHT_REQUIRE_NETNS is 1; it is left out if that is 0. Every lab has names of its own, so that several tests run at
// once; what a test that was killed left behind goes away with the next lab.
package netnstest
