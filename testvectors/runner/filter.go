package runner

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Filter is a selection of cases. The zero Filter takes all.
type Filter struct{ terms []term }

type term struct {
	key, value string // key "" is a term without one
	not        bool
}

// ParseFilter reads a filter: terms between blanks, of which all must hold.
//
//	visa                 a case whose suite/id contains the text
//	entrypoint/ep-2*     a case whose suite/id matches the pattern, with * ? and [ ] as path.Match has them
//	run=contactless.*    a case whose run matches
//	suite=tlv id=pad-*   a case of that suite and with that id
//	ref="Book B, 3.1.1"  a case that cites that section or one below it
//	!run=crypto.*        a case that does not match
func ParseFilter(text string) (Filter, error) {
	var f Filter
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		word, after, err := cutTerm(rest)
		if err != nil {
			return Filter{}, err
		}
		rest = after
		t := term{}
		word, t.not = strings.CutPrefix(word, "!")
		t.value = word
		if key, value, ok := strings.Cut(word, "="); ok {
			t.key, t.value = key, value
		}
		switch t.key {
		case "", "run", "suite", "id", "ref":
		default:
			return Filter{}, fmt.Errorf("filter: no key %q: there are run, suite, id and ref", t.key)
		}
		if _, err := path.Match(t.value, ""); err != nil && t.key != "ref" {
			return Filter{}, fmt.Errorf("filter: %q: %w", t.value, err)
		}
		f.terms = append(f.terms, t)
	}
	return f, nil
}

// cutTerm takes the first term, in which quotes keep blanks together.
func cutTerm(s string) (term, rest string, err error) {
	var b strings.Builder
	quoted := false
	for i, c := range s {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ' ' && !quoted:
			return b.String(), s[i:], nil
		default:
			b.WriteRune(c)
		}
	}
	if quoted {
		return "", "", fmt.Errorf("filter: a quote that does not end")
	}
	return b.String(), "", nil
}

// Match reports whether the filter takes a case.
func (f Filter) Match(c *Case) bool {
	for _, t := range f.terms {
		if t.match(c) == t.not {
			return false
		}
	}
	return true
}

func (t term) match(c *Case) bool {
	switch t.key {
	case "run":
		return glob(t.value, c.Run)
	case "suite":
		return glob(t.value, c.Suite)
	case "id":
		return glob(t.value, c.ID)
	case "ref":
		want := ParseRef(t.value)
		return slices.ContainsFunc(c.Refs, func(r string) bool { return ParseRef(r).Within(want) })
	}
	name := c.Suite + "/" + c.ID
	if strings.ContainsAny(t.value, "*?[") {
		return glob(t.value, name) || glob(t.value, c.ID)
	}
	return strings.Contains(name, t.value)
}

func glob(pattern, s string) bool {
	ok, err := path.Match(pattern, s)
	return ok && err == nil
}

// Shard is one of several equal parts of the cases. The zero Shard is all of them.
type Shard struct{ Index, Of int } // Index from 1

// ParseShard reads I/N: the I-th of N parts, I from 1.
func ParseShard(text string) (Shard, error) {
	a, b, ok := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	if !ok || err1 != nil || err2 != nil || n < 1 || i < 1 || i > n {
		return Shard{}, fmt.Errorf("shard: %q is not I/N with 1 <= I <= N", text)
	}
	return Shard{i, n}, nil
}

// has reports whether the n-th case, from 0, is in the part.
func (s Shard) has(n int) bool { return s.Of == 0 || n%s.Of == s.Index-1 }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
