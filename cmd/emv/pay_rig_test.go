package main

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// swipedNumber is a published number for tests of payment systems.
const swipedNumber = "4111111111111111"

// payWait bounds failures; nothing waits for it to pass.
const payWait = 20 * time.Second

// paying is a command line that is under way.
type paying struct {
	t    *testing.T
	done chan int

	mu   sync.Mutex
	text bytes.Buffer // what it wrote, on both outputs
}

func (p *paying) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *paying) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

func start(t *testing.T, args ...string) *paying {
	t.Helper()
	p := &paying{t: t, done: make(chan int, 1)}
	go func() { p.done <- run(args, strings.NewReader(""), p, p) }()
	return p
}

// until sends a stripe again and again, as an impatient customer swipes, until text was said: a swipe that nobody waits for
// is gone.
func (p *paying) until(line *os.File, send, text string) {
	p.t.Helper()
	for end := time.Now().Add(payWait); !strings.Contains(p.said(), text); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("%q was not said, but\n%s", text, p.said())
		}
		if _, err := line.WriteString(send); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *paying) ends(status int) string {
	p.t.Helper()
	select {
	case got := <-p.done:
		if got != status {
			p.t.Errorf("status %d, want %d\n%s", got, status, p.said())
		}
	case <-time.After(payWait):
		p.t.Fatalf("it does not end; it said\n%s", p.said())
	}
	if strings.Contains(p.said(), swipedNumber) || strings.Contains(p.said(), swipedNumber[4:12]) {
		p.t.Errorf("the card number is in\n%s", p.said())
	}
	return p.said()
}
