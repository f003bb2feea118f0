package session

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// ServerConfig is what a terminal serves its tills with. The functions are called from several goroutines.
type ServerConfig struct {
	Terminal  pairing.TerminalID
	Name      string
	Cert      tls.Certificate // with its chain, where there is one
	Policy    pairing.Policy
	Records   *pairing.Records
	Caps      wire.Capabilities
	Config    func() uint64   // version of the configuration
	Addresses func() []string // of this port, best first
	Status    func() wire.Status
	Beat      func() wire.Heartbeat // what a heartbeat tells; Time is filled in
	Lease     *Lease
	Clock     pairing.Clock
	Rand      io.Reader

	// Handle gets the frames that the session itself does not answer: cart, payment, status. It must not wait for the
	// customer or the host: the till's other frames wait for it.
	Handle func(*Till, wire.Frame)

	// Connected and Gone tell of a till's connections, for the screen and for what has to be told again; nil is deaf.
	Connected, Gone func(*Till)

	// Refused hears of every till that was refused; nil is deaf.
	Refused func(*wire.Error)
}

// Server is the terminal's side.
type Server struct {
	c     ServerConfig
	mu    sync.Mutex
	tills map[string]*Till // by pos_id
}

// Till is a paired till's session. It stays the same over all of the till's connections until the terminal restarts or
// the pair record is gone.
type Till struct {
	PosID   string
	Name    string
	Session string

	server *Server
	stream *Stream

	attaching sync.Mutex // one connection at a time is taken over
	mu        sync.Mutex
	epoch     uint64
	link      *Link
	stop      context.CancelCauseFunc
	stopped   chan struct{}
	forgotten bool // no connection is let in any more
}

// NewServer checks a configuration.
func NewServer(c ServerConfig) (*Server, error) {
	if c.Records == nil || c.Config == nil || c.Addresses == nil || c.Status == nil || c.Beat == nil || c.Lease == nil || c.Clock == nil || c.Handle == nil {
		return nil, errors.New("session: a member of ServerConfig is missing")
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	return &Server{c: c, tills: map[string]*Till{}}, c.Policy.Protocol.Check()
}

// Serve serves tills on a listener until ctx ends. Several listeners may be served at a time.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	h := &http.Server{
		BaseContext: func(net.Listener) context.Context { return ctx },
		ReadTimeout: greeting, IdleTimeout: greeting, MaxHeaderBytes: 8 << 10, ErrorLog: log.New(io.Discard, "", 0),
	}
	var g gate
	h.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.enter() {
			defer g.leave()
			s.serve(w, r)
		}
	})
	stop := context.AfterFunc(ctx, func() { _ = h.Close() })
	err := h.Serve(tls.NewListener(l, &tls.Config{
		MinVersion:             tls.VersionTLS13,
		Certificates:           []tls.Certificate{s.c.Cert},
		ClientAuth:             tls.RequireAnyClientCert, // whether it is paired, serve tells with a code
		SessionTicketsDisabled: true,
		NextProtos:             []string{"http/1.1"},
		Time:                   s.c.Clock.Now,
	}))
	ended := ctx.Err()
	cancel()
	if !stop() {
		_ = h.Close()
	}
	g.close()
	if ended != nil {
		return ended
	}
	return err
}

// gate counts running handlers: a WebSocket outlives http.Server.Close.
type gate struct {
	mu     sync.Mutex
	wg     sync.WaitGroup
	closed bool
}

func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.wg.Add(1)
	}
	return !g.closed
}

func (g *gate) leave() { g.wg.Done() }

// close lets nobody in any more and waits for the rest.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.wg.Wait()
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	cert := r.TLS.PeerCertificates[0]
	record, ok := s.c.Records.ByPin(pairing.PinOf(cert.RawSubjectPublicKeyInfo))
	if !ok {
		s.refuse(w, http.StatusForbidden, errUnpaired())
		return
	}
	if r.URL.Path != pathWS || r.Method != http.MethodGet {
		s.refuse(w, http.StatusNotFound, wire.Refuse(wire.CodeBadMessage, "sessions are at "+pathWS))
		return
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{wire.Subproto}})
	if err != nil {
		return
	}
	defer func() { _ = ws.CloseNow() }()
	remote, _ := netip.ParseAddrPort(r.RemoteAddr)
	if err := s.session(r.Context(), ws, &record, r.TLS.PeerCertificates, remote.Addr().Unmap()); err != nil {
		s.hear(codeOf(err))
	}
}

func errUnpaired() *wire.Error { return wire.Refuse(wire.CodeUnpaired, "no pair record of this key") }

func (s *Server) refuse(w http.ResponseWriter, status int, e *wire.Error) {
	s.hear(e)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Connection", "close")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(e)
}

func (s *Server) hear(e *wire.Error) {
	if s.c.Refused != nil {
		s.c.Refused(e)
	}
}

// session greets a till and carries its frames. The error is a refusal; the end of a connection is none.
func (s *Server) session(ctx context.Context, ws *websocket.Conn, record *pairing.Record, certs []*x509.Certificate, remote netip.Addr) error {
	greet, cancel := context.WithTimeout(ctx, greeting)
	defer cancel()
	l := newLink(ws, nil, s.c.Clock, s.beat)
	f, err := l.receive(greet)
	var h wire.Hello
	if err == nil && f.Type != wire.TypeHello {
		err = wire.Refuse(wire.CodeBadMessage, "the first frame is hello")
	}
	if err == nil {
		err = wire.Decode(f.Body, &h)
	}
	var t *Till
	var version wire.Protocol
	if err == nil {
		version, err = s.admit(&h, record, certs, remote)
	}
	if err == nil {
		t, err = s.till(record)
	}
	if err != nil {
		return s.turnAway(greet, l, f.ID, err)
	}
	return t.attach(ctx, l, &h, version, f.ID)
}

// admit holds a hello against the pair record and the policy. S9 to S12, S41.
func (s *Server) admit(h *wire.Hello, record *pairing.Record, certs []*x509.Certificate, remote netip.Addr) (wire.Protocol, error) {
	if h.PosID != record.ID {
		return wire.Protocol{}, wire.Refuse(wire.CodeUnpaired, "the key is paired under another name")
	}
	return s.c.Policy.Check(&pairing.Claim{
		Protocol: h.Protocol, AppVersion: h.AppVersion, Platform: h.Platform, PosID: h.PosID, Merchant: h.Merchant,
		Location: h.Location, Country: h.Country, Networks: h.Networks, Cert: certs[0], Between: certs[1:], Remote: remote,
	}, s.c.Clock.Now())
}

// turnAway tells a till why, and closes.
func (s *Server) turnAway(ctx context.Context, l *Link, id string, err error) error {
	e := codeOf(err)
	if body, err := wire.Encode(e); err == nil {
		_ = l.send(ctx, &wire.Frame{Type: wire.TypeError, ID: id, Body: body})
		_ = l.ws.Close(websocket.StatusPolicyViolation, string(e.Code))
	}
	return e
}

func (s *Server) beat() wire.Heartbeat {
	h := s.c.Beat()
	h.Time = s.c.Clock.Now().UnixMilli()
	return h
}

// till returns the session of a record, which is made at its first connection. The error is CodeUnpaired where the record has
// gone since it was read: a till may be long about its hello.
func (s *Server) till(record *pairing.Record) (*Till, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now, ok := s.c.Records.ByID(record.ID); !ok || now.Pin != record.Pin {
		return nil, errUnpaired()
	}
	if t := s.tills[record.ID]; t != nil {
		return t, nil
	}
	stream, err := NewStream(s.c.Rand)
	if err != nil {
		return nil, err
	}
	t := &Till{PosID: record.ID, Name: record.Name, Session: "s-" + stream.Name(), server: s, stream: stream}
	s.tills[record.ID] = t
	return t, nil
}

// attach makes a connection the till's only one and runs it. What was not acknowledged on the old one is sent on the new
// one; the old one is over before. P8, P12.
func (t *Till) attach(ctx context.Context, l *Link, h *wire.Hello, version wire.Protocol, id string) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	stopped, moved, err := t.take(l, h, stop)
	if err != nil {
		return t.server.turnAway(ctx, l, id, err)
	}
	defer close(stopped)
	c := &t.server.c
	peer, last := t.stream.Seen()
	w := &wire.Welcome{
		Protocol: version, Session: t.Session, TerminalID: c.Terminal.String(), Name: c.Name, Country: c.Policy.Country,
		Caps: c.Caps, Config: c.Config(), Addresses: c.Addresses(), Stream: t.stream.Name(), Peer: peer, LastSeq: last,
		Lease: c.Lease.Now(), Status: c.Status(),
	}
	body, err := wire.Encode(w)
	if err != nil {
		return t.server.turnAway(ctx, l, id, &wire.Error{Code: wire.CodeInternal, Detail: "welcome", Err: err})
	}
	if l.send(ctx, &wire.Frame{Type: wire.TypeWelcome, ID: id, Body: body}) != nil {
		t.leave(l)
		return nil
	}
	if moved {
		_ = l.Notify(wire.TypeSessionMove, "", &wire.SessionMove{Epoch: h.Epoch})
	}
	if c.Connected != nil {
		c.Connected(t)
	}
	err = l.Run(ctx, t.receive)
	t.leave(l)
	if c.Gone != nil {
		c.Gone(t)
	}
	if errors.Is(err, &wire.Error{Code: wire.CodeInterrupted}) || errors.Is(err, context.Canceled) || errors.Is(err, errMoved) {
		return nil
	}
	var e *wire.Error
	if errors.As(err, &e) && e.Code != wire.CodeInterrupted {
		return e
	}
	return nil
}

var errMoved = errors.New("session: a newer connection took over")

// take ends the till's older connection and puts l in its place.
func (t *Till) take(l *Link, h *wire.Hello, stop context.CancelCauseFunc) (stopped chan struct{}, moved bool, err error) {
	t.attaching.Lock()
	defer t.attaching.Unlock()
	peer, _ := t.stream.Seen()
	t.mu.Lock()
	if t.forgotten {
		t.mu.Unlock()
		return nil, false, errUnpaired()
	}
	if peer == h.Stream && h.Epoch <= t.epoch {
		t.mu.Unlock()
		return nil, false, wire.Refuse(wire.CodeStale, "epoch %d after %d", h.Epoch, t.epoch)
	}
	moved = t.link != nil
	if t.stop != nil {
		t.stop(errMoved)
		old := t.stopped
		t.mu.Unlock()
		<-old
		t.mu.Lock()
	}
	defer t.mu.Unlock()
	if t.forgotten {
		return nil, false, errUnpaired()
	}
	after, err := t.stream.Resume(h.Stream, h.Peer, h.LastSeq)
	if err != nil {
		t.stop = nil
		return nil, false, err
	}
	l.stream, l.sent = t.stream, after
	stopped = make(chan struct{})
	t.link, t.stop, t.stopped, t.epoch = l, stop, stopped, h.Epoch
	return stopped, moved, nil
}

func (t *Till) leave(l *Link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.link == l {
		t.link = nil
	}
}

// Heard returns when the till's last frame came; ok is false if it has no connection that is alive. P10.
func (t *Till) Heard() (at time.Time, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.link == nil {
		return time.Time{}, false
	}
	at = t.link.Heard()
	return at, t.server.c.Clock.Now().Sub(at) < Dead
}

// Send sends a frame that must arrive: now, or when the till is there again. The errors are CodeOverflow and those of Check.
func (t *Till) Send(kind wire.Type, id string, v wire.Body) error {
	body, err := wire.Encode(v)
	if err != nil {
		return err
	}
	return t.stream.Add(kind, id, body)
}

// Notify sends a frame that may get lost. Without a connection it is lost, and that is no error.
func (t *Till) Notify(kind wire.Type, v wire.Body) error {
	t.mu.Lock()
	l := t.link
	t.mu.Unlock()
	if l == nil {
		return nil
	}
	return l.Notify(kind, "", v)
}

// Refuse answers a frame with an error.
func (t *Till) Refuse(f wire.Frame, err error) error {
	return t.Send(wire.TypeError, f.ID, codeOf(err))
}

// Waiting returns how many frames the till has not acknowledged.
func (t *Till) Waiting() int { return t.stream.Waiting() }

// Till returns the session of a till, which is made if there is a pair record, so that what must arrive can wait for it.
// The error is CodeUnpaired.
func (s *Server) Till(posID string) (*Till, error) {
	record, ok := s.c.Records.ByID(posID)
	if !ok {
		return nil, wire.Refuse(wire.CodeUnpaired, "no pair record of that name")
	}
	return s.till(&record)
}

// Tills returns the sessions that there are.
func (s *Server) Tills() []*Till {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*Till, 0, len(s.tills))
	for _, t := range s.tills {
		list = append(list, t)
	}
	return list
}

// Notify sends every connected till a frame that may get lost.
func (s *Server) Notify(kind wire.Type, v wire.Body) {
	for _, t := range s.Tills() {
		_ = t.Notify(kind, v)
	}
}

// Forget ends a till: its record, its connection, its session and what waited in it.
func (s *Server) Forget(posID string) error {
	if err := s.c.Records.Delete(posID); err != nil {
		return err
	}
	s.mu.Lock()
	t := s.tills[posID]
	delete(s.tills, posID)
	s.mu.Unlock()
	if t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.forgotten = true
		if t.stop != nil {
			t.stop(context.Canceled)
		}
	}
	return nil
}
