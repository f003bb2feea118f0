//go:build unix

package terminal_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// A till that is a process of its own is killed (SIGKILL), or stands still (SIGSTOP) and goes on (SIGCONT). The child is this
// test binary again. How often is CARDWRIGHT_STOPS, 12 by default; CI has 1000.

const tillFolder = "CARDWRIGHT_TILL_CHILD" // with key, pair records and book of the till: the binary is the child

func TestMain(m *testing.M) {
	if folder := os.Getenv(tillFolder); folder != "" {
		if err := childTill(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// childTill is a till's app in the foreground, until its parent is gone.
func childTill(folder string) error {
	key, err := os.ReadFile(filepath.Join(folder, "key"))
	if err != nil {
		return err
	}
	cert, err := tls.X509KeyPair(key, key)
	if err != nil {
		return err
	}
	c := pos.Config{
		PosID: "till-1", Name: "Till till-1", Cert: cert, Version: wire.Version{Major: 8, Minor: 16}, Platform: "linux",
		Networks: func() []string { return []string{"127.0.0.0/8"} }, Clock: pairing.SystemClock{}, Rand: rand.Reader,
		Dial: func(ctx context.Context, a string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", a)
		},
	}
	if c.Records, err = pairing.OpenRecords(filepath.Join(folder, "records")); err != nil {
		return err
	}
	if c.Book, err = pos.OpenBook(filepath.Join(folder, "book")); err != nil {
		return err
	}
	r, err := pos.New(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	_ = r.Run(ctx)
	return nil
}

// jumping is the machine's clock, which a test can put on.
type jumping struct {
	mu    sync.Mutex
	ahead time.Duration
	waits map[chan time.Time]time.Time
}

func (j *jumping) Now() time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	return time.Now().Add(j.ahead)
}

func (j *jumping) After(d time.Duration) <-chan time.Time {
	c := make(chan time.Time, 1)
	j.mu.Lock()
	j.waits[c] = time.Now().Add(j.ahead + d)
	j.mu.Unlock()
	time.AfterFunc(d, j.look)
	return c
}

func (j *jumping) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	ended, c := make(chan struct{}), j.After(d)
	var once sync.Once
	go func() {
		select {
		case <-c:
			once.Do(f)
		case <-ended:
		}
	}()
	return func() (stopped bool) {
		once.Do(func() { close(ended); stopped = true })
		return stopped
	}
}

// look ends the waits that are over.
func (j *jumping) look() {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := time.Now().Add(j.ahead)
	for c, at := range j.waits {
		if !at.After(now) {
			c <- now
			delete(j.waits, c)
		}
	}
}

func (j *jumping) jump(d time.Duration) {
	j.mu.Lock()
	j.ahead += d
	j.mu.Unlock()
	j.look()
}

// TestTillStops: whatever becomes of the till's process, the terminal goes off and says so, and is connected again without a
// code as soon as the till is back; the last one pays. S71, P12
func TestTillStops(t *testing.T) {
	rounds := 12
	if v := os.Getenv("CARDWRIGHT_STOPS"); v != "" {
		rounds = must[int](t)(strconv.Atoi(v))
	}
	clock := &jumping{waits: map[chan time.Time]time.Time{}}
	s := open(t, "US", func(s *shop) { s.config.Clock, s.config.Echo = clock, nil })
	folder := t.TempDir()
	k := s.till("till-1")
	k.stop()
	k.config.Records = must[*pairing.Records](t)(pairing.OpenRecords(filepath.Join(folder, "records")))
	key := must[[]byte](t)(x509.MarshalECPrivateKey(k.config.Cert.PrivateKey.(*ecdsa.PrivateKey)))
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: k.config.Cert.Certificate[0]}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: key})...)
	if err := os.WriteFile(filepath.Join(folder, "key"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	k.on(s)
	s.pair(k)
	k.stop()

	here := func() bool { st := s.page.state(); return st.Screen == display.Standby && st.Link == nil }
	off := func() bool { return s.page.state().Link != nil }
	until(t, "the till is gone", off)
	var child *exec.Cmd
	start := func() {
		child = exec.Command(os.Args[0])
		child.Env = append(os.Environ(), tillFolder+"="+folder)
		child.Stderr = os.Stderr
		_ = must[io.WriteCloser](t)(child.StdinPipe())
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
	}
	kill := func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	}
	start()
	defer func() { kill() }()
	until(t, "the till is there", here)
	for n := range rounds {
		if n%2 == 0 {
			kill()
			until(t, "the till is gone", off)
			start()
		} else {
			signal(t, child, syscall.SIGSTOP)
			until(t, "the till is missed", func() bool { // what was under way may still count: the clock goes on until nothing does
				clock.jump(session.Dead)
				return off()
			})
			signal(t, child, syscall.SIGCONT)
		}
		until(t, fmt.Sprintf("the till is there again after stop %d", n), here)
	}
	kill()
	k.on(s)
	paid := s.pay(k.terminal(s), s.sale("order-1", 1250))
	s.screen(display.Present)
	s.hands.Tap(s.card("visa-credit"), nil)
	s.wants(paid, wire.Approved, "")
	s.charged(1250)
}

func signal(t *testing.T, c *exec.Cmd, what syscall.Signal) {
	t.Helper()
	if err := c.Process.Signal(what); err != nil {
		t.Fatal(err)
	}
}
