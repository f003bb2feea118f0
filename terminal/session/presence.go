package session

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// PresenceID is the name under which a terminal and one till know each other for an hour: whoever has not the resume key
// can't tell that two of them are of one device. PRODUCT 3.1.
func PresenceID(resume wire.Key, at time.Time) [8]byte {
	return [8]byte(keyed(resume, "I", binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/3600))))
}

func keyed(key wire.Key, label string, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(label))
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// The datagrams of port 27001. A probe is "CWP1", the id of the hour, 16 random bytes and 14 zeros; its answer "CWA1", the
// id, the 16 bytes, the session port and the first 12 bytes of an HMAC over all before. The answer is no longer than the
// probe: nobody can use a terminal to flood a third.
const (
	probeMagic  = "CWP1"
	answerMagic = "CWA1"
	datagram    = 4 + 8 + 16 + 2 + 12
)

// probe is what is the same in a probe and its answer.
func probe(magic string, id [8]byte, nonce []byte) []byte {
	b := append(make([]byte, 0, datagram), magic...)
	return append(append(b, id[:]...), nonce...)
}

// idsAt are those of the hours in which the other side's clock may be.
func idsAt(key wire.Key, now time.Time) [3][8]byte {
	return [3][8]byte{PresenceID(key, now), PresenceID(key, now.Add(-time.Hour)), PresenceID(key, now.Add(time.Hour))}
}

// ServePresence answers the probes of paired tills until ctx ends, and nobody else's. port is that of the session.
func ServePresence(ctx context.Context, conn net.PacketConn, records *pairing.Records, port uint16, clock pairing.Clock) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	b := make([]byte, 512)
	for {
		n, from, err := conn.ReadFrom(b)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		if err != nil {
			continue // what the network says of an earlier answer
		}
		if a := answer(b[:n], records, port, clock.Now()); a != nil {
			_, _ = conn.WriteTo(a, from)
		}
	}
}

// answer returns the answer to a datagram, nil for none.
func answer(b []byte, records *pairing.Records, port uint16, now time.Time) []byte {
	if len(b) != datagram || string(b[:4]) != probeMagic {
		return nil
	}
	for _, r := range records.All() {
		for _, id := range idsAt(r.ResumeKey, now) {
			if hmac.Equal(id[:], b[4:12]) {
				a := binary.BigEndian.AppendUint16(probe(answerMagic, id, b[12:28]), port)
				return append(a, keyed(r.ResumeKey, "A", a)[:12]...)
			}
		}
	}
	return nil
}

// Find asks for a terminal at addresses (a broadcast, or where it may be) and returns where its session port is. It asks
// once; who hears nothing until ctx ends asks again. The error is CodeUnreachable.
func Find(ctx context.Context, conn net.PacketConn, to []netip.AddrPort, r *pairing.Record, now time.Time, random io.Reader) (netip.AddrPort, error) {
	var nonce [16]byte
	if _, err := io.ReadFull(random, nonce[:]); err != nil {
		return netip.AddrPort{}, err
	}
	id := PresenceID(r.ResumeKey, now)
	p := probe(probeMagic, id, nonce[:])[:datagram]
	sent := false
	var errs []error
	for _, a := range to {
		_, err := conn.WriteTo(p, net.UDPAddrFromAddrPort(a))
		sent = sent || err == nil
		errs = append(errs, err)
	}
	if !sent {
		return netip.AddrPort{}, &wire.Error{Code: wire.CodeUnreachable, Err: errors.Join(errs...)}
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	b := make([]byte, 512)
	for ctx.Err() == nil {
		n, from, err := conn.ReadFrom(b)
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, net.ErrClosed) {
				continue
			}
			break
		}
		u, ok := from.(*net.UDPAddr)
		want := probe(answerMagic, id, nonce[:])
		if !ok || n != datagram || !hmac.Equal(b[:28], want) || !hmac.Equal(b[30:n], keyed(r.ResumeKey, "A", b[:30])[:12]) {
			continue
		}
		return netip.AddrPortFrom(u.AddrPort().Addr().Unmap(), binary.BigEndian.Uint16(b[28:])), nil
	}
	return netip.AddrPort{}, &wire.Error{Code: wire.CodeUnreachable, Detail: "no terminal answered", Err: context.Cause(ctx)}
}
