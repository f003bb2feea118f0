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

const (
	maxChunk     = 252                   // data of one InDataExchange that fits a normal frame
	maxCommand   = 65544                 // extended length: header, Lc of 3, 65,535 bytes, Le of 2
	maxAnswer    = 65538                 // extended length: 65,536 bytes and a status word
	resetTime    = 10 * time.Millisecond // field off for a reset: 5.1 to 10 ms (Book D, table A.5, tRESET)
	guardTime    = 6 * time.Millisecond  // field on before the first poll: at least 5.1 ms (Book D, table A.5, tP)
	presenceTime = 100 * time.Millisecond
	maxDeaf      = 10 // polls in a row that the chip may leave without an answer
)

// session is a field and the card in it: driver.Session, kernel.Field and kernel.Timed. Card, target and field are touched
// by one goroutine at a time; state is what others look at too.
type session struct {
	reader *Reader
	link   *link

	on     bool
	offAt  time.Time
	hold   time.Duration
	unsure bool // the chip did not confirm that it switched the field off
	target target
	took   time.Duration
	raw    bool // the chip refused a broadcast

	state sync.Mutex
	card  bool  // activated, and no exchange with it has failed
	lost  error // why not
	dead  error

	life context.Context // ends with the session
	kill context.CancelFunc
}

func (s *session) there() bool {
	s.state.Lock()
	defer s.state.Unlock()
	return s.card
}

// set notes whether there is a card, and why there is none.
func (s *session) set(card bool, why error) {
	s.state.Lock()
	was := s.card
	s.card, s.lost = card, why
	s.state.Unlock()
	switch {
	case card && !was:
		s.reader.events.Put(driver.Event{What: driver.InField})
	case !card && was:
		s.reader.events.Put(driver.Event{What: driver.Left})
	}
}

// check returns why nothing can be asked of the chip, nil if it can.
func (s *session) check(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.state.Lock()
	dead := s.dead
	s.state.Unlock()
	if dead != nil {
		return dead
	}
	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	if s.reader.gone {
		return driver.ErrGone
	}
	return nil
}

// within returns a context that ends with the session too.
func (s *session) within(ctx context.Context) (context.Context, context.CancelFunc) {
	inner, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.life, cancel)
	return inner, func() { stop(); cancel() }
}

// Transmit sends a command APDU to the card, once, and returns its answer.
func (s *session) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if err := s.check(ctx); err != nil {
		return dst, err
	}
	s.state.Lock()
	card, lost := s.card, s.lost
	s.state.Unlock()
	switch {
	case !card && lost != nil:
		return dst, lost
	case !card:
		return dst, kernel.ErrRemoved
	case len(command) == 0 || len(command) > maxCommand:
		return dst, fmt.Errorf("%w: no command APDU", kernel.ErrProtocol)
	}
	inner, cancel := s.within(ctx)
	defer cancel()
	answer, err := s.exchange(inner, dst, command)
	if err != nil {
		return dst, s.failed(ctx, err)
	}
	return answer, nil
}

// exchange sends the command in as many parts as it takes, and collects the answer (UM0701-02, 7.3.8).
func (s *session) exchange(ctx context.Context, dst, command []byte) ([]byte, error) {
	for len(command) > maxChunk {
		r, err := s.part(ctx, s.target.number|statusMore, command[:maxChunk])
		if err != nil {
			return dst, err
		}
		if len(r.data) != 1 || r.data[0]&statusMore != 0 {
			return dst, fmt.Errorf("%w: an answer to half a command", kernel.ErrProtocol)
		}
		command = command[maxChunk:]
	}
	start := len(dst)
	for first := true; ; first = false {
		r, err := s.part(ctx, s.target.number, command)
		if err != nil {
			return dst[:start], err
		}
		if first {
			s.took = r.took
		}
		dst = append(dst, r.data[1:]...)
		if len(dst)-start > maxAnswer || r.data[0]&statusMore != 0 && len(r.data) == 1 {
			return dst[:start], fmt.Errorf("%w: an answer without end", kernel.ErrProtocol)
		}
		if r.data[0]&statusMore == 0 {
			return dst, nil
		}
		command = nil
	}
}

// part is one InDataExchange, never repeated.
func (s *session) part(ctx context.Context, number byte, data []byte) (reply, error) {
	r, err := s.link.send(ctx, s.reader.config.Wait, []byte{cmdInDataExchange, number}, data)
	if err != nil {
		return r, err
	}
	if len(r.data) == 0 {
		return r, fmt.Errorf("%w: no status", kernel.ErrProtocol)
	}
	return r, statusError(r.data[0])
}

// failed takes the card out of use after an exchange that failed: whether it has seen the command is not known, and
// what it says next may belong to the last one. It takes activation to talk to it again.
func (s *session) failed(ctx context.Context, err error) error {
	if dead := s.check(context.Background()); dead != nil {
		err = dead
	} else if errors.Is(err, kernel.ErrTimeout) && ctx.Err() == nil {
		// A card that is gone and one that is stuck look the same until it is asked for a sign of life.
		if there, e := s.link.present(ctx); e == nil && !there {
			err = fmt.Errorf("%w: %s", kernel.ErrRemoved, err.Error())
		}
	}
	s.reader.noted(err)
	why := err
	if !kernel.IsCardError(err) {
		why = kernel.ErrTransmission
	}
	s.set(false, why)
	return err
}

// ExchangeTime returns the time from the end of the last command on the line to the first byte of the chip's answer
// (kernel.Timed). The line and the chip are in it, milliseconds at 115,200 baud: it is never too short, and too long for
// the limits of a relay resistance protocol.
func (s *session) ExchangeTime() time.Duration { return s.took }

// Answer returns the ATS or the ATQB.
func (s *session) Answer() []byte {
	if !s.there() {
		return nil
	}
	return s.target.answer
}

// Extended reports true: the chip chains what is long.
func (s *session) Extended() bool { return true }

// AwaitRemoval asks the card for a sign of life until there is none (Book A, 8.1.1.12).
func (s *session) AwaitRemoval(ctx context.Context) error {
	for {
		if err := s.check(ctx); err != nil {
			return err
		}
		s.state.Lock()
		card, lost := s.card, s.lost
		s.state.Unlock()
		if !card && (lost == nil || errors.Is(lost, kernel.ErrRemoved) || !s.on) {
			return nil
		}
		inner, cancel := s.within(ctx)
		there, err := s.link.present(inner)
		if err == nil && there {
			err = s.reader.config.Sleep(inner, presenceTime)
		}
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case s.check(ctx) != nil:
			return s.check(ctx)
		case err == nil && !there:
			s.set(false, kernel.ErrRemoved)
			return nil
		case err != nil && !kernel.IsCardError(err):
			s.reader.noted(err)
			return err
		}
	}
}

// Close ends the session and switches the field off.
func (s *session) Close() error {
	if !s.end(driver.ErrClosed) {
		return nil
	}
	s.reader.mu.Lock()
	usable := !s.reader.gone && !s.reader.closed
	s.reader.mu.Unlock()
	if usable {
		err := s.link.setField(context.Background(), false)
		s.reader.noted(err)
	}
	s.reader.mu.Lock()
	defer s.reader.mu.Unlock()
	if s.reader.session == s {
		s.reader.session = nil
	}
	return nil
}

// end makes the session dead, and reports whether it was alive.
func (s *session) end(why error) bool {
	s.state.Lock()
	defer s.state.Unlock()
	if s.dead != nil {
		return false
	}
	s.dead, s.card = why, false
	s.kill()
	return true
}
