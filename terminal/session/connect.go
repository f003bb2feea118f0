package session

import (
	"context"
	"crypto/hmac"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/coder/websocket"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// ConnectConfig is what a till connects with.
type ConnectConfig struct {
	Cert   tls.Certificate
	Roots  *x509.CertPool // of the merchant; nil is stand-alone
	Record pairing.Record // of the terminal
	Hello  wire.Hello     // Stream, Peer, LastSeq and Protocol are filled in
	Stream *Stream
	Clock  pairing.Clock
	Dial   func(ctx context.Context, address string) (net.Conn, error)
	Beats  func(wire.Heartbeat) // hears what the terminal's heartbeats tell; it must not wait. nil is deaf
}

// Connect makes one connection to a terminal at an address: Secure, then Greet.
func Connect(ctx context.Context, c *ConnectConfig, address string) (*Link, *wire.Welcome, error) {
	conn, err := Secure(ctx, c, address)
	if err != nil {
		return nil, nil, err
	}
	return Greet(ctx, c, conn)
}

// Secure dials an address and makes sure by pin, and by chain where there are roots, that the terminal is there: whoever
// else answers is refused before anything is said. The errors are CodeUnreachable, CodeForged for another key, CodeChain,
// CodeCertExpired, CodeMerchant and CodeLocation for its certificate.
func Secure(ctx context.Context, c *ConnectConfig, address string) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, greeting)
	defer cancel()
	raw, err := c.Dial(ctx, address)
	if err != nil {
		return nil, &wire.Error{Code: wire.CodeUnreachable, Err: err}
	}
	conn := tls.Client(raw, &tls.Config{
		MinVersion:         tls.VersionTLS13,
		Certificates:       []tls.Certificate{c.Cert},
		InsecureSkipVerify: true, // by pin: there is no name
		VerifyConnection:   func(s tls.ConnectionState) error { return c.verify(s.PeerCertificates) },
		NextProtos:         []string{"http/1.1"},
		Time:               c.Clock.Now,
	})
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		var e *wire.Error
		if errors.As(err, &e) {
			return nil, e
		}
		return nil, &wire.Error{Code: wire.CodeUnreachable, Err: err}
	}
	return conn, nil
}

// Greet opens a session on a connection of Secure's, which it closes if that fails. The errors are the terminal's refusals,
// CodeInterrupted, CodeBadMessage, and CodeForged for another terminal's name.
func Greet(ctx context.Context, c *ConnectConfig, conn *tls.Conn) (*Link, *wire.Welcome, error) {
	ctx, cancel := context.WithTimeout(ctx, greeting)
	defer cancel()
	used := false
	transport := &http.Transport{
		DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
			if used {
				return nil, net.ErrClosed // the transport wants to try again: one connection, one greeting
			}
			used = true
			return conn, nil
		},
		DisableKeepAlives: true,
	}
	defer transport.CloseIdleConnections()
	ws, response, err := websocket.Dial(ctx, "https://terminal"+pathWS, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{wire.Subproto},
	})
	if err != nil {
		_ = conn.NetConn().Close()
		if response != nil {
			return nil, nil, answered(response)
		}
		return nil, nil, &wire.Error{Code: wire.CodeInterrupted, Err: err}
	}
	l, w, err := c.greet(ctx, ws)
	if err != nil {
		_ = ws.CloseNow()
		return nil, nil, err
	}
	return l, w, nil
}

func (c *ConnectConfig) verify(certs []*x509.Certificate) error {
	pin := pairing.PinOf(certs[0].RawSubjectPublicKeyInfo)
	if !hmac.Equal(pin[:], c.Record.Pin[:]) {
		return wire.Refuse(wire.CodeForged, "another key than the paired one")
	}
	if c.Roots == nil {
		return nil
	}
	id, err := pairing.Verify(certs[0], certs[1:], c.Roots, c.Clock.Now())
	switch {
	case err != nil:
		return err
	case id.Kind != pairing.Terminal || id.ID != c.Record.ID:
		return wire.Refuse(wire.CodeChain, "the certificate is of another device")
	case id.Merchant != c.Record.Merchant:
		return wire.Refuse(wire.CodeMerchant, "the terminal is of another merchant now")
	case id.Location != c.Record.Location:
		return wire.Refuse(wire.CodeLocation, "the terminal is of another location now")
	}
	return nil
}

// answered reads the refusal in an HTTP answer.
func answered(r *http.Response) error {
	var e wire.Error
	b, err := io.ReadAll(io.LimitReader(r.Body, 4096))
	if err == nil && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") && json.Unmarshal(b, &e) == nil && e.Check() == nil {
		return &e
	}
	return wire.Refuse(wire.CodeBadMessage, "HTTP status %d", r.StatusCode)
}

func (c *ConnectConfig) greet(ctx context.Context, ws *websocket.Conn) (*Link, *wire.Welcome, error) {
	l := newLink(ws, c.Stream, c.Clock, func() wire.Heartbeat { return wire.Heartbeat{Time: c.Clock.Now().UnixMilli()} })
	l.beats = c.Beats
	h := c.Hello
	h.Protocol = wire.This
	h.Stream = c.Stream.Name()
	h.Peer, h.LastSeq = c.Stream.Seen()
	body, err := wire.Encode(&h)
	if err != nil {
		return nil, nil, err
	}
	if err := l.send(ctx, &wire.Frame{Type: wire.TypeHello, Body: body}); err != nil {
		return nil, nil, err
	}
	f, err := l.receive(ctx)
	if err != nil {
		return nil, nil, err
	}
	switch f.Type {
	case wire.TypeWelcome:
		var w wire.Welcome
		if err := wire.Decode(f.Body, &w); err != nil {
			return nil, nil, err
		}
		if w.TerminalID != c.Record.ID {
			return nil, nil, wire.Refuse(wire.CodeForged, "another terminal's name")
		}
		l.sent, err = c.Stream.Resume(w.Stream, w.Peer, w.LastSeq)
		return l, &w, err
	case wire.TypeError:
		var e wire.Error
		if err := wire.Decode(f.Body, &e); err != nil {
			return nil, nil, err
		}
		return nil, nil, &e
	default:
		return nil, nil, wire.Refuse(wire.CodeBadMessage, "neither welcome nor error")
	}
}

// Close ends a connection that Run was not called for.
func (l *Link) Close() { _ = l.ws.CloseNow() }
