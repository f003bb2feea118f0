//go:build linux

package discovery_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cardwright/emv/terminal/session"
)

// The two multicast groups, by interface br0 of the switch.
var (
	ssdpGroup = &net.UDPAddr{IP: net.IPv4(239, 255, 255, 250), Port: 1900}
	mdnsGroup = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}
)

// beListener prints what is in every UDP packet that the switch sees, as quoted text.
func beListener(ctx context.Context) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM, unix.ETH_P_ALL<<8) // in network order
	if err != nil {
		fmt.Println("failed:", err)
		return
	}
	defer unix.Close(fd)
	wait := unix.NsecToTimeval(int64(100 * time.Millisecond))
	_ = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait)
	fmt.Println("listening")
	b := make([]byte, 1<<16)
	for ctx.Err() == nil {
		n, _, err := unix.Recvfrom(fd, b, 0)
		switch {
		case err != nil:
		case n > 28 && b[0] == 0x45 && b[9] == unix.IPPROTO_UDP:
			fmt.Println(strings.ReplaceAll(fmt.Sprintf("%q", b[28:n]), ": ", ":"))
		case n > 48 && b[0]>>4 == 6 && b[6] == unix.IPPROTO_UDP:
			fmt.Println(strings.ReplaceAll(fmt.Sprintf("%q", b[48:n]), ": ", ":"))
		}
	}
}

// beNoise sends rubbish to both groups, and answers whoever asks with rubbish.
func beNoise(ctx context.Context) {
	br0, err := net.InterfaceByName("br0")
	if err != nil {
		fmt.Println("failed:", err)
		return
	}
	for _, group := range []*net.UDPAddr{ssdpGroup, mdnsGroup} {
		conn, err := net.ListenMulticastUDP("udp4", br0, group)
		if err != nil {
			fmt.Println("failed:", err)
			return
		}
		context.AfterFunc(ctx, func() { _ = conn.Close() })
		go func() {
			random := rand.New(rand.NewPCG(1, uint64(group.Port)))
			b := make([]byte, 1<<16)
			for {
				n, from, err := conn.ReadFromUDP(b)
				if err != nil {
					return
				}
				for range 20 {
					_, _ = conn.WriteToUDP(rubbish(random, b[:n]), from)
				}
			}
		}()
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(10, 77, 0, 254)})
	if err != nil {
		fmt.Println("failed:", err)
		return
	}
	defer conn.Close()
	random := rand.New(rand.NewPCG(2, 2))
	fmt.Println("noisy")
	for ctx.Err() == nil {
		for _, group := range []*net.UDPAddr{ssdpGroup, mdnsGroup} {
			_, _ = conn.WriteToUDP(rubbish(random, nil), group)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// rubbish is a datagram that is almost one of SSDP or DNS.
func rubbish(random *rand.Rand, asked []byte) []byte {
	heads := []string{
		"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 99999999999\r\nST: " + session.Service + "\r\n",
		"NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\nNT: " + session.Service + "\r\nUSN: x\r\nCACHE-CONTROL: max-age=-1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nST: " + session.Service + "\r\nUSN: uuid::" + session.Service + "\r\nLOCATION: http://[/\r\n\r\n",
		"HTTP/1.1 999 \r\n", "M-SEARCH", "\r\n\r\n",
		"\x00\x00\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00\x0b_cardwright\x04_tcp\x05local\x00\x00\x0c\x00\x01\x00\x00\x00\x78\x00\x02\xc0\x0c",
		"\x00\x00\x84\x00\x00\x00\xff\xff\x00\x00\x00\x00\xc0\x0c\x00\x21\x00\x01", "\x00",
		string(asked),
	}
	b := []byte(heads[random.IntN(len(heads))])
	for range random.IntN(8) {
		if len(b) > 0 {
			b[random.IntN(len(b))] ^= byte(1 << random.IntN(8))
		}
	}
	for range random.IntN(64) {
		b = append(b, byte(random.Uint32()))
	}
	return b
}
