package runner

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestRefSpellings(t *testing.T) {
	for text, want := range map[string]string{
		"C-3 5.4": "C-3, 5.4", "C-3, 5.4": "C-3, 5.4", "Book C-3 5.4": "C-3, 5.4", "Book 3 10.3": "Book 3, 10.3",
		"EMV Book 2 8.2.1": "Book 2, 8.2.1", "Book 2, 6.3 step 7": "Book 2, 6.3", "Book B, 3.3.2.5.": "Book B, 3.3.2.5",
		"Book 3 Annex B1": "Book 3, Annex B1", "Book 3, B1": "Book 3, Annex B1", "Book A Table 6-1": "Book A, table 6-1",
		"Book  3,  5.4": "Book 3, 5.4", "NIST SP 800-38B": "NIST SP 800-38B", "Book 2": "Book 2",
	} {
		if got := ParseRef(text).String(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestFindRules(t *testing.T) {
	src := `// Package p is Book B, 3.1.1, and so on (Book 3, 10.2 and 7.5).
package p

const ref = "C-3, 5.6.1.2"

func f() {
	a() // 3.1.1.5
	b() // 3.1.1.9, 3.1.1.10
	c() // 5.6.1.3: not allowed
	d() // 9.9.9 of no book
	e() // Book 2, 6.3 step 4; Book A, table 6-1
	g() // 12 apples
}
`
	fsys := fstest.MapFS{
		"kernel/p.go": {Data: []byte(src)}, "kernel/p_test.go": {Data: []byte("package p // Book 4, 1.1")},
		"cmd/p.go": {Data: []byte("package p // Book 4, 1.2")}, "tlv/q.go": {Data: []byte("package q // C-3, 5.6.1.2")},
	}
	rules, err := FindRules(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rules {
		got = append(got, r.Rule)
	}
	want := []string{
		"Book 2, 6.3", "Book 3, 7.5", "Book 3, 10.2", "Book A, table 6-1", "Book B, 3.1.1", "Book B, 3.1.1.5", "Book B, 3.1.1.9",
		"Book B, 3.1.1.10", "C-3, 5.6.1.2", "C-3, 5.6.1.3",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	b, err := WriteRules(rules)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadRules(b)
	if err != nil || len(back) != len(rules) || len(back[8].In) != 2 {
		t.Errorf("%v %v", back, err)
	}
	if _, err := ReadRules([]byte(`{"format":"x"}`)); err == nil {
		t.Error("another format was read")
	}
}

func TestCover(t *testing.T) {
	rules := []Rule{
		{"Book B, 3.1.1", []string{"a.go"}},
		{"Book B, 3.1.1.5", []string{"a.go"}},
		{"Book B, 3.1.1.6", []string{"a.go"}},
		{"C-3, 5.4", []string{"b.go"}},
	}
	s := &Suite{Name: "s", Cases: []Case{{ID: "x", Refs: []string{"Book B 3.1.1.5", "C-2, 3.3"}}}}
	c := Cover(rules, []*Suite{s})
	if len(c.Rules[1].Cases) != 1 || len(c.Rules[0].Partly) != 1 || len(c.Rules[2].Partly)+len(c.Rules[2].Cases) != 0 {
		t.Errorf("%+v", c.Rules)
	}
	if u := c.Uncovered(); len(u) != 2 || u[1].Rule.Rule != "C-3, 5.4" {
		t.Errorf("%+v", u)
	}
	if len(c.Stray) != 1 || c.Stray[0].Ref != "C-2, 3.3" {
		t.Errorf("%+v", c.Stray)
	}
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil || !strings.HasSuffix(b.String(), "4 rules: 1 covered, 1 partly, 2 not; 1 references without a rule\n") {
		t.Error(b.String())
	}
}
