package pairing

import (
	"context"
	"crypto/hmac"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/cardwright/emv/terminal/wire"
)

// Stagger is the time by which a till waits between dialling one address and the next. PRODUCT 3.1, step 1.
const Stagger = 200 * time.Millisecond

// JoinConfig is what a till pairs with.
type JoinConfig struct {
	PosID    string
	Name     string
	Cert     tls.Certificate
	Roots    *x509.CertPool // of the merchant; nil is stand-alone
	Version  wire.Version
	Platform string
	Protocol wire.Range

	// Where the till is signed in. A stand-alone till that never paired leaves merchant and location empty.
	Merchant, Location, Country string

	Networks func() []string // prefixes of the till's interfaces
	Records  *Records
	Dial     func(ctx context.Context, address string) (net.Conn, error)
	Clock    Clock
	Rand     io.Reader // of JoinCode; Join draws nothing
}

// Join pairs with the terminal whose code was scanned. Its refusals are those of the terminal, those of DecodeQR, and
// CodeUnreachable, whose Err tells what each address said.
func Join(ctx context.Context, c *JoinConfig, text string) (*Paired, error) {
	code, err := DecodeQR(text)
	if err != nil {
		return nil, err
	}
	defer code.Secret.Wipe()
	leaf, err := leafOf(&c.Cert)
	if err != nil {
		return nil, err
	}
	theirs := wire.Range{Min: wire.Protocol{Major: 1, Minor: int(code.MinMinor)}, Max: wire.Protocol{Major: 1, Minor: int(code.MaxMinor)}}
	if _, ok := c.Protocol.Common(theirs); !ok {
		return nil, wire.Refuse(wire.CodeProtocol, "terminal speaks %v to %v", theirs.Min, theirs.Max)
	}
	if least := code.Least(); c.Version.Compare(least) < 0 {
		return nil, &wire.Error{Code: wire.CodeAppTooOld, Least: least.String()}
	}
	// The code tells the place as one hash: whether merchant or location differs, the till can't know. Which store it is in
	// matters more to whoever reads it.
	if c.Location != "" && PlaceOf(c.Merchant, c.Location) != code.Place {
		return nil, wire.Refuse(wire.CodeLocation, "the terminal is of another store or location")
	}
	conn, err := c.reach(ctx, code)
	if err != nil {
		var e *wire.Error
		if errors.As(err, &e) && e.Code == wire.CodeUnreachable && c.Clock.Now().Unix() >= int64(code.Expires) {
			e.Code = wire.CodeExpired // an expired code's port is closed as a rule
		}
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.NetConn().Close() })
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(exchange))
	p, err := c.greet(conn, code, leaf)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return p, err
}

func (c *JoinConfig) greet(conn *tls.Conn, code *Code, leaf *x509.Certificate) (*Paired, error) {
	m, err := c.meet(conn)
	if err != nil {
		return nil, err
	}
	h := c.hello(m, &code.Secret, code.Terminal, leaf)
	if err := writeMessage(conn, h); err != nil {
		return nil, interrupted(err)
	}
	return c.take(conn, m, h, &code.Secret, code.Terminal, func(ok *wire.PairOK) error {
		if PlaceOf(ok.Merchant, ok.Location) != code.Place {
			return wire.Refuse(wire.CodeLocation, "another place than the code's")
		}
		return nil
	})
}

// meeting is what a till knows of the terminal before it speaks.
type meeting struct {
	cert *x509.Certificate
	id   Identity // of the certificate; none without Roots
	e    []byte
	now  time.Time
}

// meet holds the terminal's certificate to the merchant's, where there is one.
func (c *JoinConfig) meet(conn *tls.Conn) (*meeting, error) {
	state := conn.ConnectionState()
	m := &meeting{cert: state.PeerCertificates[0], now: c.Clock.Now()}
	var err error
	if c.Roots != nil {
		if m.id, err = Verify(m.cert, state.PeerCertificates[1:], c.Roots, m.now); err != nil {
			return nil, err
		}
		if err := sameSide(m.id, c.Merchant, c.Location); err != nil {
			return nil, err
		}
	}
	m.e, err = exporter(&state)
	return m, err
}

// hello is what the till says of itself, with its proof.
func (c *JoinConfig) hello(m *meeting, s *Secret, t TerminalID, leaf *x509.Certificate) *wire.PairHello {
	h := &wire.PairHello{
		CodeID: codeID(s, t), Protocol: c.Protocol, AppVersion: c.Version, Platform: c.Platform,
		PosID: c.PosID, Name: c.Name, Merchant: c.Merchant, Location: c.Location, Country: c.Country, Networks: c.Networks(),
		PosSPKI: leaf.RawSubjectPublicKeyInfo, MACP: macP(s, m.e, leaf.RawSubjectPublicKeyInfo, t),
	}
	for _, der := range c.Cert.Certificate[1:] {
		h.Chain = append(h.Chain, der)
	}
	return h
}

// take reads the answer, checks it and stores the record. place checks where the terminal says it is.
func (c *JoinConfig) take(conn *tls.Conn, m *meeting, h *wire.PairHello, s *Secret, t TerminalID, place func(*wire.PairOK) error) (*Paired, error) {
	var a wire.PairAnswer
	if err := readMessage(conn, &a); err != nil {
		return nil, err
	}
	if a.Error != nil {
		return nil, a.Error
	}
	ok := a.OK
	defer ok.ResumeKey.Wipe()
	switch {
	case !hmac.Equal(ok.MACT, macT(s, m.e, h.MACP)):
		return nil, wire.Refuse(wire.CodeForged, "the terminal's proof does not hold")
	case ok.TerminalID != t.String():
		return nil, wire.Refuse(wire.CodeForged, "another terminal's id")
	}
	if err := place(ok); err != nil {
		return nil, err
	}
	if c.Roots != nil {
		if err := sameSide(m.id, ok.Merchant, ok.Location); err != nil {
			return nil, err
		}
	}
	if _, both := c.Protocol.Common(wire.Range{Min: ok.Protocol, Max: ok.Protocol}); !both {
		return nil, wire.Refuse(wire.CodeProtocol, "terminal chose %v", ok.Protocol)
	}
	record := Record{
		ID: ok.TerminalID, Name: ok.Name, Pin: PinOf(m.cert.RawSubjectPublicKeyInfo), Merchant: ok.Merchant,
		Location: ok.Location, Country: ok.Country, Addresses: ok.Addresses, ResumeKey: ok.ResumeKey, Paired: m.now.UTC(),
	}
	if err := c.Records.Put(record); err != nil {
		return nil, err
	}
	return &Paired{record.copy(), confirmation(m.e)}, nil
}

// sameSide holds a terminal's certificate to a place.
func sameSide(id Identity, merchant, location string) error {
	switch {
	case id.Kind != Terminal:
		return wire.Refuse(wire.CodeChain, "the certificate is not a terminal's")
	case id.Merchant != merchant:
		return wire.Refuse(wire.CodeMerchant, "the terminal is of another merchant")
	case id.Location != location:
		return wire.Refuse(wire.CodeLocation, "the terminal is of another location")
	}
	return nil
}

func interrupted(err error) error {
	var e *wire.Error
	if errors.As(err, &e) {
		return e
	}
	return &wire.Error{Code: wire.CodeInterrupted, Err: err}
}

// reach dials all addresses, one a little after the other, and returns the first connection whose other end has the key
// that the code names. RFC 8305 with a pin in the place of a name. The errors are CodeForged where only other keys
// answered, and CodeUnreachable.
func (c *JoinConfig) reach(ctx context.Context, code *Code) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, exchange)
	defer cancel()
	type result struct {
		conn *tls.Conn
		err  error
	}
	targets := code.Targets()
	results := make(chan result, len(targets)) // nobody waits for the losers
	for i, a := range targets {
		go func() {
			if i > 0 {
				select {
				case <-ctx.Done():
					results <- result{nil, ctx.Err()}
					return
				case <-c.Clock.After(time.Duration(i) * Stagger):
				}
			}
			conn, err := c.dial(ctx, a.String(), &code.Pin)
			results <- result{conn, err}
		}()
	}
	var errs []error
	for range targets {
		r := <-results
		if r.err == nil {
			left := len(targets) - len(errs) - 1
			cancel()
			go func() { // a second one may have been made
				for range left {
					if r := <-results; r.conn != nil {
						_ = r.conn.NetConn().Close()
					}
				}
			}()
			return r.conn, nil
		}
		errs = append(errs, r.err)
	}
	for _, err := range errs {
		if errors.Is(err, errPin) {
			return nil, &wire.Error{Code: wire.CodeForged, Detail: "another key than the code's answered", Err: errors.Join(errs...)}
		}
	}
	return nil, &wire.Error{Code: wire.CodeUnreachable, Err: errors.Join(errs...)}
}

var errPin = errors.New("pairing: not the pinned key")

// dial connects to who has the pin; without one, to whoever is there.
func (c *JoinConfig) dial(ctx context.Context, a string, pin *Pin) (*tls.Conn, error) {
	raw, err := c.Dial(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", a, err)
	}
	conn := tls.Client(raw, &tls.Config{
		MinVersion:         tls.VersionTLS13,
		Certificates:       []tls.Certificate{c.Cert},
		InsecureSkipVerify: true, // by pin, below, or by the exchange after it: there is no name
		VerifyConnection: func(s tls.ConnectionState) error {
			if pin != nil && PinOf(s.PeerCertificates[0].RawSubjectPublicKeyInfo) != *pin {
				return errPin
			}
			return p256(s.PeerCertificates[0])
		},
		NextProtos: []string{wire.PairALPN},
		Time:       c.Clock.Now,
	})
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("%v: %w", a, err)
	}
	return conn, nil
}
