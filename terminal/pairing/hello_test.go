package pairing_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"io"
	"testing"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// till is a second implementation of the till's side, from docs/protocol.md: it can be told to do wrong.
type till struct {
	t    *testing.T
	code *pairing.Code
	cert tls.Certificate
	conn *tls.Conn
	e    []byte
}

func hmacOf(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func connect(t *testing.T, text string, cert tls.Certificate) *till {
	t.Helper()
	code := must[*pairing.Code](t)(pairing.DecodeQR(text))
	l := secure(t, code.Targets()[0].String(), cert)
	l.code = code
	return l
}

// secure connects, with no code.
func secure(t *testing.T, address string, cert tls.Certificate) *till {
	t.Helper()
	raw, err := dial(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	conn := tls.Client(raw, &tls.Config{
		InsecureSkipVerify: true, Certificates: []tls.Certificate{cert}, NextProtos: []string{"cardwright-pair1"},
	})
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s := conn.ConnectionState()
	return &till{t: t, cert: cert, conn: conn, e: must[[]byte](t)(s.ExportKeyingMaterial("cardwright pair v1", nil, 32))}
}

// hello makes a right PairHello; change does it wrong, and mac_p is computed afterwards unless change has set it.
func (l *till) hello(change func(*wire.PairHello)) *wire.PairHello {
	spki := l.cert.Leaf.RawSubjectPublicKeyInfo
	h := &wire.PairHello{
		CodeID: hmacOf(l.code.Secret[:], []byte("I"), l.code.Terminal[:])[:8], Protocol: wire.This,
		AppVersion: wire.Version{Major: 8, Minor: 16}, Platform: "ios", PosID: "till-7", Name: "Till 7",
		Merchant: "acme", Location: "store-1", Country: "GB", Networks: []string{"127.0.0.0/8"}, PosSPKI: spki,
	}
	if change != nil {
		change(h)
	}
	if h.MACP == nil {
		h.MACP = hmacOf(l.code.Secret[:], []byte("P"), l.e, h.PosSPKI, l.code.Terminal[:])
	}
	return h
}

// send sends a message and returns the answer.
func (l *till) send(v any) wire.PairAnswer {
	l.t.Helper()
	body := must[[]byte](l.t)(json.Marshal(v))
	return l.sendRaw(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
}

func (l *till) sendRaw(b []byte) (a wire.PairAnswer) {
	l.t.Helper()
	if _, err := l.conn.Write(b); err != nil {
		l.t.Fatal(err)
	}
	answer, err := io.ReadAll(l.conn)
	if err != nil || len(answer) < 4 || int(binary.BigEndian.Uint32(answer)) != len(answer)-4 {
		l.t.Fatalf("answer of %d bytes: %v", len(answer), err)
	}
	if err := json.Unmarshal(answer[4:], &a); err != nil {
		l.t.Fatal(err)
	}
	return a
}

func refusedWith(t *testing.T, a wire.PairAnswer, want wire.Code) {
	t.Helper()
	if a.OK != nil || a.Error == nil || a.Error.Code != want {
		t.Fatalf("got %v, want %s", a.Error, want)
	}
}
