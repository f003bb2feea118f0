package terminal

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/discovery"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/session"
)

// Run serves until ctx ends, and returns its error; or until a port can't be opened or is lost, and returns that. It is
// called once.
func (t *Terminal) Run(ctx context.Context) error {
	t.mu.Lock()
	if t.running || t.closed {
		t.mu.Unlock()
		return &Error{Code: CodeRunning, Text: "Run was called before, or after Close"}
	}
	t.running = true
	t.mu.Unlock()
	defer close(t.ended)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := errors.Join(t.ports.session.listen(ctx), t.ports.plain.listen(ctx), t.ports.presence.listen(ctx)); err != nil {
		t.dropPorts()
		return err
	}
	defer t.dropPorts()
	t.net.set(t.c.Interfaces())
	t.power()
	t.tellAddresses()
	if t.modes.Mode() != dock.Docked { // Enter opens them again when the time has come
		t.ports.session.drop()
		t.ports.presence.drop()
	}
	t.shift.parent = ctx
	var work sync.WaitGroup
	work.Go(func() { t.tell(ctx) })
	work.Go(func() { t.echo(ctx) })
	work.Go(func() { t.watch(ctx) })
	work.Go(func() { t.servePlain(ctx, cancel) })
	work.Go(func() { _ = t.modes.Run(ctx) })
	<-ctx.Done()
	work.Wait()
	t.shift.work.Wait()
	return context.Cause(ctx)
}

func (t *Terminal) dropPorts() {
	t.ports.session.drop()
	t.ports.plain.drop()
	t.ports.presence.drop()
}

func (t *Terminal) tellAddresses() {
	at := Addresses{Session: t.ports.session.address(), Plain: t.ports.plain.address(), Presence: t.ports.presence.address()}
	at.Display = "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(int(portOf(at.Plain)))) + "/display/"
	t.mu.Lock()
	t.where = at
	t.mu.Unlock()
	close(t.bound)
	t.c.Log.Info("listening", "session", at.Session.String(), "plain", at.Plain.String(), "presence", at.Presence.String(), "display", at.Display)
}

// again waits before the next try to open a port.
func (t *Terminal) again(ctx context.Context) func() bool {
	return func() bool {
		select {
		case <-ctx.Done():
			return false
		case <-t.c.Clock.After(t.c.Times.Watch):
			return true
		}
	}
}

func (t *Terminal) failed(err error) { t.c.Log.Error("port", "error", err.Error()) }

// serveSessions serves tills as long as the terminal is docked. A listener that was lost is opened again.
func (t *Terminal) serveSessions(ctx context.Context) {
	for ctx.Err() == nil {
		l, ok := t.ports.session.take(ctx, t.again(ctx), t.failed)
		if !ok {
			return
		}
		if err := t.server.Serve(ctx, l); ctx.Err() == nil {
			t.failed(&Error{Code: CodeStopped, Field: "session", Err: err})
		}
		_ = l.Close()
	}
}

// servePresence answers the beacon as long as the terminal is docked.
func (t *Terminal) servePresence(ctx context.Context) {
	for ctx.Err() == nil {
		c, ok := t.ports.presence.take(ctx, t.again(ctx), t.failed)
		if !ok {
			return
		}
		err := session.ServePresence(ctx, c, t.state.records, t.ports.session.number(), t.c.Clock)
		if ctx.Err() == nil {
			t.failed(&Error{Code: CodeStopped, Field: "presence", Err: err})
		}
		_ = c.Close()
	}
}

// serveDiscovery has paired tills find the terminal, on the interfaces that it tells of. S23
func (t *Terminal) serveDiscovery(ctx context.Context) {
	err := discovery.Serve(ctx, discovery.Config{
		Records: t.state.records, SessionPort: t.ports.session.number(), PlainPort: t.ports.plain.number(), Clock: t.c.Clock,
		NoSSDP: t.c.NoSSDP, NoDNSSD: t.c.NoDNSSD,
		Interfaces: func() []discovery.Interface {
			own := t.net.list()
			return slices.DeleteFunc(discovery.Attached(), func(i discovery.Interface) bool {
				return !slices.ContainsFunc(own, func(o Interface) bool { return o.Name == i.Name })
			})
		},
		Failed: func(way string, err error) { t.c.Log.Warn("discovery", "way", way, "error", err.Error()) },
	})
	if ctx.Err() == nil {
		t.c.Log.Error("discovery", "error", err.Error())
	}
}

// servePlain serves the plain port in both modes: the display is the device's own.
func (t *Terminal) servePlain(ctx context.Context, stop context.CancelCauseFunc) {
	l, ok := t.ports.plain.take(ctx, t.again(ctx), t.failed)
	if !ok {
		return
	}
	s := &http.Server{
		Handler: t.plain(), ReadTimeout: headerTime, IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }, ErrorLog: log.New(io.Discard, "", 0),
	}
	ended := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer ended()
	if err := s.Serve(l); ctx.Err() == nil {
		stop(&Error{Code: CodeStopped, Field: "plain", Err: err})
	}
}

const headerTime = 5 * time.Second // for a whole request; the socket of a page has no end

// plain is what port 8080 has: hello and the UPnP description for everybody, the display for this device.
func (t *Terminal) plain() http.Handler {
	mux := http.NewServeMux()
	public := session.Plain(t.policy.Protocol, t.word)
	mux.Handle("GET /hello", public)
	mux.Handle("GET /upnp.xml", public)
	mux.Handle("GET /display/", http.StripPrefix("/display", t.display.Handler()))
	return mux
}
