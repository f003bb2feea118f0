//go:build pcsc

package pcsc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ebfe/scard"

	"github.com/cardwright/emv/terminal/driver"
)

// Built reports whether this build has the driver.
const Built = true

type family struct{ options Options }

// New returns the readers of the system's smart card service. Nothing is done before List or Open.
func New(o Options) driver.Family { return family{o} }

// Name returns "pcsc".
func (family) Name() string { return "pcsc" }

// List asks the service for its readers.
func (family) List(ctx context.Context) ([]driver.Found, error) { return within(ctx, list, nil) }

func list() ([]driver.Found, error) {
	sc, err := scard.EstablishContext()
	if err != nil {
		return nil, serviceError(err)
	}
	defer release(sc)
	names, err := listReaders(sc)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	id := takePin()
	defer id.free()
	states := make([]scard.ReaderState, len(names))
	for i, name := range names {
		states[i].Reader = id.pin(name)
	}
	// A reader that goes in this moment is not worth an error: those that are left are listed without their state.
	known := sc.GetStatusChange(states, 0) == nil
	var found []driver.Found
	for i, name := range names {
		f := driver.Found{Identity: driver.Identity{Name: name}, Kinds: kindsOf(name, nil)}
		if known {
			f.Kinds, f.Note = kindsOf(name, states[i].Atr), noteOf(states[i].EventState)
		}
		found = append(found, f)
	}
	return found, nil
}

func noteOf(s scard.StateFlag) string {
	switch {
	case s&scard.StateExclusive != 0:
		return "in use by another program"
	case s&scard.StateMute != 0:
		return "a card is in it that does not answer"
	case s&scard.StatePresent != 0:
		return "a card is in it"
	}
	return ""
}

// listReaders returns the names of the service's readers, none where it has none.
func listReaders(sc *scard.Context) ([]string, error) {
	names, err := sc.ListReaders()
	if errors.Is(err, scard.ErrNoReadersAvailable) {
		return nil, nil
	}
	if err != nil {
		return nil, serviceError(err)
	}
	slices.Sort(names)
	return names, nil
}

// Open begins to watch the reader of this name. It is used by nobody until Reader.Open.
func (f family) Open(ctx context.Context, name string) (driver.Reader, error) {
	r, err := within(ctx, func() (*reader, error) { return f.open(name) }, func(r *reader) { _ = r.Close() })
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (f family) open(name string) (*reader, error) {
	sc, err := scard.EstablishContext()
	if err != nil {
		return nil, serviceError(err)
	}
	names, err := listReaders(sc)
	if err == nil && !slices.Contains(names, name) {
		err = fmt.Errorf("%w: %q", driver.ErrNotFound, name)
	}
	if err != nil {
		release(sc)
		return nil, err
	}
	return newReader(f.options, sc, name)
}

// within makes calls that a service that hangs never answers. When ctx ends they are left behind, and what comes of them goes
// to late, if there is one.
func within[T any](ctx context.Context, f func() (T, error), late func(T)) (T, error) {
	type result struct {
		v   T
		err error
	}
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	done := make(chan result, 1)
	go func() {
		v, err := f()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.v, r.err
	case <-ctx.Done():
	}
	if late != nil {
		go func() {
			if r := <-done; r.err == nil {
				late(r.v)
			}
		}()
	}
	return none, ctx.Err()
}

// serviceError says what a refusal of the service itself means for who looks for readers.
func serviceError(err error) error {
	switch {
	case errors.Is(err, scard.ErrNoService), errors.Is(err, scard.ErrServiceStopped):
		return fmt.Errorf("%w: no smart card service answers; start pcscd", driver.ErrUnsupported)
	case errors.Is(err, scard.ErrSecurityViolation), errors.Is(err, scard.ErrNoAccess):
		return fmt.Errorf("%w: %w", driver.ErrPermission, err)
	}
	return fmt.Errorf("%w: %w", driver.ErrDevice, err)
}

// release gives a context back. The service has nothing to say about that which would help.
func release(sc *scard.Context) { _ = sc.Release() }

// answer is the longest wait for an answer.
func (o Options) answer() time.Duration {
	if o.Answer <= 0 {
		return DefaultAnswer
	}
	return o.Answer
}
