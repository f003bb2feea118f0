package pairing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/cardwright/emv/crypto/spake2plus"
	"github.com/cardwright/emv/terminal/wire"
)

// JoinCode pairs with the terminal at an address, ADDRESS or ADDRESS:PORT, whose eight digits were typed: for a till
// without a camera. Nothing of the terminal is known before, so whoever answers at the address has one try of the code;
// who does not know it is refused before the till has said who it is. Spaces and hyphens in the code do not matter.
//
// Its refusals are those of the terminal, CodeWrongCode, CodeUnreachable, and CodeFormat for an address that is none.
func JoinCode(ctx context.Context, c *JoinConfig, address, code string) (*Paired, error) {
	if c.Rand == nil {
		return nil, errors.New("pairing: JoinConfig.Rand is missing")
	}
	d, ok := parseDigits(code)
	if !ok {
		return nil, wire.Refuse(wire.CodeWrongCode, "a code has eight digits")
	}
	defer clear(d[:])
	target, ok := targetOf(address)
	if !ok {
		return nil, wire.Refuse(wire.CodeFormat, "not an address")
	}
	leaf, err := leafOf(&c.Cert)
	if err != nil {
		return nil, err
	}
	timed, cancel := context.WithTimeout(ctx, exchange)
	conn, err := c.dial(timed, target, nil)
	cancel()
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &wire.Error{Code: wire.CodeUnreachable, Err: err}
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.NetConn().Close() })
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(exchange))
	p, err := c.exchange(conn, &d, leaf)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return p, err
}

// exchange is the till's side of SPAKE2+, and then that of a till that scanned a code.
func (c *JoinConfig) exchange(conn *tls.Conn, d *digits, leaf *x509.Certificate) (*Paired, error) {
	m, err := c.meet(conn)
	if err != nil {
		return nil, err
	}
	terminal := PinOf(m.cert.RawSubjectPublicKeyInfo)
	secrets, err := typedSecrets(d, terminal)
	if err != nil {
		return nil, err
	}
	defer secrets.Wipe()
	session := typedSession(m.e, PinOf(leaf.RawSubjectPublicKeyInfo), terminal)
	x, err := spake2plus.NewProver(&secrets, session, c.Rand)
	if err != nil {
		return nil, &wire.Error{Code: wire.CodeInternal, Detail: "typed code", Err: err}
	}
	defer x.Wipe()
	if err := writeMessage(conn, &wire.PairStart{ShareP: x.Share()}); err != nil {
		return nil, interrupted(err)
	}
	var a wire.PairShareAnswer
	if err := readMessage(conn, &a); err != nil {
		return nil, err
	}
	if a.Error != nil {
		return nil, a.Error
	}
	id, ok := parseTerminalID(a.Share.TerminalID)
	if !ok {
		return nil, wire.Refuse(wire.CodeBadMessage, "terminal_id: not 16 bytes in hexadecimal")
	}
	confirmP, err := x.Confirm(a.Share.ShareV, a.Share.ConfirmV)
	if err != nil {
		return nil, wrongCode("the terminal's confirmation does not hold", err)
	}
	shared, err := x.Shared()
	if err != nil {
		return nil, err
	}
	secret := typedSecret(shared)
	defer secret.Wipe()
	confirm := &wire.PairConfirm{ConfirmP: confirmP, Hello: *c.hello(m, &secret, id, leaf)}
	if err := writeMessage(conn, confirm); err != nil {
		return nil, interrupted(err)
	}
	return c.take(conn, m, &confirm.Hello, &secret, id, func(ok *wire.PairOK) error {
		switch {
		case c.Location == "":
			return nil
		case ok.Merchant != c.Merchant:
			return wire.Refuse(wire.CodeMerchant, "the terminal is of another merchant")
		case ok.Location != c.Location:
			return wire.Refuse(wire.CodeLocation, "the terminal is of another location")
		}
		return nil
	})
}

// addressOf is what a person types for a target: targetOf gives it back.
func addressOf(target netip.AddrPort) string {
	if target.Port() == wire.PortPairing {
		return target.Addr().String()
	}
	return target.String()
}

// targetOf completes an address with the port. Names are for the till's Dial to resolve.
func targetOf(address string) (string, bool) {
	address = strings.TrimSpace(address)
	if host, port, err := net.SplitHostPort(address); err == nil {
		n, err := strconv.ParseUint(port, 10, 16)
		return net.JoinHostPort(host, port), err == nil && n != 0 && host != ""
	}
	plain := address
	if inner, ok := strings.CutPrefix(address, "["); ok {
		if plain, ok = strings.CutSuffix(inner, "]"); !ok {
			return "", false
		}
	}
	if a, err := netip.ParseAddr(plain); err == nil {
		return netip.AddrPortFrom(a, wire.PortPairing).String(), true
	}
	if address == "" || strings.ContainsAny(address, ":/ []") {
		return "", false
	}
	return net.JoinHostPort(address, strconv.Itoa(wire.PortPairing)), true
}
