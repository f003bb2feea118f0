package session

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// How often each side says something, and after what silence a connection is dead. PRODUCT 3.1.
const (
	Beat = 5 * time.Second
	Dead = 15 * time.Second
)

const (
	greeting = 10 * time.Second // for hello and welcome
	writing  = 10 * time.Second // for one frame
	maxLoose = 64
	pathWS   = "/session"
)

// Link is one connection. Run carries a Stream over it.
type Link struct {
	ws     *websocket.Conn
	stream *Stream
	clock  pairing.Clock
	beat   func() wire.Heartbeat
	beats  func(wire.Heartbeat) // hears those of the other side; nil is deaf
	sent   uint64               // number of the last frame that was written
	loose  chan wire.Frame
	ack    chan struct{}

	mu    sync.Mutex
	heard time.Time
}

func newLink(ws *websocket.Conn, s *Stream, clock pairing.Clock, beat func() wire.Heartbeat) *Link {
	ws.SetReadLimit(wire.MaxFrame)
	return &Link{
		ws: ws, stream: s, clock: clock, beat: beat, loose: make(chan wire.Frame, maxLoose), ack: make(chan struct{}, 1), heard: clock.Now(),
	}
}

// Heard returns when the last frame came: the only honest status of a connection. P10.
func (l *Link) Heard() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heard
}

// Ping asks whether the other side is there, while Run runs: a Ping frame of RFC 6455, 5.5.2, which every WebSocket answers.
// It is no frame of the protocol, and Heard does not count it.
func (l *Link) Ping(ctx context.Context) error { return l.ws.Ping(ctx) }

// Notify sends a frame that may get lost, after what has a number. It is dropped where too many wait.
func (l *Link) Notify(t wire.Type, id string, v wire.Body) error {
	body, err := wire.Encode(v)
	if err == nil {
		err = fits(t, body)
	}
	if err != nil {
		return err
	}
	select {
	case l.loose <- wire.Frame{Type: t, ID: id, Body: body}:
		return nil
	default:
		return wire.Refuse(wire.CodeOverflow, "%d frames wait", maxLoose)
	}
}

// Run carries frames until the connection or ctx ends, and says why. handle gets every fresh frame but heartbeats, one
// after the other, on Run's goroutine.
func (l *Link) Run(ctx context.Context, handle func(wire.Frame)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	wg.Go(func() { cancel(l.write(ctx)) })
	err := l.read(ctx, handle)
	cancel(err)
	wg.Wait()
	_ = l.ws.CloseNow()
	return context.Cause(ctx)
}

func (l *Link) read(ctx context.Context, handle func(wire.Frame)) error {
	for {
		f, err := l.receive(ctx)
		if err != nil {
			return err
		}
		l.mu.Lock()
		l.heard = l.clock.Now()
		l.mu.Unlock()
		if err := l.stream.Acked(f.Ack); err != nil {
			return err
		}
		if f.Seq != 0 {
			fresh, err := l.stream.Accept(f.Seq)
			if err != nil {
				return err
			}
			select {
			case l.ack <- struct{}{}:
			default:
			}
			if !fresh {
				continue
			}
		}
		if f.Type != wire.TypeHeartbeat {
			handle(f)
			continue
		}
		var h wire.Heartbeat
		if l.beats != nil && wire.Decode(f.Body, &h) == nil {
			l.beats(h)
		}
	}
}

func (l *Link) receive(ctx context.Context) (wire.Frame, error) {
	kind, b, err := l.ws.Read(ctx)
	if err != nil {
		return wire.Frame{}, &wire.Error{Code: wire.CodeInterrupted, Err: err}
	}
	if kind != websocket.MessageText {
		return wire.Frame{}, wire.Refuse(wire.CodeBadMessage, "not a text")
	}
	return wire.DecodeFrame(b)
}

// send writes one frame.
func (l *Link) send(ctx context.Context, f *wire.Frame) error {
	b, err := f.Encode()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, writing)
	defer cancel()
	if err := l.ws.Write(ctx, websocket.MessageText, b); err != nil {
		return &wire.Error{Code: wire.CodeInterrupted, Err: err}
	}
	return nil
}

// write sends what waits: numbered frames first, so that nothing for the screen is ever in the way of money. P14.
func (l *Link) write(ctx context.Context) error {
	tick := l.clock.After(Beat)
	for {
		for {
			frames := l.stream.after(l.sent)
			for i := range frames {
				if err := l.send(ctx, &frames[i]); err != nil {
					return err
				}
				l.sent = frames[i].Seq
			}
			if len(frames) == 0 {
				break
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-l.stream.wake:
			continue
		case f := <-l.loose:
			_, f.Ack = l.stream.Seen()
			if err := l.send(ctx, &f); err != nil {
				return err
			}
			continue
		case <-l.ack:
		case <-tick:
			tick = l.clock.After(Beat)
			if l.clock.Now().Sub(l.Heard()) >= Dead {
				return wire.Refuse(wire.CodeInterrupted, "nothing was heard for %v", Dead)
			}
		}
		h := l.beat()
		body, err := wire.Encode(&h)
		if err != nil {
			return err
		}
		_, last := l.stream.Seen()
		if err := l.send(ctx, &wire.Frame{Ack: last, Type: wire.TypeHeartbeat, Body: body}); err != nil {
			return err
		}
	}
}

// codeOf returns err as an *wire.Error that may travel.
func codeOf(err error) *wire.Error {
	var e *wire.Error
	if errors.As(err, &e) {
		return e
	}
	return &wire.Error{Code: wire.CodeInternal, Err: err}
}
