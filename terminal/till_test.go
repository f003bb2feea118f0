package terminal_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// till is a till app on the same machine.
type till struct {
	*pos.Register
	config pos.Config
	stop   func()

	mu    sync.Mutex
	shown []wire.CartShown
	seen  []wire.PaymentEvent
	final []wire.Final
	late  []wire.PaymentLate
	away  wire.Code // why it was last without its terminal
}

func (s *shop) till(id string) *till {
	s.Helper()
	key := must[*ecdsa.PrivateKey](s.T)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	cert := must[tls.Certificate](s.T)(pairing.SelfSigned(key, pairing.Identity{Merchant: "standalone", Location: "x", Kind: pairing.Till, ID: id}, rand.Reader, time.Now()))
	k := &till{}
	k.config = pos.Config{
		PosID: id, Name: "Till " + id, Cert: cert, Version: wire.Version{Major: 8, Minor: 16}, Platform: "linux",
		Networks: func() []string { return []string{"127.0.0.0/8"} }, Records: pairing.NewRecords(), Book: pos.NewBook(),
		Dial: func(ctx context.Context, a string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", a)
		},
		Clock: pairing.SystemClock{}, Rand: rand.Reader, Events: k.hear,
	}
	k.on(s)
	return k
}

// on starts the till's app, off kills it; book and records are left.
func (k *till) on(s *shop) {
	s.Helper()
	k.Register = must[*pos.Register](s.T)(pos.New(k.config))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func(r *pos.Register) {
		defer close(done)
		_ = r.Run(ctx)
	}(k.Register)
	k.stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	s.Cleanup(func() { k.stop() })
}

func (k *till) hear(e pos.Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case e.Shown != nil:
		k.shown = append(k.shown, *e.Shown)
	case e.Progress != nil:
		k.seen = append(k.seen, *e.Progress)
	case e.Final != nil:
		k.final = append(k.final, *e.Final)
	case e.Late != nil:
		k.late = append(k.late, *e.Late)
	case e.Offline != nil:
		k.away = e.Offline.Code
	}
}

// finals are the outcomes that the till's listener has heard of: Pay may return before that.
func (k *till) finals() []wire.Final {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.final)
}

// offline is why the till was last without its terminal.
func (k *till) offline() wire.Code {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.away
}

// progress are the states and prompts that the till was told of.
func (k *till) progress() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var b strings.Builder
	for _, e := range k.seen {
		fmt.Fprintf(&b, "%s %s\n", e.State, e.Prompt)
	}
	return b.String()
}

// terminal returns the paired terminal, once it is connected.
func (k *till) terminal(s *shop) *pos.Terminal {
	s.Helper()
	t := must[*pos.Terminal](s.T)(k.Terminal(s.terminal.ID()))
	until(s.T, "the till connects", func() bool {
		for _, i := range k.List() {
			if i.ID == t.ID() && i.State != "offline" {
				return true
			}
		}
		return false
	})
	return t
}

// pair scans the code that is on the display.
func (s *shop) pair(k *till) *pos.Terminal {
	s.Helper()
	s.screen(display.QR)
	if _, err := k.Pair(within(s.T), s.scan()); err != nil {
		s.Fatal(err)
	}
	t := k.terminal(s)
	s.screen(display.Message)
	s.page.do(s.T, display.Action{Kind: display.ActDone})
	s.screen(display.Standby)
	return t
}
