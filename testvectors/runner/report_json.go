package runner

import (
	"encoding/json"
	"io"
)

// JSON reports one object a line: suite, case, status, got, want, refs and us (microseconds); why where a case was
// skipped or could not be judged. The last line has the counts.
func JSON(w io.Writer) Reporter {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return &jsonReport{e}
}

type jsonReport struct{ e *json.Encoder }

type jsonLine struct {
	Suite  string         `json:"suite"`
	Case   string         `json:"case"`
	Status Status         `json:"status"`
	Why    string         `json:"why,omitempty"`
	Got    map[string]any `json:"got"`
	Want   map[string]any `json:"want"`
	Refs   []string       `json:"refs"`
	US     int64          `json:"us"`
}

func (j *jsonReport) Begin(int) error { return nil }

func (j *jsonReport) Case(r Result) error {
	l := jsonLine{
		Suite: r.Case.Suite, Case: r.Case.ID, Status: r.Status, Why: r.Why, Got: r.Got, Want: r.Case.Want,
		Refs: r.Case.Refs, US: r.Took.Microseconds(),
	}
	if l.Got == nil {
		l.Got = map[string]any{}
	}
	if l.Want == nil {
		l.Want = map[string]any{}
	}
	if l.Refs == nil {
		l.Refs = []string{}
	}
	return j.e.Encode(l)
}

func (j *jsonReport) End(c Counts) error { return j.e.Encode(c) }
