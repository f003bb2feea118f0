package runner

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
)

// TraceWriter is where the trace of one case goes.
type TraceWriter interface{ io.WriteCloser }

// TraceDir makes traces in a folder: one file a case, SUITE/ID.txt.
func TraceDir(dir string) func(*Case) (TraceWriter, error) {
	return func(c *Case) (TraceWriter, error) {
		sub := filepath.Join(dir, fileName(c.Suite))
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return nil, err
		}
		return os.Create(filepath.Join(sub, fileName(c.ID)+".txt"))
	}
}

// fileName makes a name that every file system takes.
func fileName(s string) string {
	out := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '_'
	}, s)
	if strings.Trim(out, ".") == "" {
		return "_" + out
	}
	return out
}

// tracer writes what happens in a case, line by line. Card data are masked: events mask themselves. A nil tracer writes
// nothing.
type tracer struct {
	w   TraceWriter
	buf *bufio.Writer
}

func (t *tracer) line(format string, args ...any) {
	if t == nil {
		return
	}
	if t.buf == nil {
		t.buf = bufio.NewWriter(t.w)
	}
	fmt.Fprintf(t.buf, format+"\n", args...)
}

func (t *tracer) event(e kernel.Event) {
	if t == nil {
		return
	}
	switch e := e.(type) {
	case kernel.ExchangeEvent:
		t.line("card > %v", e.Command)
		if e.Err != nil {
			t.line("card < %v", e.Err)
			return
		}
		t.line("card < %v  (%v)", e.Response, e.Took)
	case kernel.StepEvent:
		t.line("step %s (%s)", e.Name, e.Ref)
	case kernel.DecisionEvent:
		t.line("rule %v", e.Reason)
	case kernel.DataEvent:
		t.line("data %v %s", e.Tag, e.Why)
	case contactless.PreprocessedEvent:
		t.line("pre  %v kernel %v allowed=%v ttq=%X", e.Combination.AID, e.Combination.Kernel, !e.Indicators.NotAllowed,
			e.Indicators.TTQ)
	case contactless.CandidatesEvent:
		for _, c := range e.Candidates {
			t.line("list %v kernel %v priority %d", c.ADF, c.Kernel, c.Priority)
		}
	case contactless.ActivationEvent:
		t.line("run  kernel %v on %v start %v restart=%v", e.Kernel, e.ADF, e.Start, e.Restart)
	case contactless.OutcomeEvent:
		t.line("out  %v start %v cvm %v: %v", e.Outcome.Kind, e.Outcome.Start, e.Outcome.CVM, e.Outcome.Why)
	default:
		t.line("note %s", e.Kind())
	}
}

// close ends the trace with the verdict.
func (t *tracer) close(r *Result) error {
	if t == nil {
		return nil
	}
	t.line("==== %s/%s (%s): %s %s", r.Case.Suite, r.Case.ID, r.Case.Run, r.Status, r.Why)
	for _, m := range r.Mismatches {
		t.line("     %s differs", m.Key)
	}
	err := t.buf.Flush()
	if e := t.w.Close(); err == nil {
		err = e
	}
	return err
}
