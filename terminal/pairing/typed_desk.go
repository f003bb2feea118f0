package pairing

import (
	"crypto/hmac"
	"crypto/tls"
	"errors"
	"net"

	"github.com/cardwright/emv/crypto/spake2plus"
	"github.com/cardwright/emv/terminal/wire"
)

// typed takes a till whose user typed the code: SPAKE2+ instead of a proof, then the same as for a scanned one. The try
// is counted before the answer, which lets the till test one code. PRODUCT 3.1; RFC 9383, 3.3.
func (r *run) typed(t *tls.Conn, s *wire.PairStart, state *tls.ConnectionState, conn net.Conn) (p *Paired, ok *wire.PairOK, err error) {
	d := r.Desk
	e, err := exporter(state)
	if err != nil {
		return nil, nil, err
	}
	try, err := d.codes.begin(r.c.Clock.Now(), remoteOf(conn))
	if err != nil {
		return nil, nil, err
	}
	settled := false
	defer func() {
		if !settled {
			_ = try.settle(false, r.c.Clock.Now())
		}
	}()
	spki := state.PeerCertificates[0].RawSubjectPublicKeyInfo
	v, err := spake2plus.NewVerifier(&try.record, typedSession(e, PinOf(spki), PinOf(d.spki)))
	if err != nil {
		return nil, nil, &wire.Error{Code: wire.CodeInternal, Detail: "typed code", Err: err}
	}
	defer v.Wipe()
	// A share that is no point, or that gives no secret, gets the answer that a wrong code gets: it was a guess too.
	shareV, confirmV, err := v.Answer(s.ShareP, r.c.Rand)
	if err != nil {
		if errors.Is(err, &spake2plus.Error{Code: spake2plus.CodeShare}) {
			return nil, nil, wrongCode("the share is refused", err)
		}
		return nil, nil, &wire.Error{Code: wire.CodeInternal, Detail: "typed code", Err: err}
	}
	answer := &wire.PairShareAnswer{Share: &wire.PairShare{TerminalID: d.c.Terminal.String(), ShareV: shareV, ConfirmV: confirmV}}
	if err := writeMessage(t, answer); err != nil {
		return nil, nil, interrupted(err)
	}
	var c wire.PairConfirm
	if err := readMessage(t, &c); err != nil {
		if errors.Is(err, &wire.Error{Code: wire.CodeInterrupted}) {
			return nil, nil, wrongCode("the till went away on seeing the terminal's confirmation", err)
		}
		return nil, nil, err
	}
	return r.judge(&c.Hello, state, conn, func() ([]byte, error) {
		if err := v.Verify(c.ConfirmP); err != nil {
			return nil, wrongCode("the till's confirmation does not hold", err)
		}
		shared, err := v.Shared()
		if err != nil {
			return nil, err
		}
		secret := typedSecret(shared)
		defer secret.Wipe()
		h := &c.Hello
		if !hmac.Equal(h.PosSPKI, spki) || !hmac.Equal(h.CodeID, codeID(&secret, d.c.Terminal)) ||
			!hmac.Equal(h.MACP, macP(&secret, e, spki, d.c.Terminal)) {
			return nil, wire.Refuse(wire.CodeForged, "the proof does not hold")
		}
		settled = true
		if err := try.settle(true, r.c.Clock.Now()); err != nil {
			return nil, err
		}
		return macT(&secret, e, h.MACP), nil
	})
}

func wrongCode(detail string, err error) error {
	return &wire.Error{Code: wire.CodeWrongCode, Detail: detail, Err: err}
}
