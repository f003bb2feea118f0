package msr

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/driver"
)

// Config is how a reader is made. The zero value will do.
type Config struct {
	Identity driver.Identity // the name defaults to "msr"
	Layout   Layout          // of a wedge's events
	Gap      time.Duration   // nothing for so long is the end of a swipe; 0 is DefaultGap
}

// DefaultGap is longer than any pause inside a swipe: wedges type a character each few milliseconds.
const DefaultGap = 300 * time.Millisecond

// Reader is a driver.Reader of kind stripe. Its swipes are events.
type Reader struct {
	id       driver.Identity
	source   io.ReadCloser
	decode   func([]byte, func(byte))
	assemble assembler
	events   driver.Queue
	all      sync.WaitGroup

	mu     sync.Mutex
	closed bool
	gone   bool
}

// NewWedge makes a reader of a stream of Linux input events, which it closes. Closing it must end a Read.
func NewWedge(source io.ReadCloser, c Config) *Reader {
	w := &wedge{size: c.Layout.size()}
	return start(source, c, w.decode)
}

// NewText makes a reader of a stream of characters as a serial reader sends them, which it closes. Closing it must end a
// Read.
func NewText(source io.ReadCloser, c Config) *Reader {
	return start(source, c, func(b []byte, typed func(byte)) {
		for _, x := range b {
			typed(x)
		}
	})
}

func start(source io.ReadCloser, c Config, decode func([]byte, func(byte))) *Reader {
	r := &Reader{id: c.Identity, source: source, decode: decode}
	if r.id.Name == "" {
		r.id.Name = "msr"
	}
	if c.Gap == 0 {
		c.Gap = DefaultGap
	}
	r.assemble.gap = c.Gap
	r.assemble.done = func(s driver.Swipe) { r.events.Put(driver.Event{What: driver.Swiped, Swipe: s}) }
	r.all.Go(r.pump)
	return r
}

// pump reads until the source ends. It reads whether anybody waits or not: a swipe from before must not come later.
func (r *Reader) pump() {
	var buf [64 * int(Layout64)]byte
	defer clear(buf[:])
	for {
		n, err := r.source.Read(buf[:])
		if n > 0 {
			r.decode(buf[:n], r.assemble.add)
			clear(buf[:n])
		}
		if err != nil {
			break
		}
	}
	r.assemble.close()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = true
	if !r.closed {
		r.events.Put(driver.Event{What: driver.Gone})
		r.events.End(driver.ErrGone)
	}
}

// Identity returns what the configuration or the device says.
func (r *Reader) Identity() driver.Identity { return r.id }

// Kinds returns driver.Stripe.
func (r *Reader) Kinds() driver.Kind { return driver.Stripe }

// Status tells whether the reader is there.
func (r *Reader) Status(ctx context.Context) (driver.Status, error) {
	if err := ctx.Err(); err != nil {
		return driver.Status{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return driver.Status{}, driver.ErrClosed
	}
	return driver.Status{Gone: r.gone}, nil
}

// Wait returns the next event.
func (r *Reader) Wait(ctx context.Context) (driver.Event, error) { return r.events.Wait(ctx) }

// Open opens no session: a stripe has none.
func (r *Reader) Open(ctx context.Context, kind driver.Kind) (driver.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%w: no session of kind %s", driver.ErrUnsupported, kind)
}

// Close closes the source and waits until it is read no more.
func (r *Reader) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	r.mu.Unlock()
	err := r.source.Close()
	r.all.Wait()
	r.assemble.close()
	r.events.End(driver.ErrClosed)
	return err
}
