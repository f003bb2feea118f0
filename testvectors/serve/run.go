package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/cardwright/emv/kernel"
)

// Card is a card as a slot meets it. testvectors/card.Card is one; Simulated and Script are made for slots.
type Card interface {
	// Transmit appends the card's response to dst. Errors that have the code of a card error are played as the package
	// comment says; every other one ends the service.
	Transmit(ctx context.Context, dst, command []byte) ([]byte, error)

	// Reset is power on, or a reset: the card's session begins anew.
	Reset()
}

// Options say how a card behaves beside its answers.
type Options struct {
	// ATR is the answer to reset: ATRT0, ATRT1, ATRContactless or another one. Nil leaves it to a card that has one of its
	// own; a reader sees no card in one that has none.
	ATR []byte

	// PullAfter pulls the card when it has answered so many commands; 0 leaves it in.
	PullAfter int

	// Delay is how long the card takes for each command besides what it computes.
	Delay time.Duration

	// Watch, where it is set, is called for everything that happens, by the goroutine that serves.
	Watch func(Event)
}

// Event is something that happened in the slot. It holds no card data.
type Event struct {
	Kind string        // "inserted", "power on", "power off", "reset", "command", "pulled", "left"
	INS  byte          // of a command
	SW   uint16        // of its answer; 0 where there is none
	Took time.Duration // the card's time for it
}

// End says how the service of a card ended.
type End int

// The ends.
const (
	Ended  End = iota // ctx ended, or an error
	Pulled            // the card was pulled: by PullAfter, by a fault, or because its script has nothing left
	Left              // the reader's side closed the connection
)

// Run serves one card on a connection until it is pulled, the other side goes, or ctx ends. It closes the connection. The
// error is ctx's, or one of the card that is no card error, or of a peer that breaks the framing.
func Run(ctx context.Context, conn net.Conn, c Card, o Options) (End, error) {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	s := &service{card: c, options: o, wire: framer{conn: conn}, atr: o.ATR}
	defer s.wire.wipe()
	s.event(Event{Kind: "inserted"})
	s.power(false)
	end, err := s.run(ctx)
	if ctx.Err() != nil {
		return Ended, ctx.Err()
	}
	switch {
	case err != nil:
		return Ended, err
	case end == Left:
		s.event(Event{Kind: "left"})
	default:
		s.event(Event{Kind: "pulled"})
	}
	return end, nil
}

type service struct {
	card     Card
	options  Options
	wire     framer
	atr      []byte
	commands int
}

func (s *service) event(e Event) {
	if s.options.Watch != nil {
		s.options.Watch(e)
	}
}

func (s *service) run(ctx context.Context) (End, error) {
	for {
		frame, err := s.wire.read()
		if err != nil {
			return ended(err)
		}
		if len(frame) <= 1 {
			if err := s.control(frame); err != nil {
				return ended(err)
			}
			continue
		}
		pulled, err := s.command(ctx, frame)
		if pulled || err != nil {
			if gone(err) {
				return ended(err)
			}
			return Pulled, err
		}
	}
}

// control serves a control frame. An unknown one is passed over: it asks for no answer that is known.
func (s *service) control(frame []byte) error {
	if len(frame) == 0 {
		return nil
	}
	switch frame[0] {
	case controlOff:
		s.event(Event{Kind: "power off"})
	case controlOn:
		s.event(Event{Kind: "power on"})
		s.power(false)
	case controlReset:
		s.event(Event{Kind: "reset"})
		s.power(true)
	case controlATR:
		return s.wire.write(s.atr)
	}
	return nil
}

// power resets the card. One that has an answer of its own gives it, and stays mute where it has an error instead.
func (s *service) power(warm bool) {
	own, ok := s.card.(powered)
	if s.options.ATR != nil || !ok {
		s.card.Reset()
		return
	}
	atr, err := own.Power(warm)
	if s.atr = atr; err != nil {
		s.atr = nil
	}
}

// command serves one command, and reports whether the card is gone now.
func (s *service) command(ctx context.Context, command []byte) (pulled bool, err error) {
	begin := time.Now()
	e := Event{Kind: "command", INS: command[1]}
	answer, err := s.card.Transmit(ctx, nil, command)
	defer clear(answer)
	if s.options.Delay > 0 && err == nil {
		wait(ctx, s.options.Delay)
	}
	e.Took = time.Since(begin)
	if n := len(answer); n >= 2 && err == nil {
		e.SW = uint16(answer[n-2])<<8 | uint16(answer[n-1])
	}
	s.event(e)
	switch {
	case err == nil:
	case errors.Is(err, kernel.ErrRemoved):
		return true, nil
	case errors.Is(err, kernel.ErrTimeout):
		return false, nil
	case errors.Is(err, kernel.ErrTransmission), errors.Is(err, kernel.ErrCollision):
		answer = nil
	case errors.Is(err, kernel.ErrProtocol):
		answer = []byte{0x00}
	default:
		return true, err
	}
	if len(answer) > maxFrame {
		return true, fmt.Errorf("%w: %d bytes", ErrFrame, len(answer))
	}
	if err := s.wire.write(answer); err != nil {
		return true, err
	}
	s.commands++
	return s.options.PullAfter > 0 && s.commands >= s.options.PullAfter, nil
}

// ErrFrame means that a card's answer fits no frame.
var ErrFrame = &kernel.Error{Code: "serve.frame", Text: "longer than a frame can be"}

// ended sorts the end of a connection: closed by the peer, or broken.
func ended(err error) (End, error) {
	if gone(err) {
		return Left, nil
	}
	return Ended, err
}

// gone reports whether an error is that of a connection that the other side has closed.
func gone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// wait lets time pass, or ctx end.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
