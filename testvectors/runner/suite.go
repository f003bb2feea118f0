package runner

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Format is the value of "format" in a suite.
const Format = "emv-vectors/1"

// Suite is one file of vectors.
type Suite struct {
	File   string // as it was given to Load
	Name   string
	About  string
	Source string
	Cases  []Case
}

// Case is one vector, defaults merged in.
type Case struct {
	Suite  string
	ID     string
	About  string
	Source string // where this case's facts come from, where it says so itself
	Refs   []string
	Run    string
	Given  *Given
	Want   map[string]any // checked: every key is one of the format and of its type

	given map[string]any // as it stands, for lint
}

// LoadError is everything that keeps suites from being run.
type LoadError struct{ Problems []Problem }

func (e *LoadError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// ExitClass returns 2: a file could not be read as this format.
func (*LoadError) ExitClass() int { return 2 }

// ErrorCode returns the code of the first problem.
func (e *LoadError) ErrorCode() string { return e.Problems[0].Code }

// Load reads suites from files and folders. A folder stands for every *.json file below it, in the order of their names,
// apart from those that are plainly something else: with a "$schema", with another "format", or with none of the keys of
// a suite. The error is a *LoadError; the suites that could be read come with it.
func Load(paths ...string) ([]*Suite, error) {
	var suites []*Suite
	var problems []Problem
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			problems = append(problems, Problem{File: p, Code: CodeRead, Text: reason(err)})
			continue
		}
		dir, name := filepath.Split(p)
		if info.IsDir() {
			dir, name = p, "."
		}
		if dir == "" {
			dir = "."
		}
		s, err := LoadFS(os.DirFS(dir), name)
		for _, one := range s {
			one.File = filepath.Join(dir, one.File)
		}
		var le *LoadError
		if errors.As(err, &le) {
			for _, pr := range le.Problems {
				pr.File = filepath.Join(dir, pr.File)
				problems = append(problems, pr)
			}
		}
		suites = append(suites, s...)
	}
	if len(suites) == 0 && len(problems) == 0 {
		problems = append(problems, Problem{File: strings.Join(paths, " "), Code: CodeRead, Text: "no suite there"})
	}
	if len(problems) > 0 {
		return suites, &LoadError{problems}
	}
	return suites, nil
}

// LoadFS is Load on a file system.
func LoadFS(fsys fs.FS, names ...string) ([]*Suite, error) {
	var suites []*Suite
	var problems []Problem
	for _, name := range names {
		files, named, err := listFiles(fsys, name)
		if err != nil {
			problems = append(problems, Problem{File: name, Code: CodeRead, Text: reason(err)})
			continue
		}
		for _, f := range files {
			data, err := fs.ReadFile(fsys, f)
			if err != nil {
				problems = append(problems, Problem{File: f, Code: CodeRead, Text: reason(err)})
				continue
			}
			s, found := readSuite(f, data, named)
			if s != nil {
				suites = append(suites, s)
			}
			problems = append(problems, found...)
		}
	}
	if len(problems) > 0 {
		return suites, &LoadError{problems}
	}
	return suites, nil
}

// Parse reads one suite.
func Parse(name string, data []byte) (*Suite, error) {
	s, problems := readSuite(name, data, true)
	if len(problems) > 0 {
		return s, &LoadError{problems}
	}
	return s, nil
}

// listFiles returns the files that a name stands for, and whether it names one itself.
func listFiles(fsys fs.FS, name string) (files []string, named bool, err error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, false, err
	}
	if !info.IsDir() {
		return []string{name}, true, nil
	}
	err = fs.WalkDir(fsys, name, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Ext(p) == ".json" {
			files = append(files, p)
		}
		return err
	})
	slices.Sort(files)
	return files, false, err
}

func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// readSuite reads one file. It returns no suite and no problem for a file that nobody named and that says it is
// something else.
func readSuite(file string, data []byte, named bool) (*Suite, []Problem) {
	s := &sink{file: file}
	tree, err := parseJSON(data)
	if err != nil {
		s.add("", CodeJSON, "%v", err)
		return nil, s.problems
	}
	if !named && otherFormat(tree) {
		return nil, nil
	}
	o := s.object("", tree)
	if o.m == nil {
		s.add("", CodeType, "must be an object")
		return nil, s.problems
	}
	if f, ok := o.take("format"); !ok || f != Format {
		s.add("format", CodeFormat, "must be %q", Format)
		return nil, s.problems
	}
	suite := &Suite{File: file, Name: o.text("suite"), About: o.text("about"), Source: o.text("source")}
	if suite.Name == "" {
		s.add("suite", CodeMissing, "a suite needs a name")
	}
	s.suite = suite.Name
	defaults, ok := o.take("defaults")
	if ok {
		d := s.object("defaults", defaults)
		for _, k := range caseKeys {
			d.take(k)
		}
		d.done()
	}
	seen := map[string]bool{}
	if _, ok := o.m["cases"]; !ok {
		s.add("cases", CodeMissing, "a suite needs cases")
	}
	for _, c := range o.objects("cases") {
		suite.Cases = append(suite.Cases, readCase(s, c, defaults, seen))
	}
	s.id = ""
	o.done()
	return suite, s.problems
}

// otherFormat reports whether a file says that it is no suite.
func otherFormat(tree any) bool {
	m, ok := tree.(map[string]any)
	if !ok {
		return false
	}
	if _, ok := m["$schema"]; ok {
		return true
	}
	if f, ok := m["format"].(string); ok {
		return !strings.HasPrefix(f, "emv-vectors/")
	}
	for _, key := range []string{"format", "suite", "cases"} {
		if _, ok := m[key]; ok {
			return false
		}
	}
	return true
}

// caseKeys are the keys of a case. The last three are notes for people: where the case comes from and how far it is to be
// trusted.
var caseKeys = []string{"id", "about", "refs", "run", "given", "want", "source", "provenance", "note"}

func readCase(s *sink, raw *object, defaults any, seen map[string]bool) Case {
	id, _ := raw.m["id"].(string)
	s.id = id
	if id == "" {
		s.add(raw.path, CodeMissing, "a case needs an id")
	} else if seen[id] {
		s.add("id", CodeTwice, "the id is there twice")
	}
	seen[id] = true
	merged, _ := merge(defaults, raw.m).(map[string]any)
	o := &object{sink: s, m: merged}
	c := Case{
		Suite: s.suite, ID: o.text("id"), About: o.text("about"), Source: o.text("source"),
		Refs: o.texts("refs"), Run: o.text("run"),
	}
	o.text("provenance")
	o.text("note")
	if c.Run == "" {
		s.add("run", CodeMissing, "a case needs a run")
	}
	given, _ := o.take("given")
	c.given, _ = given.(map[string]any)
	c.Given = readGiven(s.object("given", given))
	want, _ := o.take("want")
	c.Want = readWant(s.object("want", want))
	o.done()
	return c
}
