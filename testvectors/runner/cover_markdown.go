package runner

import (
	"fmt"
	"io"
	"strings"
)

// coverageHead is what stands above the matrix.
const coverageHead = `# Which rule is tested by which vectors

Made from the references in the code and in the suites; do not edit. After a rule or a case is added:

	go test ./testvectors -run TestRulesFile -update

A rule is a place of a book that the code cites. **cases** are vectors that cite exactly this place, **sections** those that
cite a section above or below it. A rule with neither is tested in Go, by the tests beside the file that cites it: the
cryptography with known answers of others, the tables of the dictionary, what a driver may do.

`

// WriteMarkdown writes the whole matrix, a table a book.
func (c *Coverage) WriteMarkdown(w io.Writer) (int64, error) {
	var b strings.Builder
	b.WriteString(coverageHead)
	b.WriteString("| book | rules | by cases | by sections | in Go |\n| --- | --- | --- | --- | --- |\n")
	books := c.byBook()
	for _, rules := range books {
		var exact, section, none int
		for _, r := range rules {
			switch {
			case len(r.Cases) > 0:
				exact++
			case len(r.Partly) > 0:
				section++
			default:
				none++
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", ParseRef(rules[0].Rule.Rule).Book, len(rules), exact, section, none)
	}
	for _, rules := range books {
		fmt.Fprintf(&b, "\n## %s\n\n| rule | cases | sections | code |\n| --- | --- | --- | --- |\n", ParseRef(rules[0].Rule.Rule).Book)
		for _, r := range rules {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", place(r.Rule.Rule), counted(r.Cases), counted(r.Partly), strings.Join(r.In, " "))
		}
	}
	if len(c.Stray) > 0 {
		b.WriteString("\n## References that no code cites\n\n| reference | cases |\n| --- | --- |\n")
		for _, s := range c.Stray {
			fmt.Fprintf(&b, "| %s | %s |\n", s.Ref, counted(s.Cases))
		}
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// byBook returns the rules of each book, in their order.
func (c *Coverage) byBook() [][]RuleCoverage {
	var books [][]RuleCoverage
	last := ""
	for _, r := range c.Rules {
		if book := ParseRef(r.Rule.Rule).Book; len(books) == 0 || book != last {
			books, last = append(books, nil), book
		}
		books[len(books)-1] = append(books[len(books)-1], r)
	}
	return books
}

// place returns a rule without its book.
func place(rule string) string {
	if p := ParseRef(rule).Place; p != "" {
		return p
	}
	return "whole"
}

// counted shows a list by its number and its first element.
func counted(cases []string) string {
	if len(cases) == 0 {
		return ""
	}
	return fmt.Sprintf("%d: %s", len(cases), cases[0])
}
