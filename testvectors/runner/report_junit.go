package runner

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// JUnit reports in the XML that continuous integration servers read: a testsuite a suite. It is written at the end.
func JUnit(w io.Writer) Reporter { return &junitReport{w: w} }

type junitReport struct {
	w      io.Writer
	suites []*junitSuite
}

type junitSuites struct {
	XMLName  xml.Name      `xml:"testsuites"`
	Tests    int           `xml:"tests,attr"`
	Failures int           `xml:"failures,attr"`
	Errors   int           `xml:"errors,attr"`
	Skipped  int           `xml:"skipped,attr"`
	Suites   []*junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`

	took time.Duration
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Time    string     `xml:"time,attr"`
	Failure *junitText `xml:"failure"`
	Error   *junitText `xml:"error"`
	Skipped *junitText `xml:"skipped"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func (j *junitReport) Begin(int) error { return nil }

func (j *junitReport) Case(r Result) error {
	if n := len(j.suites); n == 0 || j.suites[n-1].Name != r.Case.Suite {
		j.suites = append(j.suites, &junitSuite{Name: r.Case.Suite})
	}
	s := j.suites[len(j.suites)-1]
	c := junitCase{Class: r.Case.Suite + "." + r.Case.Run, Name: r.Case.ID, Time: seconds(r.Took)}
	text := &junitText{Text: strings.Join(r.details(), "\n")}
	if d := r.details(); len(d) > 0 {
		text.Message = d[0]
	}
	switch r.Status {
	case Pass:
	case Fail:
		s.Failures++
		c.Failure = text
	case StatusError:
		s.Errors++
		c.Error = text
	case Skip:
		s.Skipped++
		c.Skipped = text
	}
	s.Tests++
	s.took += r.Took
	s.Cases = append(s.Cases, c)
	return nil
}

func (j *junitReport) End(c Counts) error {
	all := junitSuites{Failures: c.Failed, Errors: c.Errors, Skipped: c.Skipped, Suites: j.suites}
	for _, s := range j.suites {
		s.Time = seconds(s.took)
		all.Tests += s.Tests
	}
	b, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(j.w, "%s%s\n", xml.Header, b)
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
