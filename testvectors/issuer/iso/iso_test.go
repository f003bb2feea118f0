package iso_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

func TestParseFault(t *testing.T) {
	for text, want := range map[string]iso.Fault{
		"drop":             {Kind: iso.Drop, Times: 1},
		"drop@0200":        {Kind: iso.Drop, MTI: "0200", Times: 1},
		"mac@04*3":         {Kind: iso.MAC, MTI: "04", Times: 3},
		"double*0":         {Kind: iso.Double},
		"delay=1500ms@02":  {Kind: iso.Delay, MTI: "02", Times: 1, Delay: 1500 * time.Millisecond},
		"decline":          {Kind: iso.Decline, Times: 1},
		"decline=51@0200":  {Kind: iso.Decline, MTI: "0200", Times: 1, Code: "51"},
		"decline=1A@01*20": {Kind: iso.Decline, MTI: "01", Times: 20, Code: "1A"},
	} {
		if f, err := iso.ParseFault(text); err != nil || f != want {
			t.Errorf("%s: %+v, %v", text, f, err)
		}
	}
	for _, text := range []string{
		"", "sulk", "drop=1", "drop@", "drop@02000", "drop@x", "drop*", "drop*-1", "drop*x", "delay", "delay=x", "delay=-1s", "decline=5",
	} {
		if _, err := iso.ParseFault(text); !errors.Is(err, iso.ErrFault) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if f, err := iso.ParseFaults("drop\n\n  mac@02\n"); err != nil || len(f) != 2 {
		t.Error(f, err)
	}
}

// terminal is one that was written for this test: bytes by hand, and the MAC by its formula.
type terminal struct {
	t    *testing.T
	conn net.Conn
	keys *iso.TerminalKeys
}

func start(t *testing.T, config iso.Config) (*iso.Server, *terminal) {
	t.Helper()
	s, err := iso.New(config)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, l) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := iso.NewTerminalKeys(iso.TestInitialKeyID(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	return s, &terminal{t, conn, keys}
}

// echo is an 0800 with fields 7, 11, 41, 42, 61, 70 and 128; turned is a bit of the MAC that is wrong.
func (t *terminal) echo(stan string, transaction *dukpt.AESTransaction, turned byte) []byte {
	t.t.Helper()
	b := []byte("0800")
	b = append(b, 0b10000010, 0b00100000, 0, 0, 0, 0b11000000, 0, 0b00001000)
	b = append(b, 0b00000100, 0, 0, 0, 0, 0, 0, 1)
	b = append(b, "1123092030"+stan+"T0000003"+"M00000000000003"...)
	b = append(b, transaction.KSN[:]...)
	b = append(b, "301"...)
	var key dukpt.Key
	if err := transaction.Key(&key, dukpt.MACGeneration, dukpt.AES128); err != nil {
		t.t.Fatal(err)
	}
	sum, err := mac.CMACAES(nil, key.Bytes(), b)
	if err != nil {
		t.t.Fatal(err)
	}
	sum[0] ^= turned
	return append(b, sum[:8]...)
}

func (t *terminal) send(b []byte) {
	t.t.Helper()
	if _, err := t.conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)); err != nil {
		t.t.Fatal(err)
	}
}

func (t *terminal) receive() []byte {
	t.t.Helper()
	var n [2]byte
	if _, err := io.ReadFull(t.conn, n[:]); err != nil {
		t.t.Fatal(err)
	}
	b := make([]byte, binary.BigEndian.Uint16(n[:]))
	if _, err := io.ReadFull(t.conn, b); err != nil {
		t.t.Fatal(err)
	}
	return b
}

func (t *terminal) next() *dukpt.AESTransaction {
	t.t.Helper()
	var x dukpt.AESTransaction
	if err := t.keys.NextAES(&x, ""); err != nil {
		t.t.Fatal(err)
	}
	return &x
}

func TestEcho(t *testing.T) {
	_, term := start(t, iso.Config{})
	x := term.next()
	term.send(term.echo("000001", x, 0))
	got := term.receive()
	// Fields 7 | 11 | 39 | 41 42 | 61, and 70 and 128.
	want := []byte("0810")
	want = append(want, 0b10000010, 0b00100000, 0, 0, 0b00000010, 0b11000000, 0, 0b00001000)
	want = append(want, 0b00000100, 0, 0, 0, 0, 0, 0, 1)
	want = append(want, "1123092030"+"000001"+"00"+"T0000003"+"M00000000000003"...)
	want = append(want, x.KSN[:]...)
	want = append(want, "301"...)
	var key dukpt.Key
	if err := x.Key(&key, dukpt.MACVerification, dukpt.AES128); err != nil {
		t.Fatal(err)
	}
	sum, err := mac.CMACAES(nil, key.Bytes(), want)
	if err != nil {
		t.Fatal(err)
	}
	if want = append(want, sum[:8]...); !bytes.Equal(got, want) {
		t.Errorf("\n%X\n%X", got, want)
	}
}

// code is field 39 of an 0810.
func code(b []byte) string { return string(b[20+16 : 20+18]) }

func TestRefusesKeys(t *testing.T) {
	_, term := start(t, iso.Config{})
	x := term.next()
	term.send(term.echo("000001", x, 1))
	if c := code(term.receive()); c != "98" {
		t.Errorf("a wrong MAC: %s", c)
	}
	term.send(term.echo("000002", x, 0))
	if c := code(term.receive()); c != "00" {
		t.Errorf("a good one: %s", c)
	}
	term.send(term.echo("000003", x, 0))
	if c := code(term.receive()); c != "98" {
		t.Errorf("the same key for another message: %s", c)
	}
	term.send(term.echo("000002", x, 0))
	if c := code(term.receive()); c != "00" {
		t.Errorf("the same message again: %s", c)
	}
}

// TestHostileTerminal sends what no terminal sends; the connection lives on, and nothing is in the ledger.
func TestHostileTerminal(t *testing.T) {
	s, term := start(t, iso.Config{})
	good := term.echo("000001", term.next(), 0)
	for _, b := range [][]byte{
		nil,
		{0},
		[]byte("0800"), good[:len(good)-1], append(bytes.Clone(good), 0), bytes.Repeat([]byte{0xFF}, 300),
		[]byte(strings.Replace(string(good), "0800", "0640", 1)), []byte(strings.Replace(string(good), "0800", "08\x00\x00", 1)),
	} {
		term.send(b)
	}
	term.send(good)
	for { // a message of a type that the host does not know may be answered with a wrong MAC
		if b := term.receive(); string(b[:4]) == "0810" {
			if code(b) != "00" {
				t.Errorf("%s", code(b))
			}
			break
		}
	}
	if n := len(s.Ledger()); n != 0 {
		t.Errorf("%d entries", n)
	}
}

func TestControl(t *testing.T) {
	s, term := start(t, iso.Config{})
	web := httptest.NewServer(s.Control())
	defer web.Close()
	do := func(method, path, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, web.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		a, err := web.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = a.Body.Close() }()
		b, _ := io.ReadAll(a.Body)
		return a.StatusCode, string(b)
	}
	if n, _ := do("POST", "/faults", "lose@0800\ndouble@0200"); n != http.StatusNoContent {
		t.Error(n)
	}
	if n, text := do("POST", "/faults", "sulk"); n != http.StatusBadRequest || !strings.Contains(text, "iso.fault") {
		t.Error(n, text)
	}
	term.send(term.echo("000001", term.next(), 0)) // lost
	term.send(term.echo("000002", term.next(), 0))
	if b := term.receive(); string(b[30:36]) != "000002" {
		t.Errorf("%X", b)
	}
	do("POST", "/faults", "lose@0800*0")
	if n, _ := do("DELETE", "/faults", ""); n != http.StatusNoContent {
		t.Error(n)
	}
	term.send(term.echo("000003", term.next(), 0))
	if b := term.receive(); string(b[30:36]) != "000003" {
		t.Errorf("%X", b)
	}
	var charged struct{ Amount, Entries int64 }
	if _, text := do("GET", "/charged?currency=826", ""); json.Unmarshal([]byte(text), &charged) != nil || charged.Amount != 0 {
		t.Error(text)
	}
	if _, text := do("GET", "/ledger", ""); strings.TrimSpace(text) != "[]" {
		t.Error(text)
	}
}

func FuzzServer(f *testing.F) {
	f.Add([]byte("0800\x82\x20\x00\x00\x00\xC0\x00\x08\x04\x00\x00\x00\x00\x00\x00\x01"))
	f.Add([]byte("0200"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := iso.New(iso.Config{})
		if err != nil {
			t.Fatal(err)
		}
		near, far := net.Pipe()
		done := make(chan error)
		l := &one{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
		l.conns <- far
		ctx, cancel := context.WithCancel(t.Context())
		go func() { done <- s.Serve(ctx, l) }()
		go func() { _, _ = io.Copy(io.Discard, near) }()
		if len(b) > 4096 {
			b = b[:4096]
		}
		_, _ = near.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
		_ = near.Close()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n := len(s.Ledger()); n != 0 {
			t.Errorf("%d entries without a key", n)
		}
	})
}

// one is a listener with one connection.
type one struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (o *one) Accept() (net.Conn, error) {
	select {
	case c := <-o.conns:
		return c, nil
	case <-o.closed:
		return nil, net.ErrClosed
	}
}

func (o *one) Close() error {
	close(o.closed)
	return nil
}

func (o *one) Addr() net.Addr { return &net.TCPAddr{} }
