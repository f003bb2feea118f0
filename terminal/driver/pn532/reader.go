package pn532

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// Config is how a reader is made. The zero value will do.
type Config struct {
	Name   string // of the reader; "pn532" if empty
	Serial string // of the device, if its owner knows

	// Broadcast are frames of type A, without CRC, that are sent between polls to whom it may concern, none of them
	// answered: an iPhone wakes its wallet by Apple's enhanced contactless polling frame, see ECP. A chip that refuses raw
	// frames is polled without.
	Broadcast [][]byte

	Wait  time.Duration // the longest that a card may take, waiting time extensions included; 0 is DefaultWait
	Watch time.Duration // how often Reader.Wait looks whether the chip is there; 0 is a second

	Clock kernel.Clock                                     // nil is the system's
	Sleep func(ctx context.Context, d time.Duration) error // nil waits for real
}

// DefaultWait is longer than any card of a payment takes: the longest frame waiting time is 4.9 s (ISO/IEC 14443-4, 7.2).
const DefaultWait = 10 * time.Second

// ECP is Apple's enhanced contactless polling frame, version 1, of a payment terminal without loyalty: terminal
// capabilities 00 00 03. Its use is subject to Apple's terms; vendors' manuals show the bytes.
func ECP() []byte { return []byte{0x6A, 0x01, 0x00, 0x00, 0x03} }

// Reader is a PN532. It is a driver.Reader of kind contactless.
type Reader struct {
	config Config
	id     driver.Identity
	link   *link
	events driver.Queue

	mu      sync.Mutex
	closed  bool
	gone    bool
	session *session
}

// New takes a transport over, wakes the chip behind it and sets it up as a reader with its field off. Errors wrap
// driver.ErrDevice, also where nothing like a PN532 answers, or driver.ErrGone. The transport is closed then.
func New(ctx context.Context, t Transport, c Config) (*Reader, error) {
	if c.Name == "" {
		c.Name = "pn532"
	}
	if c.Wait == 0 {
		c.Wait = DefaultWait
	}
	if c.Watch == 0 {
		c.Watch = time.Second
	}
	if c.Clock == nil {
		c.Clock = kernel.SystemClock{}
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	for _, f := range c.Broadcast {
		if len(f) == 0 || len(f) > 64 {
			_ = t.Close()
			return nil, fmt.Errorf("%w: a frame to broadcast has 1 to 64 bytes", driver.ErrUnsupported)
		}
	}
	r := &Reader{config: c, link: newLink(t, c.Clock)}
	r.link.dirty = true // whoever was here before may have left something
	id, err := r.link.setUp(ctx)
	if err != nil {
		_ = r.link.close(nil)
		if kernel.IsCardError(err) { // there is no card yet
			err = fmt.Errorf("%w: no PN532 answers: %s", driver.ErrDevice, err.Error())
		}
		return nil, err
	}
	r.id = id
	r.id.Name, r.id.Serial = c.Name, c.Serial
	return r, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Identity returns the configured name and serial number, and the firmware's version.
func (r *Reader) Identity() driver.Identity { return r.id }

// Kinds returns driver.Contactless.
func (r *Reader) Kinds() driver.Kind { return driver.Contactless }

// Status tells what is known without asking the chip.
func (r *Reader) Status(ctx context.Context) (driver.Status, error) {
	if err := ctx.Err(); err != nil {
		return driver.Status{}, err
	}
	r.mu.Lock()
	closed, session, s := r.closed, r.session, driver.Status{Gone: r.gone}
	r.mu.Unlock()
	if closed {
		return driver.Status{}, driver.ErrClosed
	}
	if session != nil && session.there() {
		s.Present = driver.Contactless
	}
	return s, nil
}

// Wait returns the next event. While it waits it looks now and then whether the chip is still there.
func (r *Reader) Wait(ctx context.Context) (driver.Event, error) {
	for {
		short, cancel := context.WithTimeout(ctx, r.config.Watch)
		e, err := r.events.Wait(short)
		cancel()
		if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			if ctx.Err() != nil && err != nil {
				err = ctx.Err()
			}
			return e, err
		}
		r.look(ctx)
	}
}

// look asks the chip for its version, if it is not busy. A chip that does not answer is gone.
func (r *Reader) look(ctx context.Context) {
	select {
	case <-r.link.lock:
		r.link.lock <- struct{}{}
	default:
		return
	}
	_, err := r.link.repeat(ctx, shortTime, []byte{cmdGetFirmwareVersion})
	if err != nil && ctx.Err() == nil && kernel.IsCardError(err) {
		err = driver.ErrGone
	}
	r.noted(err)
}

// noted takes notice of an error that means that the device is gone.
func (r *Reader) noted(err error) {
	if !errors.Is(err, driver.ErrGone) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone || r.closed {
		return
	}
	r.gone = true
	r.events.Put(driver.Event{What: driver.Gone})
	r.events.End(driver.ErrGone)
}

// Open begins a session. The field stays off until its Activate.
func (r *Reader) Open(ctx context.Context, kind driver.Kind) (driver.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, driver.ErrClosed
	case kind != driver.Contactless:
		return nil, fmt.Errorf("%w: no session of kind %s", driver.ErrUnsupported, kind)
	case r.gone:
		return nil, driver.ErrGone
	case r.session != nil:
		return nil, driver.ErrBusy
	}
	r.session = &session{reader: r, link: r.link}
	r.session.life, r.session.kill = context.WithCancel(context.Background())
	return r.session, nil
}

// Close switches the field off and closes the transport.
func (r *Reader) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	gone, s := r.gone, r.session
	r.mu.Unlock()
	if s != nil {
		s.end(driver.ErrClosed)
	}
	last := []byte{cmdRFConfiguration, 0x01, 0x00}
	if gone {
		last = nil
	}
	err := r.link.close(last)
	r.events.End(driver.ErrClosed)
	return err
}
