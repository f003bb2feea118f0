package simulated_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cardtest"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/drivertest"
	"github.com/cardwright/emv/terminal/driver/simulated"
)

// card answers as a suite decides, and keeps to its context as every kernel.Card does.
type card struct{ answer cardtest.Answer }

func (c card) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return dst, err
	}
	type result struct {
		r   []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		r, err := c.answer(command)
		done <- result{r, err}
	}()
	select {
	case r := <-done:
		return append(dst, r.r...), r.err
	case <-ctx.Done():
		return dst, ctx.Err()
	}
}

var (
	atr = []byte{0x3B, 0x60, 0x00, 0x00}
	ats = []byte{0x05, 0x78, 0x80, 0x70, 0x02}
)

func stand(r *simulated.Reader) *drivertest.Stand {
	return &drivertest.Stand{
		Reader: r,
		Insert: func(a cardtest.Answer) error { return r.Insert(card{a}, atr) },
		Remove: r.Remove,
		Tap:    func(a cardtest.Answer) error { r.Tap(card{a}, ats); return nil },
		Leave:  r.Leave,
		Swipe:  func(t1, t2, t3 string) { r.Swipe(t1, t2, t3) },
		Unplug: r.Unplug,
		Plug:   r.Plug,
	}
}

func TestConformance(t *testing.T) {
	drivertest.Run(t, func() (*drivertest.Stand, error) { return stand(simulated.New(simulated.Config{})), nil })
}

func TestOneKindOnly(t *testing.T) {
	for _, k := range driver.Kinds {
		t.Run(k.String(), func(t *testing.T) {
			drivertest.Run(t, func() (*drivertest.Stand, error) {
				s := stand(simulated.New(simulated.Config{Kinds: k}))
				if k != driver.Contact {
					s.Insert, s.Remove = nil, nil
				}
				if k != driver.Contactless {
					s.Tap, s.Leave = nil, nil
				}
				if k != driver.Stripe {
					s.Swipe = nil
				}
				return s, nil
			})
		})
	}
}

// broken is a reader with one thing wrong.
type broken struct {
	*simulated.Reader
	how string
}

func (b broken) Identity() driver.Identity {
	if b.how == "name" {
		return driver.Identity{}
	}
	return b.Reader.Identity()
}

func (b broken) Wait(ctx context.Context) (driver.Event, error) {
	e, err := b.Reader.Wait(ctx)
	switch {
	case b.how == "deaf" && errors.Is(err, context.DeadlineExceeded):
		err = driver.ErrGone
	case b.how == "twisted" && e.What == driver.Inserted:
		e.What = driver.Removed
	case b.how == "open" && errors.Is(err, driver.ErrClosed):
		err = driver.ErrDevice
	}
	return e, err
}

func (b broken) Open(ctx context.Context, k driver.Kind) (driver.Session, error) {
	s, err := b.Reader.Open(ctx, k)
	switch {
	case err != nil && b.how == "kinds" && errors.Is(err, driver.ErrUnsupported):
		err = driver.ErrDevice
	case err != nil && b.how == "shared" && errors.Is(err, driver.ErrBusy):
		err = nil
	case err == nil && b.how == "plain":
		return struct{ driver.Session }{s}, nil
	case err == nil && b.how == "field" && k == driver.Contactless:
		return deafField{s}, nil
	}
	return s, err
}

// deafField takes what it is asked for as done.
type deafField struct{ driver.Session }

func (deafField) Activate(context.Context) error { return nil }

func (d deafField) Deactivate(context.Context, time.Duration) error { return nil }

// TestABadDriverFails shows that the checks can fail.
func TestABadDriverFails(t *testing.T) {
	for how, want := range map[string]string{
		"name": "a reader has a name", "deaf": "a context ends the wait", "twisted": "slot: cards come and go",
		"open": "a closed reader says so", "kinds": "stripes have no session", "shared": "slot: one session",
		"plain": "slot: a reset is answered", "field": "field: two cards collide",
	} {
		found := false
		violations := drivertest.Check(func() (*drivertest.Stand, error) {
			r := simulated.New(simulated.Config{})
			s := stand(r)
			s.Reader = broken{r, how}
			return s, nil
		})
		for _, v := range violations {
			found = found || strings.HasPrefix(v.Error(), want)
		}
		if !found {
			t.Errorf("%s: %q was not noticed; noticed was %v", how, want, violations)
		}
	}
}

// TestACardOfItsOwnField lets a card that brings its own kernel.Field decide what is in the field.
func TestACardOfItsOwnField(t *testing.T) {
	ctx := t.Context()
	r := simulated.New(simulated.Config{})
	defer r.Close()
	c := &fielded{card: card{func([]byte) ([]byte, error) { return []byte{0x90, 0x00}, nil }}}
	r.Tap(c, nil)
	s, err := r.Open(ctx, driver.Contactless)
	if err != nil {
		t.Fatal(err)
	}
	f := s.(kernel.Field)
	for i := range 3 {
		if err := f.Activate(ctx); err != nil || c.on != i+1 {
			t.Fatalf("%v, switched on %d times", err, c.on)
		}
		if err := f.Deactivate(ctx, 1300*time.Millisecond); err != nil || c.held != time.Duration(i+1)*1300*time.Millisecond {
			t.Fatalf("%v, held %v", err, c.held)
		}
	}
}

// fielded is a card that keeps what happens to its field, on a time of its own.
type fielded struct {
	card
	on   int
	held time.Duration
}

func (f *fielded) Activate(context.Context) error { f.on++; return nil }

func (f *fielded) Deactivate(_ context.Context, hold time.Duration) error { f.held += hold; return nil }
