package terminal_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestFloodedPort: a stranger on the network opens as many connections as it can and sends half of a request on each. It
// uses up no files of the device, and keeps nobody else out: neither a till nor the display.
func TestFloodedPort(t *testing.T) {
	s := open(t, "US", nil)
	k := s.till("till-1")
	s.pair(k)
	for name, at := range map[string]net.Addr{"plain": s.where.Plain, "session": s.where.Session} {
		t.Run(name, func(t *testing.T) {
			const many = 300
			held, left := 0, make(chan bool, many)
			stranger := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 7)}, Timeout: 10 * time.Second}
			var all []net.Conn
			for range many {
				c, err := stranger.Dial("tcp", at.String())
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, c)
			}
			for _, c := range all { // one that was turned away ends at once, one that is held when the stranger leaves
				_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
				go func() {
					_, err := c.Read(make([]byte, 1))
					e, ok := err.(net.Error)
					left <- ok && e.Timeout()
				}()
			}
			for range many {
				if <-left {
					held++
				}
			}
			if held >= many/2 {
				t.Errorf("%d of %d connections are held", held, many)
			}
			k.stop()
			k.on(s)
			k.terminal(s)
			r, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(s.where.Display)
			if err != nil {
				t.Fatal(err)
			}
			_ = r.Body.Close()
			for _, c := range all {
				_ = c.Close()
			}
		})
	}
}

// TestHalfARequest: who sends the head of a request and not its body is let go, at both ports.
func TestHalfARequest(t *testing.T) {
	s := open(t, "US", nil)
	cert := s.till("stranger").config.Cert
	for name, dial := range map[string]func() (net.Conn, error){
		"plain": func() (net.Conn, error) { return net.Dial("tcp", s.where.Plain.String()) },
		"session": func() (net.Conn, error) {
			d := &tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{cert}}}
			return d.DialContext(context.Background(), "tcp", s.where.Session.String())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := must[net.Conn](t)(dial())
			defer c.Close()
			if _, err := c.Write([]byte("GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")); err != nil {
				t.Fatal(err)
			}
			_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
			var err error
			for b := make([]byte, 4096); err == nil; {
				_, err = c.Read(b)
			}
			if e, ok := err.(net.Error); ok && e.Timeout() {
				t.Error("the connection is held")
			}
		})
	}
}
