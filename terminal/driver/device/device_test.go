package device_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cardtest"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/device"
	"github.com/cardwright/emv/terminal/driver/drivertest"
)

// app is what an app on the device does: it serves its stack by the protocol as the package comment tells it, with its
// own reading and writing of frames.
type app struct {
	listener net.Listener
	name     string
	version  byte

	mu      sync.Mutex
	conn    net.Conn
	cards   []cardtest.Answer
	active  bool
	waiting []byte // the number of an "on" that waits for a card
	aborted map[uint32]bool
	all     sync.WaitGroup
}

func serve(path string) (*app, error) {
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	a := &app{listener: l, name: "Pixel", version: 1, aborted: map[uint32]bool{}}
	a.all.Go(a.accept)
	return a, nil
}

func (a *app) accept() {
	for {
		conn, err := a.listener.Accept()
		if err != nil {
			return
		}
		a.mu.Lock()
		a.conn = conn
		a.mu.Unlock()
		a.all.Go(func() { a.talk(conn) })
	}
}

func (a *app) talk(conn net.Conn) {
	defer conn.Close()
	for {
		head := make([]byte, 5)
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head)-1)
		if _, err := io.ReadFull(conn, body); err != nil {
			return
		}
		switch head[4] {
		case 0x01:
			a.tell(0x01, append([]byte{a.version}, a.name...))
		case 0x02:
			a.mu.Lock()
			a.waiting = body
			a.mu.Unlock()
			a.look()
		case 0x03:
			a.mu.Lock()
			a.active, a.waiting = false, nil
			a.mu.Unlock()
			a.tell(0x82, body)
		case 0x04:
			a.mu.Lock()
			active := a.active && len(a.cards) == 1
			var card cardtest.Answer
			if active {
				card = a.cards[0]
			}
			a.mu.Unlock()
			if !active {
				a.tell(0x85, append(body[:4:4], 0x01))
				continue
			}
			a.all.Go(func() { a.exchange(card, body[:4], body[4:]) })
		case 0x05:
			a.mu.Lock()
			if string(a.waiting) == string(body) {
				a.waiting = nil
			}
			a.mu.Unlock()
		default:
			return
		}
	}
}

func (a *app) exchange(card cardtest.Answer, number, command []byte) {
	answer, err := card(command)
	code := map[error]byte{kernel.ErrRemoved: 1, kernel.ErrTimeout: 2, kernel.ErrTransmission: 3, kernel.ErrProtocol: 4}
	if err != nil {
		a.tell(0x85, append(number[:4:4], code[err]))
		return
	}
	took := make([]byte, 8)
	binary.BigEndian.PutUint64(took, 1234567)
	a.tell(0x84, append(append(number[:4:4], took...), answer...))
}

// look answers an "on" that waits, if it can.
func (a *app) look() {
	a.mu.Lock()
	number, n := a.waiting, len(a.cards)
	if number == nil || n == 0 {
		a.mu.Unlock()
		return
	}
	a.waiting, a.active = nil, n == 1
	a.mu.Unlock()
	if n > 1 {
		a.tell(0x85, append(number[:4:4], 0x05))
		return
	}
	a.tell(0x81, append(number[:4:4], 0x01, 0x05, 0x78, 0x80, 0x70, 0x02))
}

func (a *app) tell(kind byte, body []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := binary.BigEndian.AppendUint32(nil, uint32(1+len(body)))
	_, _ = a.conn.Write(append(append(f, kind), body...))
}

func (a *app) tap(card cardtest.Answer) error {
	a.mu.Lock()
	a.cards = append(a.cards, card)
	a.mu.Unlock()
	a.look()
	return nil
}

func (a *app) leave() {
	a.mu.Lock()
	active := a.active
	a.cards, a.active = nil, false
	a.mu.Unlock()
	if active {
		a.tell(0x86, nil)
	}
}

// quit is an app that crashes.
func (a *app) quit() {
	_ = a.listener.Close()
	a.mu.Lock()
	if a.conn != nil {
		_ = a.conn.Close()
	}
	a.mu.Unlock()
}

func (a *app) close() { a.quit(); a.all.Wait() }

func TestConformance(t *testing.T) {
	dir, n := t.TempDir(), 0
	drivertest.Run(t, func() (*drivertest.Stand, error) {
		n++
		path := filepath.Join(dir, string(rune('a'+n%26))+string(rune('a'+n/26%26))+string(rune('a'+n/676)))
		a, err := serve(path)
		if err != nil {
			return nil, err
		}
		r, err := device.Dial(context.Background(), path)
		if err != nil {
			return nil, err
		}
		return &drivertest.Stand{
			Reader: r, Tap: a.tap, Leave: a.leave, Unplug: a.quit, Done: a.close,
		}, nil
	})
}

func dial(t *testing.T) (*app, *device.Reader) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	a, err := serve(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	r, err := device.Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return a, r
}

func TestWhatTheAppSays(t *testing.T) {
	a, r := dial(t)
	if got := r.Identity().Name; got != "Pixel" {
		t.Errorf("%q", got)
	}
	if err := a.tap(func([]byte) ([]byte, error) { return []byte{0x90, 0x00}, nil }); err != nil {
		t.Fatal(err)
	}
	s, err := r.Open(t.Context(), driver.Contactless)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.(kernel.Field).Activate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !s.Extended() || len(s.Answer()) != 5 {
		t.Errorf("extended %t, ATS %X", s.Extended(), s.Answer())
	}
	if _, err := s.Transmit(t.Context(), nil, []byte{0, 0xB2, 1, 0x0C, 0}); err != nil {
		t.Fatal(err)
	}
	if took := s.(kernel.Timed).ExchangeTime(); took != 1234567 {
		t.Errorf("%v", took)
	}
}

func TestDialRefuses(t *testing.T) {
	dir := t.TempDir()
	_, err := device.Dial(t.Context(), filepath.Join(dir, "none"))
	if !errors.Is(err, driver.ErrNotFound) {
		t.Errorf("no socket: %v", err)
	}
	path := filepath.Join(dir, "old")
	a, err := serve(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	a.version = 2
	if _, err := device.Dial(t.Context(), path); !errors.Is(err, driver.ErrUnsupported) {
		t.Errorf("another version: %v", err)
	}
	silent, err := net.Listen("unix", filepath.Join(dir, "silent"))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := device.Dial(ctx, filepath.Join(dir, "silent")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no hello: %v", err)
	}
}

// TestAHostileApp sends what the protocol does not have: the reader is gone, and nothing else happens.
func TestAHostileApp(t *testing.T) {
	for name, bytes := range map[string][]byte{
		"length 0":       {0, 0, 0, 0},
		"length 4 GB":    {0xFF, 0xFF, 0xFF, 0xFF, 0x84},
		"unknown type":   {0, 0, 0, 5, 0x99, 0, 0, 0, 1},
		"our own type":   {0, 0, 0, 6, 0x04, 0, 0, 0, 1, 0},
		"card too short": {0, 0, 0, 5, 0x81, 0, 0, 0, 1},
		"left too long":  {0, 0, 0, 2, 0x86, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a, r := dial(t)
			a.mu.Lock()
			_, err := a.conn.Write(bytes)
			a.mu.Unlock()
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), drivertest.Patience)
			defer cancel()
			if e, err := r.Wait(ctx); err != nil || e.What != driver.Gone {
				t.Errorf("%s, %v", e.What, err)
			}
		})
	}
}

// TestALateAnswerIsNobodys aborts a command; its answer, when it comes, does not answer the next one.
func TestALateAnswerIsNobodys(t *testing.T) {
	a, r := dial(t)
	release := make(chan struct{})
	first := true
	if err := a.tap(func([]byte) ([]byte, error) {
		if first {
			first = false
			<-release
			return []byte{0x66, 0x90, 0x00}, nil
		}
		return []byte{0x77, 0x90, 0x00}, nil
	}); err != nil {
		t.Fatal(err)
	}
	s, err := r.Open(t.Context(), driver.Contactless)
	if err != nil {
		t.Fatal(err)
	}
	f := s.(kernel.Field)
	if err := f.Activate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.Transmit(ctx, nil, []byte{0, 0xB2, 1, 0x0C, 0}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%v", err)
	}
	if _, err := s.Transmit(t.Context(), nil, []byte{0, 0xB2, 1, 0x0C, 0}); !kernel.IsCardError(err) {
		t.Errorf("before the card was activated anew: %v", err)
	}
	close(release)
	if err := f.Activate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Transmit(t.Context(), nil, []byte{0, 0xB2, 1, 0x0C, 0}); err != nil || got[0] != 0x77 {
		t.Errorf("%X, %v", got, err)
	}
}
