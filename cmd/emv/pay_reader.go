package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/devices"
	"github.com/cardwright/emv/cmd/emv/internal/pay"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/testvectors/capture"
	"github.com/cardwright/emv/testvectors/runner"
)

// payReader are the flags of emv pay about a real reader and about taking a payment down.
type payReader struct {
	name, capture string
	unmasked      bool
}

// traceValue is --trace: alone it prints, with a value it names the file of a capture.
type traceValue struct {
	print *bool
	file  *string
}

const traceAlone = "screen"

func (t traceValue) String() string { return "" }
func (t traceValue) Type() string   { return "FILE" }

// Set takes the flag.
func (t traceValue) Set(v string) error {
	switch v {
	case traceAlone, "true":
		*t.print = true
	case "false":
		*t.print = false
	case "":
		return errors.New("no file")
	default:
		*t.file = v
	}
	return nil
}

// flags defines them.
func (f *payReader) flags(cmd *cobra.Command, trace *bool) {
	flags := cmd.Flags()
	flags.Var(traceValue{trace, &f.capture}, "trace", "print commands, answers and the kernel's steps, masked; --trace=FILE writes a\n"+
		"capture, a suite for emv vectors run")
	flags.Lookup("trace").NoOptDefVal = traceAlone
	flags.BoolVar(&f.unmasked, "unmasked", false, "a capture with card numbers, which is the only one that can be replayed")
	flags.StringVar(&f.name, "reader", "", "take the card in this reader, as emv readers names it")
	for _, other := range []string{"card", "fault", "set", "swipe"} {
		cmd.MarkFlagsMutuallyExclusive("reader", other)
	}
}

// prepare opens the reader and lets the order have its cards. end closes it.
func (f *payReader) prepare(ctx context.Context, o *pay.Order) (end func(), err error) {
	o.Capture = f.capture != ""
	if f.unmasked && !o.Capture {
		return nil, usage("--unmasked is for --trace=FILE")
	}
	if f.name == "" {
		return func() {}, nil
	}
	r, err := devices.Open(ctx, f.name)
	if err != nil {
		return nil, err
	}
	end = func() { _ = r.Close() }
	if o.Use, err = interfacesOf(ctx, r, o.Use); err != nil {
		end()
		return nil, err
	}
	o.Reader = r.Identity().Name
	o.Source = func(ctx context.Context, on profile.Interface) (kernel.Card, func(), error) {
		session, err := devices.OpenSession(ctx, r, kindOf(on))
		if err != nil {
			return nil, nil, err
		}
		return session, func() { _ = session.Close() }, nil
	}
	return end, nil
}

func kindOf(on profile.Interface) driver.Kind {
	if on == profile.Insert {
		return driver.Contact
	}
	return driver.Contactless
}

// interfacesOf returns what of a reader is used: what is asked for, or the interface where a card is or will be.
func interfacesOf(ctx context.Context, r driver.Reader, asked []profile.Interface) ([]profile.Interface, error) {
	if len(asked) == 0 {
		kind, err := devices.Choose(ctx, r, 0)
		if kind == driver.Contact {
			return []profile.Interface{profile.Insert}, err
		}
		return []profile.Interface{profile.Tap}, err
	}
	if i := slices.IndexFunc(asked, func(on profile.Interface) bool { return !r.Kinds().Has(kindOf(on)) }); i >= 0 {
		return nil, fmt.Errorf("%w: the reader is %s", driver.ErrUnsupported, r.Kinds())
	}
	return asked, nil
}

// write writes the capture, and says on standard error whether it can be replayed.
func (f *payReader) write(cmd *cobra.Command, r *pay.Report) error {
	if f.capture == "" {
		return nil
	}
	name := strings.TrimSuffix(filepath.Base(f.capture), ".json")
	data, err := capture.Suite(name, f.unmasked, r.Captures...)
	if err == nil {
		err = writePrivate(f.capture, data)
	}
	if err != nil {
		return err
	}
	verdict := "masked, for reading only"
	if f.unmasked {
		if verdict, err = replays(cmd.Context(), name, data); err != nil {
			return err
		}
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "capture %s: %s\n", f.capture, verdict)
	return nil
}

// writePrivate writes a file that nobody else can read, one that is there already included: it may hold card data.
func writePrivate(name string, data []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return &kernel.Error{Code: "input.trace", Text: err.Error()}
	}
	if info, e := file.Stat(); e == nil && info.Mode().IsRegular() {
		err = file.Chmod(0o600)
	}
	if err == nil {
		_, err = file.Write(data)
	}
	if e := file.Close(); err == nil {
		err = e
	}
	return err
}

// replays runs a capture and says what came of it.
func replays(ctx context.Context, name string, data []byte) (string, error) {
	suite, err := runner.Parse(name, data)
	if err != nil {
		return "", err
	}
	var seen verdicts
	counts, err := runner.Run(ctx, []*runner.Suite{suite}, runner.Options{}, &seen)
	if err != nil || counts.ExitClass() == exitOK && counts.Skipped == 0 {
		return "replays", err
	}
	return "does not replay: " + strings.Join(seen, "; "), nil
}

// verdicts keeps why cases did not pass (runner.Reporter).
type verdicts []string

// Begin begins.
func (*verdicts) Begin(int) error { return nil }

// Case looks at one.
func (v *verdicts) Case(r runner.Result) error {
	if r.Status == runner.Pass {
		return nil
	}
	text := r.Case.ID + " " + string(r.Status)
	for _, m := range r.Mismatches {
		text += ", " + m.Key + " differs"
	}
	*v = append(*v, text)
	return nil
}

// End ends.
func (*verdicts) End(runner.Counts) error { return nil }
