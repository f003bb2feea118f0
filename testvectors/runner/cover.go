package runner

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Coverage sets the rules that code cites against the references of vectors. Two of them that are equal cover each
// other. Where one is a section above the other ("Book B, 3.1.1" and "Book B, 3.1.1.5") they do so partly: a case that
// cites a whole section need not reach every rule in it.
type Coverage struct {
	Rules []RuleCoverage // in the order of books and places
	Stray []StrayRef     // references of vectors that no rule of the code answers to
}

// RuleCoverage is a rule and the cases that cite it.
type RuleCoverage struct {
	Rule
	Cases  []string // suite/id of those that cite exactly this
	Partly []string // suite/id of those that cite a section above or below it
}

// StrayRef is a reference without a rule, and the cases that have it.
type StrayRef struct {
	Ref   string
	Cases []string
}

// Cover computes the coverage.
func Cover(rules []Rule, suites []*Suite) Coverage {
	cited := map[Ref][]string{}
	for _, s := range suites {
		for i := range s.Cases {
			c := &s.Cases[i]
			for _, r := range c.Refs {
				ref := ParseRef(r)
				cited[ref] = append(cited[ref], s.Name+"/"+c.ID)
			}
		}
	}
	var out Coverage
	met := map[Ref]bool{}
	for _, r := range rules {
		ref := ParseRef(r.Rule)
		one := RuleCoverage{Rule: r}
		for c, cases := range cited {
			switch {
			case c == ref:
				one.Cases = append(one.Cases, cases...)
				met[c] = true
			case c.Place != "" && (c.Within(ref) || ref.Within(c)):
				one.Partly = append(one.Partly, cases...)
				met[c] = true
			}
		}
		slices.Sort(one.Cases)
		slices.Sort(one.Partly)
		out.Rules = append(out.Rules, one)
	}
	for c, cases := range cited {
		if !met[c] {
			slices.Sort(cases)
			out.Stray = append(out.Stray, StrayRef{c.String(), cases})
		}
	}
	slices.SortFunc(out.Stray, func(a, b StrayRef) int { return compareRefs(a.Ref, b.Ref) })
	return out
}

// Uncovered returns the rules that no case cites, not even partly.
func (c *Coverage) Uncovered() []RuleCoverage {
	var out []RuleCoverage
	for _, r := range c.Rules {
		if len(r.Cases) == 0 && len(r.Partly) == 0 {
			out = append(out, r)
		}
	}
	return out
}

// WriteTo writes the coverage for people: rules without a vector, rules that are covered partly, vectors without a rule,
// and the counts.
func (c *Coverage) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	full, partly, none := 0, 0, 0
	for _, r := range c.Rules {
		switch {
		case len(r.Cases) > 0:
			full++
		case len(r.Partly) > 0:
			partly++
			fmt.Fprintf(&b, "partly  %s  (%s; %s)\n", r.Rule.Rule, strings.Join(r.In, " "), first(r.Partly))
		default:
			none++
			fmt.Fprintf(&b, "none    %s  (%s)\n", r.Rule.Rule, strings.Join(r.In, " "))
		}
	}
	for _, s := range c.Stray {
		fmt.Fprintf(&b, "no rule %s  (%s)\n", s.Ref, first(s.Cases))
	}
	fmt.Fprintf(&b, "%d rules: %d covered, %d partly, %d not; %d references without a rule\n", len(c.Rules), full, partly, none,
		len(c.Stray))
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// first shows a list by its first element and how many more there are.
func first(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return fmt.Sprintf("%s and %d more", list[0], len(list)-1)
}
