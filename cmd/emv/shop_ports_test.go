//go:build linux

package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// What of the terminal listens, by state: what its own system says, and what another host finds that tries every port. S21
func TestHostsPorts(t *testing.T) {
	h := newHosts(t)
	const loopback = "127.0.0.1:8088" // the counter: of what is simulated
	ours := map[string][]string{
		"code":   {loopback, "[::]:4443", "[::]:8080", "[::]:27000", "udp [::]:27001"}, // nobody may find it yet
		"paired": {loopback, "[::]:4443", "[::]:8080", "udp [::]:27001", "udp mdns", "udp ssdp"},
		"mobile": {loopback, "[::]:8080"},
	}
	check := func(state string) {
		t.Helper()
		want := slices.Clone(ours[state])
		slices.Sort(want)
		var got []string
		h.quietly("listeners while "+state, func() bool {
			got = h.listeners()
			return slices.Equal(got, want)
		}, func() string { return fmt.Sprintf("%q, want %q", got, want) })
		var open []string
		for _, p := range h.scan() {
			open = append(open, fmt.Sprintf("[::]:%d", p))
		}
		tcp := slices.DeleteFunc(want, func(s string) bool { return s == loopback || strings.HasPrefix(s, "udp ") })
		slices.Sort(open)
		if !slices.Equal(open, tcp) {
			t.Errorf("while %s another host finds %q open, want %q", state, open, tcp)
		}
	}
	h.code()
	check("code")
	h.pair()
	check("paired")
	h.counter("undock", "")
	h.terminal.find(`mode mode=(mobile)`)
	check("mobile")
	h.counter("dock", "")
	h.sale("12.50", "order-1")
	check("paired")
}

// quietly polls, and fails with what was wrong at the end.
func (h *hosts) quietly(what string, done func() bool, wrong func() string) {
	h.t.Helper()
	for end := time.Now().Add(shopGiveUp); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Errorf("%s: %s", what, wrong())
			return
		}
	}
}

// listeners are the sockets of the terminal that take what comes from others. Those of discovery, of which there is one for
// each interface, and of a question that is under way, are named.
func (h *hosts) listeners() (list []string) {
	h.t.Helper()
	list = h.sockets("tcp", listening, 0)
	for _, s := range h.sockets("udp", unconnected, 0) {
		switch _, port, _ := net.SplitHostPort(s); port {
		case "5353":
			list = append(list, "udp mdns")
		case "1900":
			list = append(list, "udp ssdp")
		default:
			list = append(list, "udp "+s)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// scan tries every TCP port of the terminal from the till's host.
func (h *hosts) scan() (open []int) {
	h.t.Helper()
	to := &unix.SockaddrInet4{Addr: netip.MustParseAddr(ethAddress).As4()}
	err := h.pos.Do(func() error {
		for to.Port = 1; to.Port < 1<<16; to.Port++ {
			s, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				return err
			}
			patience := unix.NsecToTimeval(shopGiveUp.Nanoseconds())
			_ = unix.SetsockoptTimeval(s, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &patience)
			switch err := unix.Connect(s, to); err {
			case nil:
				open = append(open, to.Port)
			case unix.ECONNREFUSED:
			case unix.EINTR: // a signal of the runtime's
				to.Port--
			default:
				_ = unix.Close(s)
				return fmt.Errorf("port %d: %w", to.Port, err)
			}
			if err := unix.Close(s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Error(err)
	}
	return open
}

// Port 8080 says hello to everybody, and nothing else; display and counter are for the device itself. S21, S36
func TestHostsPlainPort(t *testing.T) {
	h := newHosts(t)
	code := h.code()
	_, page := h.fetch(h.term, displayURL)
	token := string(pageToken.FindSubmatch(page)[1])
	terminal := must[*pairing.Code](t)(pairing.DecodeQR(code))
	for path, want := range map[string]int{
		"/hello": 200, "/upnp.xml": 200, "/": 404, "/display": 0, "/display/": 403, "/display/socket?token=" + token: 403,
		"/display/qr.svg?token=" + token: 403, "/display/page.js": 403, "/display/image": 403, "/state": 404, "/debug/pprof/": 404,
	} {
		status, body := h.fetch(h.pos, "http://"+ethAddress+":8080"+path)
		if status != want && (want != 0 || status == http.StatusOK) {
			t.Errorf("%s: status %d, want %d", path, status, want)
		}
		for _, secret := range []string{"Counter 1", code, terminal.Terminal.String(), token, "standalone"} {
			if strings.Contains(string(body), secret) {
				t.Errorf("%s tells %q: %s", path, secret, body)
			}
		}
	}
	// A name that somebody's resolver points at this device, and one that a request only claims.
	r := must[*http.Request](t)(http.NewRequest(http.MethodGet, displayURL, nil))
	r.Host = "attacker.example"
	answer, err := h.term.Browser().Do(r)
	if err != nil || answer.StatusCode != http.StatusForbidden {
		t.Errorf("another name for loopback: %v, %v", answer, err)
	}
	r = must[*http.Request](t)(http.NewRequest(http.MethodGet, "http://"+ethAddress+":8080/display/", nil))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("X-Forwarded-For", "127.0.0.1")
	answer, err = h.pos.Browser().Do(r)
	if err != nil || answer.StatusCode != http.StatusForbidden {
		t.Errorf("another host that says it is loopback: %v, %v", answer, err)
	}
	if _, err := h.pos.Dial(t.Context(), "tcp", ethAddress+":8088"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the counter from another host: %v", err)
	}
}

// must returns v, or ends the test.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// A key without a pair record gets no session; who has none gets no connection. PRODUCT 3.1
func TestHostsUnpaired(t *testing.T) {
	h := newHosts(t)
	h.pair()
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	stranger := must[tls.Certificate](t)(pairing.SelfSigned(key, pairing.Identity{
		Merchant: "standalone", Location: "standalone", Kind: pairing.Till, ID: "stranger",
	}, rand.Reader, time.Now()))
	ask := func(c *tls.Config) (*http.Response, []byte, error) {
		ctx, cancel := context.WithTimeout(t.Context(), shopGiveUp)
		defer cancel()
		raw := must[net.Conn](t)(h.pos.Dial(ctx, "tcp", ethAddress+":4443"))
		defer raw.Close()
		c.InsecureSkipVerify = true // whoever is there: what it says to strangers is looked at
		conn := tls.Client(raw, c)
		if err := conn.HandshakeContext(ctx); err != nil {
			return nil, nil, err
		}
		_ = conn.SetDeadline(time.Now().Add(shopGiveUp))
		_, err := io.WriteString(conn, "GET /session HTTP/1.1\r\nHost: terminal\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: "+wire.Subproto+"\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")
		if err != nil {
			return nil, nil, err
		}
		r, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return nil, nil, err
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		return r, b, err
	}
	r, body, err := ask(&tls.Config{Certificates: []tls.Certificate{stranger}})
	if err != nil {
		t.Fatal(err)
	}
	var refused wire.Error
	if err := json.Unmarshal(body, &refused); err != nil || r.StatusCode != http.StatusForbidden || refused.Code != wire.CodeUnpaired {
		t.Errorf("a stranger: %s %s", r.Status, body)
	}
	for name, c := range map[string]*tls.Config{
		"no certificate": {},
		"TLS 1.2":        {Certificates: []tls.Certificate{stranger}, MaxVersion: tls.VersionTLS12},
	} {
		if r, _, err := ask(c); err == nil {
			t.Errorf("%s: %s", name, r.Status)
		}
	}
	// A person on the network who tries does not keep the till away.
	h.sale("12.50", "order-1")
	h.agree(1)
}
