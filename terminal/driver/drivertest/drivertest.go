// Package drivertest holds a reader driver to the contract of package driver, and its sessions to that of kernel.Card with
// kernel/cardtest. A driver brings a stand: its reader, and hands that put cards to it at the other end of its wire.
package drivertest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cardtest"
	"github.com/cardwright/emv/terminal/driver"
)

// Patience is how long an event or the end of a call may take. It bounds failures only: no check waits for it to pass.
const Patience = 10 * time.Second

// Stand is a reader under test and what can be done to it. A function that is nil is something that this stand can't do;
// its checks are left out.
type Stand struct {
	Reader driver.Reader

	Insert func(cardtest.Answer) error // a card into the slot
	Remove func()                      // and out
	Tap    func(cardtest.Answer) error // a card into the field, beside those that are there
	Leave  func()                      // all of them out
	Swipe  func(track1, track2, track3 string)
	Unplug func()
	Plug   func()
	Done   func() // after Reader.Close; may be nil

	Card     cardtest.Features // what its wire can't carry
	OneAtAll bool              // cards can't collide in this field
}

// Setup makes a new stand without a card.
type Setup func() (*Stand, error)

// Run runs every check that the stand allows, each as a subtest.
func Run(t *testing.T, setup Setup) {
	t.Helper()
	ran := 0
	for _, c := range checks {
		s, err := setup()
		if err != nil {
			t.Fatal(err)
		}
		possible := c.needs(s)
		s.close()
		if !possible {
			continue
		}
		ran++
		t.Run(c.name, func(t *testing.T) {
			if err := c.check(setup); err != nil {
				t.Error(err)
			}
		})
	}
	if ran < 6 {
		t.Errorf("only %d checks ran: the stand can do nothing", ran)
	}
}

// Check is Run for callers without a testing.T. It returns the violations, each with the name of its check.
func Check(setup Setup) []error {
	var violations []error
	for _, c := range checks {
		s, err := setup()
		if err != nil {
			return append(violations, err)
		}
		possible := c.needs(s)
		s.close()
		if !possible {
			continue
		}
		if err := c.check(setup); err != nil {
			violations = append(violations, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return violations
}

func (s *Stand) close() {
	_ = s.Reader.Close()
	if s.Done != nil {
		s.Done()
	}
}

type check struct {
	name  string
	needs func(*Stand) bool
	run   func(context.Context, *Stand) error
	own   func(Setup) error // in place of run: makes its stands itself
}

// check runs one check, on a stand of its own, and looks for goroutines that it left.
func (c *check) check(setup Setup) error {
	before := runtime.NumGoroutine()
	err := c.alone(setup)
	if err != nil {
		return err
	}
	for end := time.Now().Add(Patience); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("%d goroutines are left", runtime.NumGoroutine()-before)
		}
	}
	return nil
}

func (c *check) alone(setup Setup) error {
	if c.own != nil {
		return c.own(setup)
	}
	s, err := setup()
	if err != nil {
		return err
	}
	defer s.close()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	return c.run(ctx, s)
}

func always(*Stand) bool      { return true }
func slot(s *Stand) bool      { return s.Insert != nil }
func slotOut(s *Stand) bool   { return s.Insert != nil && s.Remove != nil }
func field(s *Stand) bool     { return s.Tap != nil }
func fieldOut(s *Stand) bool  { return s.Tap != nil && s.Leave != nil }
func collides(s *Stand) bool  { return fieldOut(s) && !s.OneAtAll }
func swipes(s *Stand) bool    { return s.Swipe != nil }
func unplugs(s *Stand) bool   { return s.Unplug != nil }
func plugs(s *Stand) bool     { return s.Unplug != nil && s.Plug != nil }
func noSlot(s *Stand) bool    { return !s.Reader.Kinds().Has(driver.Contact) }
func noField(s *Stand) bool   { return !s.Reader.Kinds().Has(driver.Contactless) }
func hangsSlot(s *Stand) bool { return slotOut(s) && !s.Card.NoHang }

var checks = []check{
	{"a reader has a name and a kind", always, identity, nil},
	{"a context ends the wait for events", always, waitEnds, nil},
	{"a closed reader says so", always, closed, nil},
	{"close ends the wait for events", always, closeEndsWait, nil},
	{"stripes have no session", always, noStripeSession, nil},
	{"no session where there is no slot", noSlot, lacksKind(driver.Contact), nil},
	{"no session where there is no field", noField, lacksKind(driver.Contactless), nil},
	{"slot: cards keep the contract of kernel.Card", slot, nil, cards(driver.Contact)},
	{"slot: an empty one has no session", slot, emptySlot, nil},
	{"slot: cards come and go", slotOut, slotEvents, nil},
	{"slot: one session at a time", slot, oneSession(driver.Contact), nil},
	{"slot: a reset is answered", slot, resetAnswers, nil},
	{"slot: a card that left is removed", slotOut, leftIsRemoved(driver.Contact), nil},
	{"slot: a card pulled in mid-command is removed", hangsSlot, pulled, nil},
	{"slot: removal can be awaited", slotOut, awaitRemoval(driver.Contact), nil},
	{"slot: a closed session says so", slot, closedSession(driver.Contact), nil},
	{"field: cards keep the contract of kernel.Card", field, nil, cards(driver.Contactless)},
	{"field: one session at a time", field, oneSession(driver.Contactless), nil},
	{"field: a context ends activation", field, activationEnds, nil},
	{"field: a card is found after activation began", field, lateTap, nil},
	{"field: a card that left is removed", fieldOut, leftIsRemoved(driver.Contactless), nil},
	{"field: removal can be awaited", fieldOut, awaitRemoval(driver.Contactless), nil},
	{"field: a card without power is removed", field, deactivated, nil},
	{"field: it can be switched off and on", field, offAndOn, nil},
	{"field: two cards collide", collides, collision, nil},
	{"field: a closed session says so", field, closedSession(driver.Contactless), nil},
	{"stripe: swipes are events", swipes, swipe, nil},
	{"signal: lights light", hasLights, lights, nil},
	{"signal: tones sound", hasBeeper, tones, nil},
	{"gone: sessions and events tell", unplugs, unplugged, nil},
	{"gone: it comes back", plugs, replugged, nil},
}

// present puts a card to the stand and returns a session with it, reset or activated.
func (s *Stand) present(ctx context.Context, kind driver.Kind, answer cardtest.Answer) (driver.Session, error) {
	if kind == driver.Contact {
		if err := s.Insert(answer); err != nil {
			return nil, fmt.Errorf("inserting: %w", err)
		}
		if err := s.expect(ctx, driver.Inserted); err != nil {
			return nil, err
		}
	} else if err := s.Tap(answer); err != nil {
		return nil, fmt.Errorf("tapping: %w", err)
	}
	session, err := s.Reader.Open(ctx, kind)
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	switch kind {
	case driver.Contact:
		r, ok := session.(contact.Slot)
		if !ok {
			return nil, errors.New("the session is no contact.Slot")
		}
		if _, err := r.Reset(ctx, false); err != nil {
			return nil, fmt.Errorf("reset: %w", err)
		}
	default:
		f, ok := session.(kernel.Field)
		if !ok {
			return nil, errors.New("the session is no kernel.Field")
		}
		if err := f.Activate(ctx); err != nil {
			return nil, fmt.Errorf("activating: %w", err)
		}
	}
	return session, nil
}

// expect waits for an event and passes over InField and Left, which not every driver can tell apart from polling.
func (s *Stand) expect(ctx context.Context, what driver.What) error {
	for {
		e, err := s.Reader.Wait(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("waiting for %s: %w", what, err)
		case e.What == what:
			return nil
		case e.What != driver.InField && e.What != driver.Left:
			return fmt.Errorf("%s where %s was due", e.What, what)
		}
	}
}

func ok([]byte) ([]byte, error) { return []byte{0x90, 0x00}, nil }

// command is a SELECT of the PSE, in case 3 so that every protocol carries it as it is.
var command = []byte{0x00, 0xA4, 0x04, 0x00, 0x02, 0x3F, 0x00}
