package pairing_test

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/spake2plus"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// typist is a second implementation of the side of a till whose user types the code, from docs/protocol.md.
type typist struct {
	*till
	prover   *spake2plus.Prover
	confirmP []byte
}

// typist connects and makes a share for eight digits.
func (r *rig) typist(digits string) *typist {
	r.t.Helper()
	l := secure(r.t, r.at(), r.till.Cert)
	pin := func(spki []byte) []byte { h := sha256.Sum256(spki); return h[:] }
	terminal := pin(l.conn.ConnectionState().PeerCertificates[0].RawSubjectPublicKeyInfo)
	w, err := spake2plus.Derive([]byte(strings.ReplaceAll(digits, " ", "")), nil, terminal, []byte("cardwright pair code v1"), spake2plus.Cost{Passes: 1, KiB: 8192})
	if err != nil {
		r.t.Fatal(err)
	}
	p := must[*spake2plus.Prover](r.t)(spake2plus.NewProver(&w, spake2plus.Session{
		Context: append([]byte("cardwright pair code v1"), l.e...), Prover: pin(r.till.Cert.Leaf.RawSubjectPublicKeyInfo), Verifier: terminal,
	}, rand.Reader))
	return &typist{till: l, prover: p}
}

// start sends a share and returns the answer.
func (y *typist) start(share []byte) (a wire.PairShareAnswer) {
	y.t.Helper()
	y.write(map[string]any{"share_p": wire.Bytes(share)})
	if err := json.Unmarshal(y.read(), &a); err != nil {
		y.t.Fatal(err)
	}
	return a
}

// agree goes as far as the key: hello and proof come next.
func (y *typist) agree() *typist {
	y.t.Helper()
	a := y.start(y.prover.Share())
	if a.Share == nil {
		y.t.Fatal(a.Error)
	}
	y.confirmP = must[[]byte](y.t)(y.prover.Confirm(a.Share.ShareV, a.Share.ConfirmV))
	y.code = &pairing.Code{Terminal: pairing.TerminalID(must[[]byte](y.t)(hex.DecodeString(a.Share.TerminalID)))}
	copy(y.code.Secret[:], must[[]byte](y.t)(y.prover.Shared()))
	return y
}

// finish sends the proof and returns the answer.
func (y *typist) finish(h *wire.PairHello) wire.PairAnswer {
	y.t.Helper()
	return y.send(map[string]any{"confirm_p": wire.Bytes(y.confirmP), "hello": h})
}

func (l *till) write(v any) {
	l.t.Helper()
	body := must[[]byte](l.t)(json.Marshal(v))
	if _, err := l.conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)); err != nil {
		l.t.Fatal(err)
	}
}

func (l *till) read() []byte {
	l.t.Helper()
	return must[[]byte](l.t)(readFramed(l.conn))
}

func readFramed(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint32(head[:]))
	_, err := io.ReadFull(r, b)
	return b, err
}

func refusedShare(t *testing.T, a wire.PairShareAnswer, want wire.Code) {
	t.Helper()
	if a.Share != nil || a.Error == nil || a.Error.Code != want {
		t.Fatalf("got %v, want %s", a.Error, want)
	}
}

// playing is the TLS of whoever plays a terminal.
func playing(cert tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAnyClientCert, NextProtos: []string{wire.PairALPN}}
}
