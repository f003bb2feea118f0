package runner

import (
	"fmt"
	"io"
	"strings"
)

// TAP reports in the Test Anything Protocol, version 13.
func TAP(w io.Writer) Reporter { return &tapReport{w: w} }

type tapReport struct {
	w io.Writer
	n int
}

func (t *tapReport) Begin(cases int) error {
	_, err := fmt.Fprintf(t.w, "TAP version 13\n1..%d\n", cases)
	return err
}

func (t *tapReport) Case(r Result) error {
	t.n++
	verdict := "ok"
	if r.Status == Fail || r.Status == StatusError {
		verdict = "not ok"
	}
	// '#' begins a directive.
	name := strings.ReplaceAll(r.Case.Suite+"/"+r.Case.ID, "#", "_")
	line := fmt.Sprintf("%s %d - %s", verdict, t.n, name)
	if r.Status == Skip {
		line += " # SKIP " + oneLine(r.Why)
	}
	if _, err := fmt.Fprintln(t.w, line); err != nil || verdict == "ok" {
		return err
	}
	for _, d := range r.details() {
		if _, err := fmt.Fprintln(t.w, "# "+oneLine(d)); err != nil {
			return err
		}
	}
	return nil
}

func (t *tapReport) End(c Counts) error {
	_, err := fmt.Fprintf(t.w, "# %v\n", c)
	return err
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
