package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
)

// Status is what became of a case.
type Status string

// The statuses. StatusError is a case that could not be judged: its configuration was refused, its random bytes ran out,
// a bug.
const (
	Pass        Status = "pass"
	Fail        Status = "fail"
	StatusError Status = "error"
	Skip        Status = "skip"
)

// Result is what became of one case.
type Result struct {
	Case       *Case
	Status     Status
	Why        string         // for Skip the feature that is missing, for StatusError and some failures what happened
	Got        map[string]any // on the keys that are wanted
	Mismatches []Mismatch
	Took       time.Duration
}

// Counts are the results of a run, counted.
type Counts struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Errors  int `json:"errors"`
	Skipped int `json:"skipped"`
}

// ExitClass returns 0 when nothing failed and 1 otherwise. Class 2, a file that could not be read, is that of a
// *LoadError.
func (c Counts) ExitClass() int {
	if c.Failed > 0 || c.Errors > 0 {
		return 1
	}
	return 0
}

// String returns the counts in one line.
func (c Counts) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d errors, %d skipped", c.Passed, c.Failed, c.Errors, c.Skipped)
}

func (c *Counts) add(s Status) {
	switch s {
	case Pass:
		c.Passed++
	case Fail:
		c.Failed++
	case StatusError:
		c.Errors++
	case Skip:
		c.Skipped++
	}
}

// Options say which cases run and how. The zero value runs all, one after the other.
type Options struct {
	Workers int    // cases that run at a time; 0 is 1. The order of results does not depend on it
	Filter  Filter // which cases; the zero Filter takes all
	Shard   Shard  // which part of them; the zero Shard is all

	// Trace, where it is set, is asked once a case for a place to write the dialogue of its card to. The text is masked.
	Trace func(c *Case) (TraceWriter, error)
}

// Run runs cases and hands each result to the reporter, in the order of suites and cases. The error is the reporter's, or
// a trace's, or ctx's.
func Run(ctx context.Context, suites []*Suite, o Options, to Reporter) (Counts, error) {
	cases := pick(suites, o)
	if err := to.Begin(len(cases)); err != nil {
		return Counts{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := start(ctx, cases, o)
	var counts Counts
	for i := range cases {
		r := <-results[i]
		if r.err != nil {
			return counts, r.err
		}
		counts.add(r.Status)
		if err := to.Case(r.Result); err != nil {
			return counts, err
		}
	}
	return counts, to.End(counts)
}

func pick(suites []*Suite, o Options) []*Case {
	var cases []*Case
	n := 0
	for _, s := range suites {
		for i := range s.Cases {
			if !o.Filter.Match(&s.Cases[i]) {
				continue
			}
			if o.Shard.has(n) {
				cases = append(cases, &s.Cases[i])
			}
			n++
		}
	}
	return cases
}

type delivery struct {
	Result
	err error
}

// start runs the cases on workers; each delivers into the place of its case.
func start(ctx context.Context, cases []*Case, o Options) []chan delivery {
	results := make([]chan delivery, len(cases))
	for i := range results {
		results[i] = make(chan delivery, 1)
	}
	table := runTable()
	var next int
	var mu sync.Mutex
	take := func() int {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1
	}
	for range min(max(o.Workers, 1), max(len(cases), 1)) {
		go func() {
			for i := take(); i < len(cases); i = take() {
				if err := ctx.Err(); err != nil {
					results[i] <- delivery{err: err}
					continue
				}
				r, err := runCase(ctx, cases[i], table, o.Trace)
				results[i] <- delivery{r, err}
			}
		}()
	}
	return results
}

// skipError says which feature a case needs and this build lacks.
type skipError struct{ feature string }

func (e *skipError) Error() string { return e.feature }

func lacks(format string, args ...any) error { return &skipError{fmt.Sprintf(format, args...)} }

// answerError is an error that is what the run was to find out: a parser's refusal. Unwanted, it is a failure and not an
// error of the case.
type answerError struct{ error }

func (e answerError) Unwrap() error { return e.error }

// runCase runs one case and judges it.
func runCase(ctx context.Context, c *Case, table map[string]runFunc, trace func(*Case) (TraceWriter, error)) (Result, error) {
	r := Result{Case: c}
	t := &job{Case: c}
	if trace != nil {
		w, err := trace(c)
		if err != nil {
			return r, err
		}
		t.trace = &tracer{w: w}
	}
	began := time.Now()
	got, err := t.perform(ctx, table)
	r.Took = time.Since(began)
	r.judge(got, err)
	return r, t.trace.close(&r)
}

// perform finds the run's function and calls it.
func (t *job) perform(ctx context.Context, table map[string]runFunc) (got map[string]any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &kernel.Error{Code: "runner.panic", Text: fmt.Sprint(p)}
		}
	}()
	f, ok := table[t.Run]
	switch {
	case !ok && known(t.Run):
		return nil, lacks("this build has no %s", t.Run)
	case !ok:
		return nil, &kernel.Error{Code: "runner.unknown_run", Text: "the format has no run " + t.Run}
	}
	if err := t.checkFeatures(); err != nil {
		return nil, err
	}
	return f(ctx, t)
}

// judge sets the status of what a run gave.
func (r *Result) judge(got map[string]any, err error) {
	if got == nil {
		got = map[string]any{}
	}
	want := r.Case.Want
	var skip *skipError
	var mismatch *replay.Mismatch
	switch {
	case errors.As(err, &skip):
		r.Status, r.Why = Skip, skip.feature
		return
	case errors.As(err, &mismatch):
		r.Status, r.Why = Fail, mismatch.Error()
		got["command"] = mismatch.Got
		r.Got = projectAll(r.Case.Want, got)
		r.Mismatches = []Mismatch{{"command", mismatch.Got, mismatch.Want}}
		return
	case err != nil:
		got["error"] = codesOf(err)
		if _, wanted := want["error"]; !wanted {
			r.Status, r.Why = StatusError, err.Error()
			if errors.As(err, new(answerError)) {
				r.Status = Fail
			}
			r.Got = projectAll(want, got)
			r.Mismatches = []Mismatch{{"error", project(nil, got["error"]), nil}}
			return
		}
	}
	r.Got = projectAll(want, got)
	r.Mismatches = compare(want, got)
	if r.Status = Pass; len(r.Mismatches) > 0 {
		r.Status = Fail
	}
}

// codesOf returns the codes that are right for an error: a refused configuration has one a fault.
func codesOf(err error) any {
	var config *kernel.ConfigError
	if errors.As(err, &config) {
		out := oneOf{config.ErrorCode()}
		for _, f := range config.Faults {
			out = append(out, f.Code)
		}
		return append(out, "config.invalid")
	}
	if code := kernel.CodeOf(err); code != "" {
		return code
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return "context.ended"
	}
	return "runner.error"
}

// job is one case while it runs.
type job struct {
	*Case
	trace *tracer
}

// runFunc computes what a run gives. It does not look at what is wanted.
type runFunc func(ctx context.Context, t *job) (map[string]any, error)

// runTable returns the runs of this build.
func runTable() map[string]runFunc {
	table := map[string]runFunc{
		"tlv.parse": runParse, "tlv.dol": runDOL,
		"oda.sda": runSDA, "oda.dda": runDDA, "oda.cda": runCDA, "oda.fdda": runFDDA,
		"contactless.preprocess": runPreprocess, "contactless.select": runSelect,
		"contactless.entrypoint": runEntryPoint, "contactless.transaction": runTransaction,
		"contact.restrictions": runRestrictions, "contact.cvm": runCVM, "contact.risk": runRisk, "contact.action": runAction,
		"magstripe.parse": runMagstripe,
		"contact.select":  runContactSelect, "contact.initiate": runContactInitiate, "contact.read": runContactRead,
		"contact.transaction": runContactTransaction,
	}
	for _, k := range kernelTable() {
		table["kernel."+k.name] = runKernelOf(k)
	}
	for name, op := range cryptoOperations() {
		table["crypto."+name] = runCrypto(op)
	}
	return table
}

// known reports whether a run is one of the format's, in this build or not.
func known(run string) bool {
	switch run {
	case "oda.xda", "kernel.C4", "kernel.C5",
		"kernel.C6", "kernel.C7", "kernel.C8", "kernel.INTERAC":
		return true
	}
	op, ok := strings.CutPrefix(run, "crypto.")
	return ok && op != ""
}

// Runs returns the names of the runs of this build, for lint and documentation.
func Runs() []string { return sortedKeys(runTable()) }
