package runner

import (
	"fmt"
	"io"
	"strings"
)

// Reporter writes results somewhere, in the order in which it is given them.
type Reporter interface {
	Begin(cases int) error
	Case(Result) error
	End(Counts) error
}

// Formats lists the names that NewReporter knows.
func Formats() []string { return []string{"text", "json", "junit", "tap", "html"} }

// NewReporter returns the reporter of a format.
func NewReporter(format string, w io.Writer) (Reporter, error) {
	switch format {
	case "text":
		return Text(w), nil
	case "json":
		return JSON(w), nil
	case "junit":
		return JUnit(w), nil
	case "tap":
		return TAP(w), nil
	case "html":
		return HTML(w), nil
	}
	return nil, fmt.Errorf("no format %q: there are %s", format, strings.Join(Formats(), ", "))
}

// details returns what is wrong with a case, line by line.
func (r *Result) details() []string {
	var out []string
	if r.Why != "" {
		out = append(out, r.Why)
	}
	for _, m := range r.Mismatches {
		if r.Status == StatusError && m.Key == "error" {
			continue // Why says it
		}
		out = append(out, fmt.Sprintf("%s: got %s, want %s", m.Key, compact(m.Got), compact(m.Want)))
	}
	return out
}
