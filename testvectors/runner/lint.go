package runner

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// The codes of what lint finds besides the problems of loading.
const (
	LintAbout      = "lint.about"       // a suite or a case says nothing about itself
	LintSource     = "lint.source"      // a suite does not say where its facts come from
	LintRefs       = "lint.refs"        // a case cites no rule
	LintRef        = "lint.ref"         // a reference to no book that is known
	LintRun        = "lint.run"         // a run that the format does not have
	LintWant       = "lint.want"        // a case that asks for nothing
	LintHexCase    = "lint.hex_case"    // hexadecimal in both cases
	LintFeature    = "lint.feature"     // a feature that nobody knows, or that changes nothing in this run
	LintSuiteTwice = "lint.suite_twice" // two files with the same suite name
	LintOtherwise  = "lint.otherwise"   // a strict script with an answer to everything else, which it never gives
)

// Lint reads suites as Load does and reports, beside what keeps them from being run, what makes them worth less. Problems
// come in the order of files and cases.
func Lint(paths ...string) []Problem {
	suites, err := Load(paths...)
	return lint(suites, err)
}

// LintFS is Lint on a file system.
func LintFS(fsys fs.FS, names ...string) []Problem {
	suites, err := LoadFS(fsys, names...)
	return lint(suites, err)
}

// WriteProblems writes problems, one a line, and returns the exit class: 0 without any, 2 where one keeps a suite from being
// run, 1 otherwise.
func WriteProblems(w io.Writer, problems []Problem) (class int, err error) {
	for _, p := range problems {
		if strings.HasPrefix(p.Code, "suite.") {
			class = 2
		}
		class = max(class, 1)
		if _, err := fmt.Fprintln(w, p); err != nil {
			return class, err
		}
	}
	return class, nil
}

func lint(suites []*Suite, err error) []Problem {
	var out []Problem
	var le *LoadError
	if errors.As(err, &le) {
		out = append(out, le.Problems...)
	}
	seen := map[string]string{}
	for _, s := range suites {
		p := &sink{file: s.File, suite: s.Name}
		if s.About == "" {
			p.add("about", LintAbout, "the suite says nothing about itself")
		}
		if s.Source == "" {
			p.add("source", LintSource, "the suite does not say where its facts come from")
		}
		if first, twice := seen[s.Name]; twice {
			p.add("suite", LintSuiteTwice, "the name is that of %s, too", first)
		}
		seen[s.Name] = s.File
		for i := range s.Cases {
			lintCase(p, &s.Cases[i])
		}
		out = append(out, p.problems...)
	}
	return out
}

func lintCase(p *sink, c *Case) {
	p.id = c.ID
	if c.About == "" {
		p.add("about", LintAbout, "the case says nothing about itself")
	}
	if len(c.Refs) == 0 {
		p.add("refs", LintRefs, "the case cites no rule")
	}
	for _, r := range c.Refs {
		if ref := ParseRef(r); ref.Place == "" && strings.HasPrefix(strings.ToLower(r), "book") {
			p.add("refs", LintRef, "%q names no place in a book", r)
		}
	}
	if _, ok := runTable()[c.Run]; !ok && !known(c.Run) {
		p.add("run", LintRun, "the format has no run %q", c.Run)
	}
	if len(c.Want) == 0 {
		p.add("want", LintWant, "the case asks for nothing")
	}
	for _, f := range c.Given.features() {
		switch _, ok := featureRuns()[f]; {
		case !ok:
			p.add("given.terminal_does", LintFeature, "nobody knows the feature %q", f)
		case !reached(f, c.Run):
			p.add("given.terminal_does", LintFeature, "the feature %q changes nothing in %s", f, c.Run)
		}
	}
	for i := range c.Given.Applications {
		a := &c.Given.Applications[i]
		served := a.combination(c.Given.Terminal).Kernel
		for _, key := range a.Options.keys {
			if !slices.Contains(optionKernels()[key], served) {
				p.add(fmt.Sprintf("given.applications[%d].options", i), LintFeature, "kernel %v has no option %q", served, key)
			}
		}
	}
	for _, card := range c.Given.Cards {
		if card.Script != nil && !card.Script.AnyOrder && card.Script.Otherwise != nil {
			p.add("given.card.otherwise", LintOtherwise, "a strict script never answers otherwise")
		}
	}
	lintHexCase(p, "given", c.given)
	lintHexCase(p, "want", c.Want)
}

// prose are the keys whose values are text that happens to look like hexadecimal at times.
var prose = []string{"track1", "track2", "track3", "language", "label", "error", "result", "pan", "pin", "fields"}

// lintHexCase reports text of an even length with digits of both cases.
func lintHexCase(p *sink, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range sortedKeys(v) {
			if !slices.Contains(prose, k) {
				lintHexCase(p, join(path, k), v[k])
			}
		}
	case []any:
		for _, one := range v {
			lintHexCase(p, path, one)
		}
	case string:
		if len(v)%2 == 0 && strings.Trim(v, "0123456789abcdefABCDEF.") == "" &&
			strings.ContainsAny(v, "abcdef") && strings.ContainsAny(v, "ABCDEF") {
			p.add(path, LintHexCase, "hexadecimal in upper and lower case")
		}
	}
}
