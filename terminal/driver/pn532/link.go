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

// Transport carries bytes to and from the chip. Read and Write are called by one goroutine at a time.
type Transport interface {
	// Wake gets the chip out of power down (UM0701-02, 7.2.11), so that the next frame is heard.
	Wake() error

	// Write sends all of p. An error means that the device is gone.
	Write(p []byte) error

	// Read waits up to wait for bytes of the chip and returns how many there are, 0 for none in time. An error means that
	// the device is gone.
	Read(p []byte, wait time.Duration) (int, error)

	Close() error
}

// What can happen to a command. Those of the line are card errors: an exchange with the card has failed.
var (
	errNoACK   = fmt.Errorf("%w: the chip did not acknowledge", kernel.ErrTransmission)
	errGarbled = fmt.Errorf("%w: the chip's answer is garbled", kernel.ErrTransmission)
	errNoReply = fmt.Errorf("%w: the chip did not answer", kernel.ErrTimeout)
	errRefused = fmt.Errorf("%w: the chip refuses the command", driver.ErrDevice) // error frame, UM0701-02, 6.2.1.5
)

// The times of the link. A response frame takes 24 ms at 115,200 baud; bytes of one frame follow each other.
const (
	ackTime   = 250 * time.Millisecond // the chip's own limit is 15 ms; the rest is for a host that is busy
	gapTime   = 30 * time.Millisecond  // nothing for so long: no byte is on its way
	sliceTime = 20 * time.Millisecond  // how often a wait looks at its context
	maxNACKs  = 3
	maxHeard  = 2048 // bytes for one command: its frames, asked for again, and what was left before them
	maxTries  = 3    // of commands that may be repeated
)

// link is the chip behind its transport: one command at a time.
type link struct {
	transport Transport
	clock     kernel.Clock
	lock      chan struct{} // holds one token: who has it has the line

	ending  chan struct{} // closed by close
	once    sync.Once
	decoder decoder
	frame   []byte
	payload []byte
	dirty   bool // the chip may still be at an earlier command
	heard   int  // bytes since the command was sent
	read    [512]byte
}

func newLink(t Transport, clock kernel.Clock) *link {
	l := &link{transport: t, clock: clock, lock: make(chan struct{}, 1), ending: make(chan struct{})}
	l.lock <- struct{}{}
	return l
}

// close ends the command under way and closes the transport. last, if any, is sent before, without waiting for its answer.
func (l *link) close(last []byte) error {
	err := error(nil)
	l.once.Do(func() {
		close(l.ending)
		<-l.lock // never given back: all others see ending
		if last != nil {
			_ = l.transport.Write(frameACK) // whatever the chip is at
			_ = l.transport.Write(appendFrame(l.frame[:0], append([]byte{toChip}, last...)))
		}
		l.decoder.reset()
		clear(l.payload[:cap(l.payload)])
		clear(l.frame[:cap(l.frame)])
		clear(l.read[:])
		err = l.transport.Close()
	})
	return err
}

// reply is the answer to a command.
type reply struct {
	data []byte        // behind the response code; good until the next command
	took time.Duration // from the end of the command to the first byte of the chip's answer
}

// send sends a command, one time and no more, and returns its answer. wait is how long the chip may take.
func (l *link) send(ctx context.Context, wait time.Duration, command ...[]byte) (reply, error) {
	if err := l.take(ctx); err != nil {
		return reply{}, err
	}
	defer func() { l.lock <- struct{}{} }()
	if l.dirty {
		if err := l.settle(); err != nil {
			return reply{}, err
		}
	}
	l.decoder.reset()
	clear(l.payload[:cap(l.payload)]) // the last answer
	l.payload = append(l.payload[:0], toChip)
	for _, c := range command {
		l.payload = append(l.payload, c...)
	}
	code := l.payload[1] + 1
	l.frame = appendFrame(l.frame[:0], l.payload)
	l.dirty = true
	if err := l.write(l.frame); err != nil {
		return reply{}, err
	}
	clear(l.frame)
	l.heard = 0
	begin := l.clock.Now()
	if err := l.acknowledged(ctx); err != nil {
		return reply{}, l.abort(ctx, err)
	}
	r, err := l.answer(ctx, code, begin, wait)
	if err != nil {
		return r, l.abort(ctx, err)
	}
	l.dirty = false
	return r, nil
}

// repeat is send for commands that may be repeated: no card hears of them, or it does not matter.
func (l *link) repeat(ctx context.Context, wait time.Duration, command ...[]byte) (r reply, err error) {
	for range maxTries {
		if r, err = l.send(ctx, wait, command...); err == nil || !kernel.IsCardError(err) || ctx.Err() != nil {
			break
		}
	}
	return r, err
}

// take waits for the line.
func (l *link) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-l.ending:
		return driver.ErrClosed
	default:
	}
	select {
	case <-l.lock:
	case <-ctx.Done():
		return ctx.Err()
	case <-l.ending:
		return driver.ErrClosed
	}
	return nil
}

// wake sends what wakes a chip, also to one that takes what it hears for a part of a long frame.
func (l *link) wake(ctx context.Context) error {
	if err := l.take(ctx); err != nil {
		return err
	}
	defer func() { l.lock <- struct{}{} }()
	l.dirty = true
	if err := l.transport.Wake(); err != nil {
		return fmt.Errorf("%w: %w", driver.ErrGone, err)
	}
	return nil
}

func (l *link) write(b []byte) error {
	if err := l.transport.Write(b); err != nil {
		return fmt.Errorf("%w: %w", driver.ErrGone, err)
	}
	return nil
}

// settle ends whatever the chip is at, by an ACK (UM0701-02, 6.2.2.2 c), and lets the line fall silent.
func (l *link) settle() error {
	if err := l.write(frameACK); err != nil {
		return err
	}
	for range 64 {
		n, err := l.transport.Read(l.read[:], gapTime)
		if err != nil {
			return fmt.Errorf("%w: %w", driver.ErrGone, err)
		}
		if n == 0 {
			return nil
		}
	}
	return fmt.Errorf("%w: it talks without end", driver.ErrDevice)
}

// abort passes an error on. A command that its context ended is ended at the chip too.
func (l *link) abort(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		_ = l.transport.Write(frameACK)
	}
	return err
}

// acknowledged waits for the chip's ACK. What comes before it belongs to earlier commands. What counts is how long the driver
// has listened, not how late it is: a host that was stopped meanwhile has heard nothing.
func (l *link) acknowledged(ctx context.Context) error {
	for silent := time.Duration(0); silent < ackTime; {
		switch kind, _ := l.decoder.next(nil); kind {
		case ackFrame:
			return nil
		case noFrame:
			n, err := l.fill(ctx, gapTime)
			if err != nil {
				return err
			}
			if n == 0 && (!l.decoder.empty() || l.decoder.noise) { // the ACK was there, but is broken
				return errNoACK
			}
			if n == 0 {
				silent += gapTime
			}
		default:
		}
	}
	return errNoACK
}

// answer waits for the frame that answers a command. A garbled one is asked for again. Here too what counts is how long the
// driver has listened: neither the ACK nor a host that was stopped takes anything from the chip's time.
func (l *link) answer(ctx context.Context, code byte, begin time.Time, wait time.Duration) (reply, error) {
	r, nacks, silent := reply{}, 0, time.Duration(0)
	heard := !l.decoder.empty()
	if heard {
		r.took = l.clock.Since(begin)
	}
	for {
		kind, payload := l.decoder.next(l.payload[:0])
		switch kind {
		case errorFrame:
			return r, errRefused
		case dataFrame:
			l.payload = payload
			if len(payload) >= 2 && payload[0] == fromChip && payload[1] == code {
				r.data = payload[2:]
				return r, nil
			}
			continue // of another command
		case ackFrame, nackFrame:
			continue
		case noFrame:
		}
		n, err := l.fill(ctx, gapTime)
		if err != nil {
			return r, err
		}
		if n > 0 {
			if silent = 0; !heard {
				heard, r.took = true, l.clock.Since(begin)
			}
			continue
		}
		silent += gapTime
		switch {
		case !heard && silent >= wait:
			return r, errNoReply
		case !heard:
		case nacks > 0 && l.decoder.empty() && silent < ackTime: // the chip was asked, and is not slower than with an ACK
		case nacks == maxNACKs:
			return r, errGarbled
		default: // what came is no frame and nothing more is coming
			nacks++
			silent = 0
			l.decoder.reset()
			if err := l.write(frameNACK); err != nil {
				return r, err
			}
		}
	}
}

// fill waits for bytes, up to most, and feeds them to the decoder.
func (l *link) fill(ctx context.Context, most time.Duration) (int, error) {
	for most > 0 {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-l.ending:
			return 0, driver.ErrClosed
		default:
		}
		slice := min(most, sliceTime)
		n, err := l.transport.Read(l.read[:], slice)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", driver.ErrGone, err)
		}
		if n > 0 {
			l.decoder.feed(l.read[:n])
			clear(l.read[:n])
			if l.heard += n; l.heard > maxHeard { // it talks without end, and says nothing
				return n, errGarbled
			}
			return n, nil
		}
		most -= slice
	}
	return 0, nil
}
