package terminal_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// between stands between a till and its terminal, and sees the session in clear: it has both their keys, which nobody has
// but the test that made them.
type between struct {
	listener net.Listener
	server   *http.Server
	done     chan struct{}
}

// direction is where a frame goes.
type direction string

const (
	toTerminal direction = "to the terminal"
	toTill     direction = "to the till"
)

// stand listens on a listener and carries every session on to the terminal by dial. pass sees each frame, and what it
// returns goes on: nil drops it.
func (c *chain) stand(l net.Listener, till tls.Certificate, dial func(ctx context.Context) (net.Conn, error), pass func(direction, []byte) []byte) *between {
	c.Helper()
	key := made[crypto.Signer](c)(pairing.DeviceKey(c.config.Store, "device"))
	cert := made[tls.Certificate](c)(pairing.SelfSigned(key, pairing.Identity{Merchant: "standalone", Location: "x", Kind: pairing.Terminal, ID: "x"}, rand.Reader, time.Now()))
	b := &between{listener: l, done: make(chan struct{})}
	carry := func(w http.ResponseWriter, r *http.Request) {
		near, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{wire.Subproto}})
		if err != nil {
			return
		}
		defer near.CloseNow()
		transport := &http.Transport{DisableKeepAlives: true, DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			raw, err := dial(ctx)
			if err != nil {
				return nil, err
			}
			secure := tls.Client(raw, &tls.Config{
				MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{till}, InsecureSkipVerify: true, NextProtos: []string{"http/1.1"},
			})
			return secure, secure.HandshakeContext(ctx)
		}}
		far, _, err := websocket.Dial(r.Context(), "https://terminal"+r.URL.Path, &websocket.DialOptions{
			HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{wire.Subproto},
		})
		if err != nil {
			return
		}
		defer far.CloseNow()
		near.SetReadLimit(-1)
		far.SetReadLimit(-1)
		ctx, cancel := context.WithCancel(r.Context())
		back := make(chan struct{})
		go func() {
			defer close(back)
			defer cancel()
			pump(ctx, near, far, func(f []byte) []byte { return pass(toTill, f) })
		}()
		pump(ctx, far, near, func(f []byte) []byte { return pass(toTerminal, f) })
		cancel()
		<-back
	}
	b.server = &http.Server{Handler: http.HandlerFunc(carry), ErrorLog: log.New(io.Discard, "", 0)}
	secure := tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAnyClientCert,
		SessionTicketsDisabled: true, NextProtos: []string{"http/1.1"},
	})
	go func() {
		defer close(b.done)
		_ = b.server.Serve(secure)
	}()
	return b
}

// pump carries messages until one of the two ends.
func pump(ctx context.Context, to, from *websocket.Conn, pass func([]byte) []byte) {
	for {
		kind, b, err := from.Read(ctx)
		if err != nil {
			return
		}
		if b = pass(b); b == nil {
			continue
		}
		if err := to.Write(ctx, kind, b); err != nil {
			return
		}
	}
}

func (b *between) close() {
	_ = b.server.Close()
	<-b.done
}
