package serve_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/runner"
	"github.com/cardwright/emv/testvectors/serve"
)

// echo answers each command with its data and 9000, or as a test says.
type echo struct {
	resets int
	err    error
}

func (e *echo) Reset() { e.resets++ }

func (e *echo) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	if e.err != nil {
		return dst, e.err
	}
	if len(command) > 5 {
		dst = append(dst, command[5:]...)
	}
	return append(dst, 0x90, 0x00), nil
}

// reader is the reader's end of a connection.
type reader struct {
	t    *testing.T
	conn net.Conn
}

func (r reader) send(payload ...byte) {
	r.t.Helper()
	if _, err := r.conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(payload))), payload...)); err != nil {
		r.t.Fatal(err)
	}
}

// frame reads a frame, nil when the card is gone.
func (r reader) frame() []byte {
	r.t.Helper()
	_ = r.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	var head [2]byte
	if _, err := io.ReadFull(r.conn, head[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		r.t.Fatal(err)
	}
	b := make([]byte, binary.BigEndian.Uint16(head[:]))
	if _, err := io.ReadFull(r.conn, b); err != nil {
		r.t.Fatal(err)
	}
	return b
}

type ended struct {
	end serve.End
	err error
}

// slot serves a card to a reader.
func slot(t *testing.T, c serve.Card, o serve.Options) (reader, chan ended) {
	t.Helper()
	ours, theirs := net.Pipe()
	done := make(chan ended, 1)
	go func() {
		end, err := serve.Run(context.Background(), theirs, c, o)
		done <- ended{end, err}
	}()
	t.Cleanup(func() { _ = ours.Close() })
	return reader{t, ours}, done
}

func TestFraming(t *testing.T) {
	c := &echo{}
	r, done := slot(t, c, serve.Options{ATR: []byte{0x3B, 0x60, 0x00, 0x00}})
	r.send(1)
	r.send(4)
	if got := r.frame(); !bytes.Equal(got, []byte{0x3B, 0x60, 0x00, 0x00}) {
		t.Errorf("answer to reset %X", got)
	}
	r.send(0x00, 0xA4, 0x04, 0x00, 0x02, 0x3F, 0x00)
	if got := r.frame(); !bytes.Equal(got, []byte{0x3F, 0x00, 0x90, 0x00}) {
		t.Errorf("answer %X", got)
	}
	r.send(2)
	r.send(0)
	r.send() // an empty frame and an unknown control byte are passed over
	r.send(9)
	r.send(4)
	if got := r.frame(); len(got) != 4 {
		t.Errorf("answer to reset %X", got)
	}
	_ = r.conn.Close()
	if e := <-done; e.end != serve.Left || e.err != nil {
		t.Errorf("ended %v, %v", e.end, e.err)
	}
	if c.resets != 3 { // inserted, powered, reset
		t.Errorf("%d resets", c.resets)
	}
}

func TestPullAfter(t *testing.T) {
	r, done := slot(t, &echo{}, serve.Options{PullAfter: 2})
	for range 2 {
		r.send(0x00, 0xB2, 0x01, 0x0C, 0x00)
		if got := r.frame(); len(got) != 2 {
			t.Errorf("answer %X", got)
		}
	}
	if got := r.frame(); got != nil {
		t.Errorf("the card is still there: %X", got)
	}
	if e := <-done; e.end != serve.Pulled || e.err != nil {
		t.Errorf("ended %v, %v", e.end, e.err)
	}
}

func TestNoAnswer(t *testing.T) {
	command := []byte{0x00, 0xB2, 0x01, 0x0C, 0x00}
	for _, c := range []struct {
		err  error
		want []byte // nil: gone
	}{
		{kernel.ErrRemoved, nil},
		{&card.Error{Code: card.CodeRemoved}, nil},
		{kernel.ErrTransmission, []byte{}},
		{kernel.ErrCollision, []byte{}},
		{kernel.ErrProtocol, []byte{0x00}},
	} {
		r, _ := slot(t, &echo{err: c.err}, serve.Options{})
		r.send(command...)
		if got := r.frame(); (got == nil) != (c.want == nil) || !bytes.Equal(got, c.want) {
			t.Errorf("%v: %X, want %X", c.err, got, c.want)
		}
	}
	r, _ := slot(t, &echo{err: kernel.ErrTimeout}, serve.Options{ATR: []byte{1, 2}})
	r.send(command...)
	r.send(4) // the next frame is the answer to this one: nothing came before
	if got := r.frame(); !bytes.Equal(got, []byte{1, 2}) {
		t.Errorf("a mute card said %X", got)
	}
	bug := errors.New("a bug")
	r, done := slot(t, &echo{err: bug}, serve.Options{})
	r.send(command...)
	if e := <-done; !errors.Is(e.err, bug) {
		t.Errorf("ended with %v", e.err)
	}
}

func TestATR(t *testing.T) {
	for name, c := range map[string]struct {
		atr  []byte
		want byte
	}{"T=0": {serve.ATRT0([]byte("cardw")), 0}, "T=1": {serve.ATRT1([]byte("cardw")), 1}} {
		a, err := contact.ParseATR(c.atr, false)
		if err != nil || !a.Basic || byte(a.Protocol) != c.want || string(a.Historical) != "cardw" {
			t.Errorf("%s: %X, %+v, %v", name, c.atr, a, err)
		}
	}
	// PC/SC part 3, 3.1.3.2.3.2: MIFARE Classic 1K, whose historical bytes are 80 4F 0C, RID, standard, name and RFU.
	mifare := []byte{0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00}
	want := append(append([]byte{0x3B, 0x8F, 0x80, 0x01}, mifare...), 0x6A)
	if got := serve.ATRContactless(mifare); !bytes.Equal(got, want) {
		t.Errorf("%X, want %X", got, want)
	}
	if got := serve.ATRContactless(make([]byte, 99)); len(got) != 20 {
		t.Errorf("%d bytes", len(got))
	}
}

// TestT0 talks to a card under T=0 through the transport layer that contact has for it, which was written apart.
func TestT0(t *testing.T) {
	for _, profile := range []string{"visa-credit", "visa-offline"} {
		config := card.Config{Profile: profile}
		plain, err := serve.NewSimulated(config)
		if err != nil {
			t.Fatal(err)
		}
		other, err := serve.NewSimulated(config)
		if err != nil {
			t.Fatal(err)
		}
		under := contact.TPDU(tpdus{serve.T0(other)})
		for _, command := range []string{
			"\x00\xA4\x04\x00\x0E2PAY.SYS.DDF01\x00", "\x00\xA4\x04\x00\x07\xA0\x00\x00\x00\x03\x10\x10\x00",
			"\x80\xCA\x9F\x36\x00", "\x00\xB2\x01\x0C\x00", "\x00\xB2\x09\x0C\x00", "\x00\x82\x00\x00\x02\x01\x02",
		} {
			want, err := plain.Transmit(context.Background(), nil, []byte(command))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := under.Transmit(context.Background(), nil, []byte(command)); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %X under T=0: %X, %v; want %X", profile, command, got, err, want)
			}
		}
	}
}

type tpdus struct{ card serve.Card }

func (r tpdus) TransmitTPDU(ctx context.Context, dst, command []byte) ([]byte, error) {
	return r.card.Transmit(ctx, dst, command)
}

func TestT0LongAnswer(t *testing.T) {
	c := serve.T0(&fixed{append(bytes.Repeat([]byte{7}, 300), 0x90, 0x00)})
	var got []byte
	next := []byte{0x00, 0xA4, 0x04, 0x00, 0x01, 0x41}
	for range 9 {
		answer, err := c.Transmit(context.Background(), nil, next)
		if err != nil || len(answer) < 2 {
			t.Fatalf("%X, %v", answer, err)
		}
		n := len(answer) - 2
		got = append(got, answer[:n]...)
		if answer[n] != 0x61 {
			break
		}
		next = []byte{0x00, 0xC0, 0x00, 0x00, answer[n+1]}
	}
	if len(got) != 300 {
		t.Errorf("%d bytes came through GET RESPONSE", len(got))
	}
}

type fixed struct{ answer []byte }

func (f *fixed) Reset() {}
func (f *fixed) Transmit(_ context.Context, dst, _ []byte) ([]byte, error) {
	return append(dst, f.answer...), nil
}

const suiteText = `{"format":"emv-vectors/1","suite":"s","cases":[{"id":"one","run":"contactless.transaction",
"given":{"card":[{"exchanges":[{"c":"00A40400","r":"9000"}]},{"exchanges":[{"c":"00B2010C00","r":"6A83"}]}]},"want":{}},
{"id":"none","run":"tlv.parse","given":{"bytes":"8200"},"want":{}}]}`

func TestScript(t *testing.T) {
	s, err := runner.Parse("s.json", []byte(suiteText))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := serve.FromCase(&s.Cases[1]); !errors.Is(err, serve.ErrNoScript) {
		t.Errorf("a case without a card: %v", err)
	}
	c, err := serve.FromCase(&s.Cases[0])
	if err != nil {
		t.Fatal(err)
	}
	ask := func(command []byte) ([]byte, error) { return c.Transmit(context.Background(), nil, command) }
	c.Reset() // how readers say hello: the first presentment goes on
	if got, err := ask([]byte{0x00, 0xA4, 0x04, 0x00}); err != nil || !bytes.Equal(got, []byte{0x90, 0x00}) {
		t.Errorf("first: %X, %v", got, err)
	}
	c.Reset()
	if got, err := ask([]byte{0x00, 0xB2, 0x01, 0x0C, 0x00}); err != nil || !bytes.Equal(got, []byte{0x6A, 0x83}) {
		t.Errorf("second: %X, %v", got, err)
	}
	c.Reset()
	if _, err := ask([]byte{0x00, 0xA4, 0x04, 0x00}); !errors.Is(err, kernel.ErrRemoved) {
		t.Errorf("behind the last presentment: %v", err)
	}
	other, err := serve.FromCase(&s.Cases[0])
	if err != nil {
		t.Fatal(err)
	}
	pin := []byte{0x00, 0x20, 0x00, 0x80, 0x08, 0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
	_, err = other.Transmit(context.Background(), nil, pin)
	if !errors.Is(err, serve.ErrScript) || strings.Contains(err.Error(), "1234") {
		t.Errorf("a command that is not expected: %v", err)
	}
}

func TestInto(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	at := serve.Address{Network: "unix", Text: filepath.Join(t.TempDir(), "slot")}
	if err := serve.Into(ctx, at, &echo{}, serve.Options{}, serve.Insertion{}); !errors.Is(err, serve.ErrReader) {
		t.Errorf("without a reader: %v", err)
	}
	l, err := serve.Listen(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		done <- serve.Into(ctx, at, &echo{}, serve.Options{PullAfter: 1}, serve.Insertion{Again: time.Millisecond})
	}()
	for range 3 { // it comes back each time
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		r := reader{t, conn}
		r.send(0x00, 0xB2, 0x01, 0x0C, 0x00)
		if r.frame() == nil {
			t.Error("no answer")
		}
		if r.frame() != nil {
			t.Error("the card was not pulled")
		}
		_ = conn.Close()
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	_ = l.Close()
}

// TestListen takes a socket file over that nobody serves, and no other.
func TestListen(t *testing.T) {
	ctx := context.Background()
	at := serve.Address{Network: "unix", Text: filepath.Join(t.TempDir(), "slot")}
	l, err := serve.Listen(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := serve.Listen(ctx, at); err == nil {
		t.Error("a socket that is served was taken over")
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // as a program that was killed leaves it
	_ = l.Close()
	if l, err = serve.Listen(ctx, at); err != nil {
		t.Fatalf("a socket that nobody serves: %v", err)
	}
	_ = l.Close()
	if err := os.WriteFile(at.Text, []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := serve.Listen(ctx, at); err == nil {
		t.Error("a file was taken over")
	}
}

func TestAt(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	l, err := serve.Listen(ctx, serve.Address{Network: "tcp", Text: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- serve.At(ctx, l, &echo{}, serve.Options{PullAfter: 2}, serve.Insertion{}) }()
	dial := func() reader {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return reader{t, conn}
	}
	r := dial() // a reader that goes leaves the card in the slot
	r.send(0x00, 0xB2, 0x01, 0x0C, 0x00)
	r.frame()
	_ = r.conn.Close()
	r = dial()
	for range 2 {
		r.send(0x00, 0xB2, 0x01, 0x0C, 0x00)
		if r.frame() == nil {
			t.Error("no answer")
		}
	}
	if err := <-done; err != nil {
		t.Errorf("pulled for good: %v", err)
	}
}

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:35963": "tcp:127.0.0.1:35963", "tcp:localhost:1": "tcp:localhost:1", "unix:/run/x": "unix:/run/x",
		"": "", "unix:": "", "localhost": "", "tcp:host:": "",
	} {
		a, err := serve.ParseAddress(text)
		if (err == nil) != (want != "") || err == nil && a.String() != want || err != nil && !errors.Is(err, serve.ErrAddress) {
			t.Errorf("%q: %v, %v", text, a, err)
		}
	}
}

// FuzzRun lets any bytes come from the reader's side: the service ends when they do, and never panics.
func FuzzRun(f *testing.F) {
	f.Add([]byte{0, 1, 1, 0, 1, 4, 0, 5, 0x00, 0xB2, 0x01, 0x0C, 0x00}, true)
	f.Add([]byte{0, 0, 0xFF, 0xFF, 1}, false)
	f.Add([]byte{0, 2, 0x00, 0xA4, 0, 3, 0x00, 0xC0, 0x00}, true)
	f.Fuzz(func(t *testing.T, input []byte, t0 bool) {
		c, err := serve.NewSimulated(card.Config{Profile: "visa-minimal"})
		if err != nil {
			t.Fatal(err)
		}
		var served serve.Card = c
		if t0 {
			served = serve.T0(c)
		}
		ours, theirs := net.Pipe()
		done := make(chan error, 1)
		go func() {
			_, err := serve.Run(context.Background(), theirs, served, serve.Options{ATR: serve.ATRContactless(nil)})
			done <- err
		}()
		go func() { _, _ = io.Copy(io.Discard, ours) }()
		_, _ = ours.Write(input)
		_ = ours.Close()
		if err := <-done; err != nil && kernel.CodeOf(err) == "" {
			t.Errorf("%v", err)
		}
	})
}
