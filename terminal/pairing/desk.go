package pairing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/wire"
)

// How long codes live and how often a new one is drawn. PRODUCT 3.1, S38.
const (
	Life   = 5 * time.Minute
	Redraw = time.Minute
)

const (
	exchange = 10 * time.Second // for handshake, hello and answer
	farewell = time.Second      // for what is under way when the code goes

	// Connections at a time. A till dials each address of the code; one host alone keeps no other out.
	maxConns  = 16
	maxOfHost = 8
)

// DeskConfig is what a terminal pairs with.
type DeskConfig struct {
	Terminal TerminalID
	Name     string
	Cert     tls.Certificate // with its chain, where there is one
	Policy   Policy
	Caps     wire.Capabilities
	Config   uint64 // version of the configuration
	Records  *Records

	// Listen opens the pairing port. Its port goes into the code.
	Listen func(ctx context.Context) (net.Listener, error)

	// Addresses returns the addresses of every usable interface, Ethernet first; at least one is needed for a code.
	Addresses func() []netip.Addr

	// Sessions returns where the session port is, ADDRESS:PORT, best first.
	Sessions func() []string

	// Leased returns the name of the till that holds the terminal, "" for none; nil is none. A till that pairs anew is
	// not kept out by its own lease.
	Leased func(posID string) string

	Clock Clock
	Rand  io.Reader

	// ScanOnly leaves out the code for typing.
	ScanOnly bool

	// Refused hears of every till that was refused, for the screen and the log; nil is deaf.
	Refused func(*wire.Error)
}

// Desk shows codes and takes tills.
type Desk struct {
	c      DeskConfig
	spki   []byte
	offers offers
	codes  typed
}

// Shown is what is on the screen. Both codes are secrets, so they go nowhere but to the screen.
type Shown struct {
	Text    string // of the QR code
	Expires time.Time

	// Typed is the code for a till without a camera, "1234 5678". It stays the same over several QR codes, for as long as
	// it is good; "" is none: ScanOnly, or too many wrong ones were typed.
	Typed        string
	TypedExpires time.Time

	// Address is what is typed with it: ADDRESS, or ADDRESS:PORT where the port is not wire.PortPairing. It is the first of
	// the QR code, so one of IPv4 where there is one.
	Address string
}

// Paired is what both screens show.
type Paired struct {
	Record       Record
	Confirmation Confirmation
}

// NewDesk checks a configuration.
func NewDesk(c DeskConfig) (*Desk, error) {
	leaf, err := leafOf(&c.Cert)
	if err != nil {
		return nil, err
	}
	if c.Records == nil || c.Listen == nil || c.Addresses == nil || c.Sessions == nil || c.Clock == nil || c.Rand == nil || c.Terminal == (TerminalID{}) {
		return nil, errors.New("pairing: a member of DeskConfig is missing")
	}
	if err := c.Policy.Protocol.Check(); err != nil {
		return nil, err
	}
	return &Desk{c: c, spki: leaf.RawSubjectPublicKeyInfo, offers: offers{terminal: c.Terminal}}, nil
}

func leafOf(c *tls.Certificate) (*x509.Certificate, error) {
	if c.Leaf != nil {
		return c.Leaf, p256(c.Leaf)
	}
	if len(c.Certificate) == 0 {
		return nil, errors.New("pairing: no certificate")
	}
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		return nil, err
	}
	return leaf, p256(leaf)
}

// Run opens the port, shows codes, and returns when a till has paired or ctx ends. It draws a new code every minute, and at
// once when the one on the screen has served. Older codes stay good for their five minutes: a till may have scanned one
// just before it went. At the return the port is closed and no secret is left.
func (d *Desk) Run(ctx context.Context, show func(Shown)) (*Paired, error) {
	l, err := d.c.Listen(ctx)
	if err != nil {
		return nil, &wire.Error{Code: wire.CodeInternal, Detail: "pairing port", Err: err}
	}
	a, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return nil, errors.Join(errors.New("pairing: not a TCP listener"), l.Close())
	}
	r := &run{Desk: d, conns: map[net.Conn]netip.Prefix{}, paired: make(chan *Paired, 1), redraw: make(chan struct{}, 1)}
	r.wg.Go(func() { r.accept(l) })
	p, err := r.show(ctx, uint16(a.Port), show)
	_ = l.Close()
	d.offers.endAll(wire.CodeUsed)
	d.codes.endAll(wire.CodeUsed)
	r.end(err == nil)
	r.wg.Wait()
	if p == nil {
		// A till may have been taken in the moment in which ctx ended.
		select {
		case p = <-r.paired:
			return p, nil
		default:
		}
	}
	return p, err
}

// run is one Run.
type run struct {
	*Desk
	wg     sync.WaitGroup
	paired chan *Paired
	redraw chan struct{}

	mu     sync.Mutex
	conns  map[net.Conn]netip.Prefix // and whose they are
	ending bool

	taking sync.Mutex
	taken  bool
}

func (r *run) show(ctx context.Context, port uint16, show func(Shown)) (*Paired, error) {
	for {
		s, err := r.draw(port)
		if err != nil {
			return nil, err
		}
		left := Redraw
		if s.Typed != "" {
			left = min(left, s.TypedExpires.Sub(r.c.Clock.Now()))
		}
		again := r.c.Clock.After(left)
		show(s)
	wait:
		for {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case p := <-r.paired:
				return p, nil
			case <-r.redraw:
				if r.offers.spoiled() || r.codes.stale() {
					break wait
				}
			case <-again:
				break wait
			}
		}
		r.offers.expire(r.c.Clock.Now())
	}
}

// draw makes a new code.
func (d *Desk) draw(port uint16) (Shown, error) {
	expires := d.c.Clock.Now().Add(Life)
	seconds, ok := expiry(expires)
	if !ok {
		return Shown{}, &wire.Error{Code: wire.CodeInternal, Detail: "the clock is not set"}
	}
	p := &d.c.Policy
	c := Code{
		MinMinor: uint8(p.Protocol.Min.Minor), MaxMinor: uint8(p.Protocol.Max.Minor), Terminal: d.c.Terminal,
		Pin: PinOf(d.spki), Place: PlaceOf(p.Merchant, p.Location), Expires: seconds, MinApp: leastOf(p.MinApp), Port: port,
	}
	defer c.Secret.Wipe()
	if _, err := io.ReadFull(d.c.Rand, c.Secret[:]); err != nil {
		return Shown{}, err
	}
	room := maxRecord - fixed
	if port != wire.PortPairing {
		room -= 2
	}
	c.Addresses = fitting(d.c.Addresses(), room)
	text, err := c.Text()
	if err != nil {
		return Shown{}, err
	}
	s := Shown{Text: text, Expires: time.Unix(int64(seconds), 0), Address: addressOf(c.Targets()[0])}
	if !d.c.ScanOnly {
		if s.Typed, s.TypedExpires, err = d.codes.draw(d.c.Clock.Now(), PinOf(d.spki), d.c.Rand); err != nil {
			return Shown{}, err
		}
	}
	// Nobody can prove a code before it is in the list, and show comes after.
	d.offers.add(&c.Secret, s.Expires)
	return s, nil
}

// fitting takes the first addresses that fit into a code: up to four of IPv4, and one of IPv6 where there is room.
func fitting(all []netip.Addr, room int) (list []netip.Addr) {
	for _, a := range all {
		if a = a.Unmap(); a.Is4() && dialable(a) && len(list) < 4 && room >= 4 {
			list, room = append(list, a), room-4
		}
	}
	for _, a := range all {
		if a = a.Unmap(); a.Is6() && dialable(a) && room >= 16 {
			return append(list, a)
		}
	}
	return list
}

func (r *run) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return // closed: Run is over, or the interface is gone and Run goes on until the screen does
		}
		if !r.enter(conn) {
			_ = conn.Close()
			continue
		}
		r.wg.Go(func() {
			defer r.forget(conn)
			r.serve(conn)
		})
	}
}

// enter reports whether there is room for a connection.
func (r *run) enter(conn net.Conn) bool {
	from, same := HostOf(remoteOf(conn)), 0
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, of := range r.conns {
		if of == from {
			same++
		}
	}
	if r.ending || len(r.conns) == maxConns || same == maxOfHost {
		return false
	}
	r.conns[conn] = from
	return true
}

func (r *run) forget(conn net.Conn) {
	r.mu.Lock()
	delete(r.conns, conn)
	r.mu.Unlock()
	_ = conn.Close()
}

// end gives connections a moment for the refusal that they are about to get, or none.
func (r *run) end(gently bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ending = true
	for c := range r.conns {
		if gently {
			_ = c.SetDeadline(time.Now().Add(farewell))
		} else {
			_ = c.Close()
		}
	}
}

func (r *run) serve(conn net.Conn) {
	_ = conn.SetDeadline(time.Now().Add(exchange))
	t := tls.Server(conn, &tls.Config{
		MinVersion:             tls.VersionTLS13,
		Certificates:           []tls.Certificate{r.c.Cert},
		ClientAuth:             tls.RequireAnyClientCert, // whose it is, the proof and the chain tell
		SessionTicketsDisabled: true,
		NextProtos:             []string{wire.PairALPN},
		Time:                   r.c.Clock.Now,
	})
	var first wire.PairFirst
	err := t.Handshake()
	if err != nil {
		return // nobody to answer: no TLS 1.3, no certificate
	}
	defer t.Close()
	state := t.ConnectionState()
	var p *Paired
	ok := &wire.PairOK{}
	switch err = readMessage(t, &first); {
	case err != nil:
	case first.Start != nil:
		p, ok, err = r.typed(t, first.Start, &state, conn)
	default:
		p, ok, err = r.scanned(first.Hello, &state, conn)
	}
	if err != nil {
		e := refusal(err)
		if r.c.Refused != nil {
			r.c.Refused(e)
		}
		select {
		case r.redraw <- struct{}{}:
		default:
		}
		_ = writeMessage(t, &wire.PairAnswer{Error: e})
		return
	}
	defer ok.ResumeKey.Wipe()
	// The record is stored: the till counts as paired even if the answer gets lost. It scans again then, and its record
	// is replaced.
	_ = writeMessage(t, &wire.PairAnswer{OK: ok})
	r.paired <- p // has room: there is one for each Run
}

// scanned takes a till that scanned the code.
func (r *run) scanned(h *wire.PairHello, state *tls.ConnectionState, conn net.Conn) (*Paired, *wire.PairOK, error) {
	e, err := exporter(state)
	if err != nil {
		return nil, nil, err
	}
	return r.judge(h, state, conn, func() ([]byte, error) {
		return r.offers.prove(h, e, state.PeerCertificates[0].RawSubjectPublicKeyInfo, r.c.Clock.Now())
	})
}

// judge applies the checks in their order, stores the record and makes the answer. PRODUCT 3.1, step 3. prove checks the
// till's proof, spends the code if it holds, and returns the terminal's own.
func (r *run) judge(h *wire.PairHello, state *tls.ConnectionState, conn net.Conn, prove func() ([]byte, error)) (*Paired, *wire.PairOK, error) {
	d, now := r.Desk, r.c.Clock.Now()
	cert := state.PeerCertificates[0]
	e, err := exporter(state)
	if err != nil {
		return nil, nil, err
	}
	t, err := prove()
	if err != nil {
		return nil, nil, err
	}
	between := state.PeerCertificates[1:]
	for _, der := range h.Chain {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, nil, &wire.Error{Code: wire.CodeChain, Detail: "not a certificate", Err: err}
		}
		between = append(between[:len(between):len(between)], c)
	}
	if err := p256(cert); err != nil {
		return nil, nil, err
	}
	version, err := d.c.Policy.Check(&Claim{
		Protocol: h.Protocol, AppVersion: h.AppVersion, Platform: h.Platform, PosID: h.PosID, Merchant: h.Merchant,
		Location: h.Location, Country: h.Country, Networks: h.Networks, Cert: cert, Between: between,
		Remote: remoteOf(conn), Adopts: true,
	}, now)
	if err != nil {
		return nil, nil, err
	}
	if d.c.Leased != nil {
		if holder := d.c.Leased(h.PosID); holder != "" {
			return nil, nil, &wire.Error{Code: wire.CodeLeased, Holder: holder}
		}
	}
	p := &d.c.Policy
	ok := &wire.PairOK{
		MACT: t, Protocol: version, TerminalID: d.c.Terminal.String(), Name: d.c.Name, Merchant: p.Merchant,
		Location: p.Location, Country: p.Country, Caps: d.c.Caps, Config: d.c.Config, Addresses: d.c.Sessions(),
		ResumeKey: make(wire.Key, 32),
	}
	if _, err := io.ReadFull(d.c.Rand, ok.ResumeKey); err != nil {
		return nil, nil, err
	}
	record := Record{
		ID: h.PosID, Name: h.Name, Pin: PinOf(cert.RawSubjectPublicKeyInfo), Merchant: p.Merchant, Location: p.Location,
		Country: p.Country, ResumeKey: ok.ResumeKey, Paired: now.UTC(),
	}
	if err := ok.Check(); err != nil {
		return nil, nil, &wire.Error{Code: wire.CodeInternal, Detail: "the terminal's own answer", Err: err}
	}
	if err := r.take(record); err != nil {
		return nil, nil, err
	}
	return &Paired{record.copy(), confirmation(e)}, ok, nil
}

// take stores the record of the one till that this Run takes: several codes may be good at a time.
func (r *run) take(record Record) error {
	r.taking.Lock()
	defer r.taking.Unlock()
	if r.taken {
		return wire.Refuse(wire.CodeUsed, "another till was faster")
	}
	if err := r.c.Records.Put(record); err != nil {
		return err
	}
	r.taken = true
	return nil
}

func remoteOf(conn net.Conn) netip.Addr {
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
