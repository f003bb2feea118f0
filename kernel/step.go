package kernel

import (
	"context"
	"iter"
)

// ErrStopped is what a Card answers, and run returns, after Stepper.Stop.
var ErrStopped = &Error{"kernel.stopped", "the caller gave the transaction up"}

// Stepper runs blocking kernel code for a caller that can't block: an event loop, C, WebAssembly. Command comes out,
// response goes in:
//
//	s := kernel.Step(func(card kernel.Card) (kernel.Outcome, error) { return terminal.Transact(ctx, card, t) })
//	defer s.Stop()
//	for command, ok := s.Next(nil, nil); ok; command, ok = s.Next(response, err) {
//		response, err = …
//	}
//	outcome, err := s.Result()
//
// No kernel knows of it. A Stepper is for one goroutine at a time and starts none that runs beside the caller's.
type Stepper struct {
	next func() ([]byte, bool)
	stop func()

	response []byte
	err      error

	outcome Outcome
	result  error
}

// Step prepares run; the first Next starts it.
func Step(run func(Card) (Outcome, error)) *Stepper {
	s := &Stepper{result: ErrStopped}
	s.next, s.stop = iter.Pull(func(yield func([]byte) bool) {
		s.outcome, s.result = run(&stepCard{s, yield, false})
	})
	return s
}

// Next hands over the answer to the last command, or the error that took its place, and returns the next command. The
// first call's arguments are ignored. It reports false when the run has ended. The command is good until the next call,
// the response must be left alone until then.
func (s *Stepper) Next(response []byte, err error) ([]byte, bool) {
	s.response, s.err = response, err
	return s.next()
}

// Result returns what run returned, once Next has reported false.
func (s *Stepper) Result() (Outcome, error) { return s.outcome, s.result }

// Stop ends the run early: the card it is waiting for answers ErrStopped from now on. It is harmless after the end.
func (s *Stepper) Stop() { s.stop() }

type stepCard struct {
	s       *Stepper
	yield   func([]byte) bool
	stopped bool
}

func (c *stepCard) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	if c.stopped || !c.yield(command) {
		c.stopped = true
		return dst, ErrStopped
	}
	return append(dst, c.s.response...), c.s.err
}
