package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	capture      string
	names, capks []string
	unmasked     bool
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
	flags.StringArrayVar(&f.names, "reader", nil, "take real cards at this reader, as emv readers names it, or msr:PATH,\ndevice:PATH; repeatable")
	flags.StringArrayVar(&f.capks, "capk", nil, "file with the CA public keys that verify real cards (crypto/capk/README.md), or\n"+
		"test, production: those that come with emv; repeatable (default: test)")
	for _, other := range []string{"card", "fault", "set"} {
		cmd.MarkFlagsMutuallyExclusive("reader", other)
	}
}

// prepare opens the readers and lets the order have its cards. end closes them. What was left out of key files is said on w.
func (f *payReader) prepare(ctx context.Context, o *pay.Order, w io.Writer) (end func(), err error) {
	o.Capture = f.capture != ""
	if f.unmasked && !o.Capture {
		return nil, usage("--unmasked is for --trace=FILE")
	}
	if len(f.names) == 0 {
		if len(f.capks) > 0 {
			return nil, usage("--capk is for --reader: the simulated cards are made with the test keys")
		}
		return func() {}, nil
	}
	if o.CAPKs, err = loadCAPKs(f.capks, w); err != nil {
		return nil, err
	}
	end = func() {
		for _, r := range o.From {
			_ = r.Close()
		}
	}
	if err = f.open(ctx, o); err != nil {
		end()
		return nil, err
	}
	return end, nil
}

// open opens the readers and says what of them is used: what is asked for, or all that they have.
func (f *payReader) open(ctx context.Context, o *pay.Order) error {
	var has driver.Kind
	for _, name := range f.names {
		r, err := devices.Open(ctx, name)
		if err != nil {
			return err
		}
		o.From = append(o.From, r)
		if both := has & r.Kinds(); both != 0 {
			return &kernel.Error{Code: "input.reader", Text: "two readers are " + both.String()}
		}
		has |= r.Kinds()
	}
	for _, on := range o.Use {
		if !has.Has(pay.KindOf(on)) {
			return fmt.Errorf("%w: the reader is %s", driver.ErrUnsupported, has)
		}
	}
	if len(o.Use) > 0 {
		return nil
	}
	for _, on := range []profile.Interface{profile.Tap, profile.Insert, profile.Stripe} {
		if has.Has(pay.KindOf(on)) {
			o.Use = append(o.Use, on)
		}
	}
	if len(o.Use) == 0 {
		return fmt.Errorf("%w: the reader has no interface for cards", driver.ErrUnsupported)
	}
	return nil
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
	switch {
	case len(r.Captures) == 0:
		verdict = "empty, no chip was talked to"
	case f.unmasked:
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
