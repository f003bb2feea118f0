//go:build pcsc

package pcsc

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ebfe/scard"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// session is one connection to the service, and what both kinds have in common. Each has a context of its own: calls on one
// context wait for each other.
type session struct {
	reader *reader
	kind   driver.Kind
	epoch  int // of the watch: when it has changed, reader or service have been away
	worker *worker

	// Used by the worker alone.
	sc   *scard.Context
	card *scard.Card

	mu       sync.Mutex
	closed   bool
	there    bool   // a card is connected
	count    uint16 // of the watch when it was
	atr      []byte
	protocol scard.Protocol
	apdus    kernel.Card // the card as it takes APDUs: the session's TPDUs, or what T=0 makes of them
}

func newSession(r *reader, kind driver.Kind, epoch int) *session {
	return &session{reader: r, kind: kind, epoch: epoch, worker: startWorker()}
}

// begin reaches the service.
func (s *session) begin(ctx context.Context) error {
	refused, err := call(ctx, s, s.reader.options.answer(), func() (err error) {
		s.sc, err = scard.EstablishContext()
		return err
	}, nil)
	switch {
	case err != nil:
		return err
	case refused != nil:
		return openError(refused)
	}
	return nil
}

// call has the worker do something and waits for it, as long as ctx and the session live. A result that comes later is
// dropped, by late if there is one.
func call[T any](ctx context.Context, s *session, most time.Duration, f func() T, late func(T)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	done := make(chan T, 1)
	var left sync.Mutex // held by who decides whether the result has a taker
	gone := false
	run := func() {
		v := f()
		left.Lock()
		defer left.Unlock()
		if gone && late != nil {
			late(v)
		}
		done <- v
	}
	why := func() error {
		select {
		case <-s.worker.quit:
			return driver.ErrClosed
		default:
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return kernel.ErrTimeout
	}
	select {
	case s.worker.calls <- run:
	case <-ctx.Done():
		return none, why()
	case <-timer.C:
		return none, why()
	case <-s.worker.quit:
		return none, why()
	}
	select {
	case v := <-done:
		return v, nil
	case <-ctx.Done():
	case <-timer.C:
	case <-s.worker.quit:
	}
	left.Lock()
	defer left.Unlock()
	select {
	case v := <-done: // it came in this moment
		return v, nil
	default:
		gone = true
		return none, why()
	}
}

// connected is what connecting gives.
type connected struct {
	atr      []byte
	protocol scard.Protocol
	err      error
}

// connect takes the card for this session alone.
func (s *session) connect() connected {
	card, err := s.sc.Connect(s.reader.name, scard.ShareExclusive, scard.ProtocolAny)
	if err != nil {
		return connected{err: err}
	}
	s.card = card
	return s.asConnected()
}

// reconnect resets the card.
func (s *session) reconnect(how scard.Disposition) connected {
	if s.card == nil {
		return s.connect()
	}
	if err := s.card.Reconnect(scard.ShareExclusive, scard.ProtocolAny, how); err != nil {
		return connected{err: err}
	}
	return s.asConnected()
}

func (s *session) asConnected() connected {
	status, err := s.card.Status()
	if err != nil {
		return connected{err: err}
	}
	return connected{bytes.Clone(status.Atr), s.card.ActiveProtocol(), nil}
}

// unpower lets the card go and takes its power.
func (s *session) unpower() {
	if s.card != nil {
		_ = s.card.Disconnect(scard.UnpowerCard) // a card that is gone has none
		s.card = nil
	}
}

// disconnect is the last thing that a worker does.
func (s *session) disconnect() {
	s.unpower()
	if s.sc != nil {
		release(s.sc)
	}
}

// keep takes a card that was connected.
func (s *session) keep(c connected, count uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.there, s.count, s.atr, s.protocol = true, count, c.atr, c.protocol
	s.apdus = tpdus{s}
	if c.protocol == scard.ProtocolT0 {
		s.apdus = contact.TPDU(tpdus{s})
	}
}

func (s *session) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.there, s.apdus = false, nil
}

// state returns why nothing can be sent, nil if something can.
func (s *session) state() error {
	s.mu.Lock()
	closed, there, count := s.closed, s.there, s.count
	s.mu.Unlock()
	now, _ := s.reader.watch.current()
	switch {
	case closed:
		return driver.ErrClosed
	case now.gone || now.epoch != s.epoch:
		return driver.ErrGone
	case !there || !now.present || now.count != count:
		return kernel.ErrRemoved
	}
	return nil
}

// Transmit sends an APDU.
func (s *session) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return dst, err
	}
	if err := s.state(); err != nil {
		return dst, err
	}
	s.mu.Lock()
	apdus := s.apdus
	s.mu.Unlock()
	return apdus.Transmit(ctx, dst, command)
}

// tpdus sends what the service takes: APDUs under T=1 and in a field, TPDUs under T=0.
type tpdus struct{ s *session }

// TransmitTPDU is Transmit (contact.Reader).
func (t tpdus) TransmitTPDU(ctx context.Context, dst, command []byte) ([]byte, error) {
	return t.Transmit(ctx, dst, command)
}

// answered is what an exchange gives.
type answered struct {
	data []byte
	err  error
}

// Transmit makes one exchange.
func (t tpdus) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	s := t.s
	if len(command) < 4 {
		return dst, fmt.Errorf("%w: %d bytes are no command", kernel.ErrProtocol, len(command))
	}
	own := bytes.Clone(command) // the service may still read it when the caller has left
	a, err := call(ctx, s, s.reader.options.answer(), func() answered {
		defer clear(own)
		if s.card == nil {
			return answered{nil, scard.ErrNoSmartcard}
		}
		data, err := s.card.Transmit(own)
		return answered{data, err}
	}, func(a answered) { clear(a.data) })
	if err != nil {
		return dst, err
	}
	defer clear(a.data)
	if a.err != nil {
		return dst, s.fault(ctx, a.err)
	}
	if len(a.data) < 2 {
		// Some drivers give an empty answer for a card that was pulled.
		return dst, s.settled(ctx, fmt.Errorf("%w: %d bytes of answer", kernel.ErrProtocol, len(a.data)))
	}
	return append(dst, a.data...), nil
}

// Answer returns the answer to reset at a slot. In a field the service keeps what the card said to itself: its answer to
// reset is made up.
func (s *session) Answer() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.there || s.kind == driver.Contactless {
		return nil
	}
	return s.atr
}

// ATR returns what the service calls the answer to reset, of a contactless card too.
func (s *session) ATR() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.there {
		return nil
	}
	return s.atr
}

// AwaitRemoval waits for the service to see the card go.
func (s *session) AwaitRemoval(ctx context.Context) error {
	for {
		_, changed := s.reader.watch.current()
		switch err := s.state(); {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
		case kernel.IsCardError(err):
			return nil
		default:
			return err
		}
		select {
		case <-changed:
		case <-s.worker.quit:
		case <-ctx.Done():
		}
	}
}

// Close takes the card's power and ends the session.
func (s *session) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	s.worker.end(s.disconnect)
	s.reader.forget(s)
	return nil
}
