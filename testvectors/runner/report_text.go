package runner

import (
	"fmt"
	"io"
	"strings"
)

// Text reports for people: one line a case that did not pass, with what is wrong below it, and the counts.
func Text(w io.Writer) Reporter { return &textReport{w} }

type textReport struct{ w io.Writer }

func (t *textReport) Begin(int) error { return nil }

func (t *textReport) Case(r Result) error {
	if r.Status == Pass {
		return nil
	}
	refs := ""
	if len(r.Case.Refs) > 0 && r.Status != Skip {
		refs = "  [" + strings.Join(r.Case.Refs, "; ") + "]"
	}
	_, err := fmt.Fprintf(t.w, "%-5s %s/%s%s\n", r.Status, r.Case.Suite, r.Case.ID, refs)
	for _, d := range r.details() {
		if err == nil {
			_, err = fmt.Fprintf(t.w, "      %s\n", d)
		}
	}
	return err
}

func (t *textReport) End(c Counts) error {
	_, err := fmt.Fprintln(t.w, c)
	return err
}
