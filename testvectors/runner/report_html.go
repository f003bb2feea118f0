package runner

import (
	"html/template"
	"io"
	"strings"
)

// HTML reports as one page without scripts and without anything to load. It is written at the end.
func HTML(w io.Writer) Reporter { return &htmlReport{w: w} }

type htmlReport struct {
	w      io.Writer
	suites []*htmlSuite
}

type htmlSuite struct {
	Name  string
	Cases []htmlCase
}

type htmlCase struct {
	ID, About, Run, Status, Refs string
	Details                      []string
	US                           int64
}

func (h *htmlReport) Begin(int) error { return nil }

func (h *htmlReport) Case(r Result) error {
	if n := len(h.suites); n == 0 || h.suites[n-1].Name != r.Case.Suite {
		h.suites = append(h.suites, &htmlSuite{Name: r.Case.Suite})
	}
	s := h.suites[len(h.suites)-1]
	s.Cases = append(s.Cases, htmlCase{
		ID: r.Case.ID, About: r.Case.About, Run: r.Case.Run, Status: string(r.Status),
		Refs: strings.Join(r.Case.Refs, "; "), Details: r.details(), US: r.Took.Microseconds(),
	})
	return nil
}

func (h *htmlReport) End(c Counts) error {
	t, err := template.New("report").Parse(htmlPage)
	if err != nil {
		return err
	}
	return t.Execute(h.w, map[string]any{"Counts": c, "Suites": h.suites})
}

const htmlPage = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Test vectors: {{.Counts}}</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; color: #222; background: #fff; }
table { border-collapse: collapse; width: 100%; margin-bottom: 2em; }
th, td { text-align: left; vertical-align: top; padding: .3em .6em; border-bottom: 1px solid #ddd; }
code { overflow-wrap: anywhere; }
.pass { color: #176b2c; } .fail, .error { color: #a11; font-weight: bold; } .skip { color: #666; }
</style>
</head>
<body>
<h1>{{.Counts}}</h1>
{{range .Suites}}<h2>{{.Name}}</h2>
<table>
<thead><tr><th>Status</th><th>Case</th><th>Run</th><th>References</th><th>µs</th></tr></thead>
<tbody>
{{range .Cases}}<tr><td class="{{.Status}}">{{.Status}}</td><td><b>{{.ID}}</b><br>{{.About}}
{{- range .Details}}<br><code>{{.}}</code>{{end}}</td><td>{{.Run}}</td><td>{{.Refs}}</td><td>{{.US}}</td></tr>
{{end}}</tbody>
</table>
{{end}}</body>
</html>
`
