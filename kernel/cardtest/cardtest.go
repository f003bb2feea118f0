// Package cardtest is the conformance suite that every driver must pass: it holds an implementation of kernel.Card to
// the interface's contract, against a card whose answers the suite decides.
package cardtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
)

// Answer is the card's side: it is given a command and returns data and status word, or an error that the driver must
// report as such: kernel.ErrRemoved and its like. Drivers that reach their card over a wire serve it at the other end.
type Answer func(command []byte) ([]byte, error)

// Driver connects a new card that answers with answer. What it needs to be closed it registers itself, with t.Cleanup or
// otherwise.
type Driver func(answer Answer) (kernel.Card, error)

// Features are what a driver's transport can't do; the checks for it are left out by name.
type Features struct {
	NoErrors  bool // an error of the card's side can't be told from another
	NoHang    bool // a card that never answers can't be made, or a wait can't be ended
	MaxAnswer int  // longest answer with its status word; 0 takes 258
}

// patience is how long a cancelled exchange may take to return.
const patience = 5 * time.Second

// Run runs every check against the driver and reports each violation of the contract.
func Run(t *testing.T, d Driver, f Features) {
	t.Helper()
	for _, v := range Check(d, f) {
		t.Error(v)
	}
}

// Check is Run for callers without a testing.T. It returns the violations.
func Check(d Driver, f Features) []error {
	if f.MaxAnswer == 0 {
		f.MaxAnswer = 258
	}
	var violations []error
	for _, c := range checks {
		if c.needs != nil && !c.needs(f) {
			continue
		}
		if err := c.run(d, f); err != nil {
			violations = append(violations, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return violations
}

var checks = []struct {
	name  string
	needs func(Features) bool
	run   func(Driver, Features) error
}{
	{"answers arrive whole", nil, answersArriveWhole},
	{"answers are appended", nil, answersAreAppended},
	{"commands stay as they are", nil, commandsStay},
	{"one exchange, one command", nil, oneExchangeOneCommand},
	{"an ended context sends nothing", nil, endedContextSendsNothing},
	{"a card's errors keep their kind", func(f Features) bool { return !f.NoErrors }, errorsKeepTheirKind},
	{"a context ends the wait", func(f Features) bool { return !f.NoHang }, contextEndsTheWait},
}

var selectPPSE = []byte{
	0x00, 0xA4, 0x04, 0x00, 0x0E, '2', 'P', 'A', 'Y', '.', 'S', 'Y', 'S', '.', 'D', 'D', 'F', '0', '1', 0x00,
}

func answersArriveWhole(d Driver, f Features) error {
	for _, n := range []int{2, 3, 17, 128, 255, 256, 257, 258} {
		if n > f.MaxAnswer {
			break
		}
		want := make([]byte, n)
		for i := range want {
			want[i] = byte(i * 7)
		}
		want[n-2], want[n-1] = 0x90, 0x00
		card, err := d(func([]byte) ([]byte, error) { return want, nil })
		if err != nil {
			return err
		}
		got, err := card.Transmit(context.Background(), nil, selectPPSE)
		if err != nil || !bytes.Equal(got, want) {
			return fmt.Errorf("%d bytes: got %d, %v", n, len(got), err)
		}
	}
	return nil
}

func answersAreAppended(d Driver, _ Features) error {
	card, err := d(func([]byte) ([]byte, error) { return []byte{0x6A, 0x82}, nil })
	if err != nil {
		return err
	}
	for _, dst := range [][]byte{nil, {0xAA}, append(make([]byte, 0, 64), 0xAA, 0xBB)} {
		got, err := card.Transmit(context.Background(), dst, selectPPSE)
		if want := append(bytes.Clone(dst), 0x6A, 0x82); err != nil || !bytes.Equal(got, want) {
			return fmt.Errorf("appending to %X gave %X, %v", dst, got, err)
		}
	}
	return nil
}

func commandsStay(d Driver, _ Features) error {
	var seen []byte
	card, err := d(func(c []byte) ([]byte, error) {
		seen = bytes.Clone(c)
		return []byte{0x90, 0x00}, nil
	})
	if err != nil {
		return err
	}
	for _, command := range [][]byte{
		selectPPSE, {0x00, 0xB2, 0x01, 0x0C, 0x00}, {0x80, 0xA8, 0x00, 0x00, 0x02, 0x83, 0x00, 0x00},
	} {
		own := bytes.Clone(command)
		if _, err := card.Transmit(context.Background(), nil, own); err != nil {
			return err
		}
		if !bytes.Equal(own, command) {
			return fmt.Errorf("the caller's command became %X", own)
		}
		if !bytes.Equal(seen, command) {
			return fmt.Errorf("the card got %X for %X", seen, command)
		}
	}
	return nil
}

func oneExchangeOneCommand(d Driver, f Features) error {
	n := 0
	fail := error(nil)
	card, err := d(func([]byte) ([]byte, error) {
		n++
		return []byte{0x90, 0x00}, fail
	})
	if err != nil {
		return err
	}
	for i := 1; i <= 3; i++ {
		if _, err := card.Transmit(context.Background(), nil, selectPPSE); err != nil || n != i {
			return fmt.Errorf("after %d exchanges the card has seen %d commands, %v", i, n, err)
		}
	}
	if f.NoErrors {
		return nil
	}
	fail = kernel.ErrTransmission
	if _, err := card.Transmit(context.Background(), nil, selectPPSE); err == nil || n != 4 {
		return fmt.Errorf("a garbled answer was asked for %d times, %v", n-3, err)
	}
	return nil
}

func endedContextSendsNothing(d Driver, _ Features) error {
	n := 0
	card, err := d(func([]byte) ([]byte, error) { n++; return []byte{0x90, 0x00}, nil })
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := card.Transmit(ctx, nil, selectPPSE); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("returned %v", err)
	}
	if n != 0 {
		return errors.New("the card was sent a command")
	}
	return nil
}

func errorsKeepTheirKind(d Driver, _ Features) error {
	for _, want := range []*kernel.Error{
		kernel.ErrRemoved, kernel.ErrTimeout, kernel.ErrTransmission, kernel.ErrProtocol,
	} {
		card, err := d(func([]byte) ([]byte, error) { return nil, want })
		if err != nil {
			return err
		}
		_, err = card.Transmit(context.Background(), nil, selectPPSE)
		if !kernel.IsCardError(err) {
			return fmt.Errorf("%s became %v, which is no card error", want.Code, err)
		}
		// A transport may not tell a garbled answer from a broken protocol. A card that is gone it must tell: what
		// follows differs.
		if gone := errors.Is(want, kernel.ErrRemoved); gone != errors.Is(err, kernel.ErrRemoved) {
			return fmt.Errorf("%s became %v", want.Code, err)
		}
	}
	return nil
}

func contextEndsTheWait(d Driver, _ Features) error {
	release := make(chan struct{})
	defer close(release)
	card, err := d(func([]byte) ([]byte, error) { <-release; return []byte{0x90, 0x00}, nil })
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := card.Transmit(ctx, nil, selectPPSE)
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("returned %v", err)
		}
		return nil
	case <-time.After(patience):
		return fmt.Errorf("still waiting after %v", patience)
	}
}
