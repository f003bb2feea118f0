package device

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// Dial connects to the unix socket of an app that serves its stack, and makes a reader of it. Errors wrap
// driver.ErrNotFound, ErrPermission, ErrDevice, or are ctx's.
func Dial(ctx context.Context, path string) (*Reader, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, dialError(ctx, path, err)
	}
	s, err := greet(ctx, conn)
	if err != nil {
		_ = conn.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return New(s), nil
}

func dialError(ctx context.Context, path string, err error) error {
	kind := driver.ErrDevice
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		kind = driver.ErrNotFound
	case errors.Is(err, fs.ErrPermission):
		kind = driver.ErrPermission
	}
	return fmt.Errorf("%w: %s: %w", kind, path, err)
}

// helloTime is how long an app may take to say hello.
const helloTime = 5 * time.Second

// greet exchanges hellos.
func greet(ctx context.Context, conn net.Conn) (*remote, error) {
	_ = conn.SetDeadline(time.Now().Add(helloTime))
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	if _, err := conn.Write(appendFrame(nil, frame{kind: typeHello, code: Version, data: []byte("emv")})); err != nil {
		return nil, fmt.Errorf("%w: %w", driver.ErrDevice, err)
	}
	f, _, err := readFrame(conn, nil)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: no hello: %w", driver.ErrDevice, err)
	case f.kind != typeHello:
		return nil, errFrame
	case f.code != Version:
		return nil, fmt.Errorf("%w: version %d of the protocol, not %d", driver.ErrUnsupported, f.code, Version)
	}
	name := strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7F {
			return -1
		}
		return r
	}, string(f.data))
	if name == "" {
		name = "device"
	}
	if !stop() {
		return nil, ctx.Err()
	}
	_ = conn.SetDeadline(time.Time{})
	return &remote{conn: conn, name: name, replies: make(chan frame, 1), done: make(chan struct{})}, nil
}

// remote is a Stack in another process.
type remote struct {
	conn net.Conn
	name string

	callbacks Callbacks
	replies   chan frame    // to the number that is waited for
	done      chan struct{} // closed when the connection has ended
	all       sync.WaitGroup

	mu      sync.Mutex
	number  uint32
	waiting uint32 // the number whose reply is waited for, 0 for none
	out     []byte
}

func (r *remote) Name() string { return r.name }

func (r *remote) Watch(c Callbacks) {
	r.callbacks = c
	r.all.Go(r.listen)
}

// listen takes the app's frames until the connection ends.
func (r *remote) listen() {
	defer close(r.done)
	var buf []byte
	for {
		f, b, err := readFrame(r.conn, buf)
		buf = b
		if err != nil {
			clear(buf[:cap(buf)])
			_ = r.conn.Close()
			r.callbacks.Gone(err)
			return
		}
		switch f.kind {
		case typeLeft:
			r.callbacks.Left()
		case typeCard, typeDone, typeAnswer, typeFailed:
			r.mu.Lock()
			if f.number == r.waiting && f.number != 0 {
				r.waiting = 0
				f.data = append([]byte(nil), f.data...)
				r.replies <- f
			}
			r.mu.Unlock()
		default: // what only the terminal sends
			_ = r.conn.Close()
			r.callbacks.Gone(errFrame)
			return
		}
		clear(buf)
	}
}

// answerTime is how long an app may take for a command, or for switching the field off. A card's longest waiting time, and
// extensions of it, are in that.
const answerTime = 30 * time.Second

// ask sends a frame and waits for the reply with its number: for a card as long as it takes, for all else no longer than
// answerTime. An app that hangs is a card that does not answer.
func (r *remote) ask(ctx context.Context, kind frameType, data []byte, want frameType) (frame, error) {
	if err := ctx.Err(); err != nil {
		return frame{}, err
	}
	var late <-chan time.Time
	if kind != typeOn {
		t := time.NewTimer(answerTime)
		defer t.Stop()
		late = t.C
	}
	r.mu.Lock()
	r.number++
	number := r.number
	r.waiting = number
	select { // a reply that came too late for the last one
	case <-r.replies:
	default:
	}
	err := r.send(frame{kind: kind, number: number, data: data})
	r.mu.Unlock()
	if err != nil {
		return frame{}, err
	}
	select {
	case f := <-r.replies:
		return r.check(f, want)
	case <-r.done:
		return frame{}, driver.ErrGone
	case <-late:
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting == number {
		r.waiting = 0
		_ = r.send(frame{kind: typeAbort, number: number})
	}
	if err := ctx.Err(); err != nil {
		return frame{}, err
	}
	return frame{}, fmt.Errorf("%w: the app did not answer", kernel.ErrTimeout)
}

func (r *remote) check(f frame, want frameType) (frame, error) {
	switch f.kind {
	case want:
		return f, nil
	case typeFailed:
		return f, codeError(f.code)
	default:
	}
	_ = r.conn.Close() // an answer of another kind: nothing of it can be trusted
	return f, errFrame
}

// writeTime is how long an app may leave what it is sent unread.
const writeTime = 5 * time.Second

// send writes a frame. The lock is held.
func (r *remote) send(f frame) error {
	r.out = appendFrame(r.out[:0], f)
	defer clear(r.out)
	_ = r.conn.SetWriteDeadline(time.Now().Add(writeTime))
	if _, err := r.conn.Write(r.out); err != nil {
		_ = r.conn.Close() // half a frame can't be taken back
		return fmt.Errorf("%w: %w", driver.ErrGone, err)
	}
	return nil
}

func (r *remote) On(ctx context.Context) (Card, error) {
	f, err := r.ask(ctx, typeOn, nil, typeCard)
	if err != nil {
		return Card{}, err
	}
	return Card{Answer: f.data, Extended: f.extended}, nil
}

func (r *remote) Off(ctx context.Context) error {
	_, err := r.ask(ctx, typeOff, nil, typeDone)
	return err
}

func (r *remote) Transceive(ctx context.Context, dst, command []byte) ([]byte, time.Duration, error) {
	f, err := r.ask(ctx, typeCommand, command, typeAnswer)
	if err != nil {
		return dst, 0, err
	}
	defer clear(f.data)
	if len(f.data) > maxAnswer {
		return dst, 0, fmt.Errorf("%w: an answer of %d bytes", kernel.ErrProtocol, len(f.data))
	}
	return append(dst, f.data...), f.took, nil
}

// maxAnswer is that of extended length.
const maxAnswer = 65538

func (r *remote) Close() error {
	err := r.conn.Close()
	<-r.done
	r.all.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
