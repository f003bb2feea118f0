// Package devices finds the readers of this machine for the commands that use one.
package devices

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/msr"
	"github.com/cardwright/emv/terminal/driver/pcsc"
	"github.com/cardwright/emv/terminal/driver/pn532"
)

// Families are the drivers of this build.
func Families() []driver.Family {
	return []driver.Family{pcsc.New(pcsc.Options{}), pn532.Family{}, msr.Family{}, sockets{}}
}

// Listed is what one family has.
type Listed struct {
	Family string
	Found  []driver.Found
	Err    error // why there may be more
}

// List asks all families.
func List(ctx context.Context) []Listed {
	var all []Listed
	for _, f := range Families() {
		found, err := f.List(ctx)
		all = append(all, Listed{f.Name(), found, err})
	}
	return all
}

// ErrAmbiguous means that a name is part of the names of several readers.
var ErrAmbiguous = &kernel.Error{Code: "input.reader", Text: "several readers have that in their names"}

// errNoName is a name that would be a part of every reader's.
var errNoName = &kernel.Error{Code: ErrAmbiguous.Code, Text: "a reader's name is empty"}

// Open opens the reader of a name: the whole name, or a part of it that no other reader has, either with "FAMILY:" in front
// or without. A name that no family lists is tried with the family that it names, if it names one.
func Open(ctx context.Context, name string) (driver.Reader, error) {
	family, rest, named := strings.Cut(name, ":")
	if name == "" {
		return nil, errNoName
	}
	var partly []func() (driver.Reader, error)
	var names []string
	var why []error
	for _, f := range Families() {
		mine := named && f.Name() == family
		if named && !mine && known(family) {
			continue
		}
		want := name
		if mine {
			want = rest
		}
		found, err := f.List(ctx)
		if err != nil {
			why = append(why, fmt.Errorf("%s: %w", f.Name(), err))
		}
		for _, one := range found {
			n := one.Identity.Name
			if n == want {
				return f.Open(ctx, n)
			}
			if strings.Contains(strings.ToLower(n), strings.ToLower(want)) {
				partly = append(partly, func() (driver.Reader, error) { return f.Open(ctx, n) })
				names = append(names, n)
			}
		}
		if mine && len(partly) == 0 && (err == nil || errors.Is(err, driver.ErrNotFound)) {
			return f.Open(ctx, rest)
		}
	}
	switch {
	case len(partly) == 1:
		return partly[0]()
	case len(partly) > 1:
		return nil, fmt.Errorf("%w: %s", ErrAmbiguous, strings.Join(names, ", "))
	}
	return nil, errors.Join(append([]error{fmt.Errorf("%w: %q; see emv readers", driver.ErrNotFound, name)}, why...)...)
}

func known(family string) bool {
	for _, f := range Families() {
		if f.Name() == family {
			return true
		}
	}
	return false
}

// Choose returns the interface to look for a card at: the one that is asked for, or where a card is, or the field where
// there is one.
func Choose(ctx context.Context, r driver.Reader, asked driver.Kind) (driver.Kind, error) {
	kinds := r.Kinds()
	if asked != 0 {
		if !kinds.Has(asked) {
			return 0, fmt.Errorf("%w: the reader is %s", driver.ErrUnsupported, kinds)
		}
		return asked, nil
	}
	s, err := r.Status(ctx)
	switch {
	case err != nil:
		return 0, err
	case s.Present.Has(driver.Contact):
		return driver.Contact, nil
	case kinds.Has(driver.Contactless):
		return driver.Contactless, nil
	case kinds.Has(driver.Contact):
		return driver.Contact, nil
	}
	return 0, fmt.Errorf("%w: the reader is %s", driver.ErrUnsupported, kinds)
}

// Connect waits for a card and returns a session in which it is reset or activated.
func Connect(ctx context.Context, r driver.Reader, kind driver.Kind) (driver.Session, error) {
	session, err := OpenSession(ctx, r, kind)
	if err != nil {
		return nil, err
	}
	switch s := session.(type) {
	case kernel.Field:
		err = s.Activate(ctx)
	case contact.Slot:
		_, err = s.Reset(ctx, false)
	}
	if err != nil {
		_ = session.Close()
		return nil, err
	}
	return session, nil
}

// OpenSession begins a session. At a slot it waits for a card.
func OpenSession(ctx context.Context, r driver.Reader, kind driver.Kind) (driver.Session, error) {
	for {
		session, err := r.Open(ctx, kind)
		if err == nil || !errors.Is(err, kernel.ErrRemoved) {
			return session, err
		}
		if _, err := r.Wait(ctx); err != nil {
			return nil, err
		}
	}
}
