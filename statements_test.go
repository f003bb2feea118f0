package emv_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// docs/statements.md says what shows each statement of the shell. What it names is in the tree, and nothing is left out.
const (
	statementsFile = "docs/statements.md"
	lastS, lastP   = 93, 34
)

func TestStatements(t *testing.T) {
	text, err := os.ReadFile(statementsFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range statementFaults(string(text), os.DirFS(".")) {
		t.Errorf("%s: %s", statementsFile, fault)
	}
}

var (
	statementNumber = regexp.MustCompile(`^[SP][1-9]\d*$`)
	statementTest   = regexp.MustCompile(`^(Test|Fuzz|Benchmark)[A-Z]\w*$`)
	declaredTest    = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z]\w*)\(`)
)

// statementFaults compares the rows of the document with a tree.
func statementFaults(text string, tree fs.FS) (faults []string) {
	complain := func(format string, a ...any) { faults = append(faults, fmt.Sprintf(format, a...)) }
	declared := map[string]map[string]bool{} // by folder
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		number := cells[0]
		if !statementNumber.MatchString(number) {
			continue
		}
		if len(cells) != 5 {
			complain("%s has %d cells", number, len(cells))
			continue
		}
		if seen[number] {
			complain("%s is there twice", number)
		}
		seen[number] = true
		what, code, shown := cells[1], strings.Fields(cells[2]), cells[3]
		for _, p := range code {
			if _, err := fs.Stat(tree, strings.Trim(p, "`")); err != nil {
				complain("%s: there is no %s", number, p)
			}
		}
		tests, folder := 0, ""
		for _, word := range strings.Fields(strings.ReplaceAll(shown, ";", " ")) {
			switch {
			case strings.HasPrefix(word, "`"):
				folder = strings.Trim(word, "`")
				if declared[folder] == nil {
					declared[folder] = testsOf(tree, folder)
				}
			case !statementTest.MatchString(word):
				complain("%s: %q is no test", number, word)
			case !declared[folder][word]:
				complain("%s: there is no %s in %q", number, word, folder)
			default:
				tests++
			}
		}
		status, lacks, _ := strings.Cut(cells[4], ": ")
		switch {
		case what == "":
			complain("%s says nothing", number)
		case status == "shown" && (lacks != "" || tests == 0 || len(code) == 0):
			complain("%s is not shown", number)
		case status == "partly" && (lacks == "" || tests == 0 || len(code) == 0):
			complain("%s is shown in no part, or lacks nothing", number)
		case status == "later" && (lacks == "" || tests > 0):
			complain("%s is not for later, or does not say what for", number)
		case status != "shown" && status != "partly" && status != "later":
			complain("%s has the status %q", number, status)
		}
	}
	for letter, last := range map[string]int{"S": lastS, "P": lastP} {
		for n := 1; n <= last; n++ {
			if !seen[letter+strconv.Itoa(n)] {
				complain("%s%d is missing", letter, n)
			}
			delete(seen, letter+strconv.Itoa(n))
		}
	}
	for number := range seen {
		complain("%s is no statement", number)
	}
	return faults
}

// testsOf returns the names of the tests of a folder, whatever their build tags.
func testsOf(tree fs.FS, folder string) map[string]bool {
	all := map[string]bool{}
	files, _ := fs.Glob(tree, path.Join(folder, "*_test.go"))
	for _, f := range files {
		text, _ := fs.ReadFile(tree, f)
		for _, m := range declaredTest.FindAllSubmatch(text, -1) {
			all[string(m[1])] = true
		}
	}
	return all
}

// TestStatementsFail shows that each rule of the page can fail: a good page has one row changed.
func TestStatementsFail(t *testing.T) {
	tree := fstest.MapFS{
		"a/a.go": {}, "a/a_test.go": {Data: []byte("package a\n\nfunc TestA(t *testing.T) {}\n")},
		"b/b_test.go": {Data: []byte("package b\n\nfunc TestB(t *testing.T) {}\nfunc BenchmarkB(b *testing.B) {}\n")},
	}
	page := func(first string) string {
		b := first + "\n"
		for letter, last := range map[string]int{"S": lastS, "P": lastP} {
			for n := 1; n <= last; n++ {
				if letter+strconv.Itoa(n) != "S1" {
					b += fmt.Sprintf("| %s%d | holds | `a/a.go` | `a` TestA; `b` TestB BenchmarkB | shown |\n", letter, n)
				}
			}
		}
		return b
	}
	for _, c := range []struct{ row, want string }{
		{"| S1 | holds | `a` | `a` TestA | shown |", ""},
		{"| S1 | holds | `a` | `a` TestA | partly: the rest |", ""},
		{"| S1 | holds | | | later: all of it |", ""},
		{"", "S1 is missing"},
		{"| S1 | holds | `a` | `a` TestA | shown |\n| S94 | holds | `a` | `a` TestA | shown |", "S94 is no statement"},
		{"| S1 | holds | `a` | `a` TestA | shown |\n| S1 | holds | `a` | `a` TestA | shown |", "S1 is there twice"},
		{"| S1 | holds | `a` | shown |", "S1 has 4 cells"},
		{"| S1 | | `a` | `a` TestA | shown |", "S1 says nothing"},
		{"| S1 | holds | `a/b.go` | `a` TestA | shown |", "there is no `a/b.go`"},
		{"| S1 | holds | `a` | `a` TestB | shown |", `there is no TestB in "a"`},
		{"| S1 | holds | `a` | TestA | shown |", `there is no TestA in ""`},
		{"| S1 | holds | `a` | `a` TestA and more | shown |", `"and" is no test`},
		{"| S1 | holds | `a` | | shown |", "S1 is not shown"},
		{"| S1 | holds | | `a` TestA | shown |", "S1 is not shown"},
		{"| S1 | holds | `a` | `a` TestA | partly |", "lacks nothing"},
		{"| S1 | holds | `a` | `a` TestA | later: all |", "not for later"},
		{"| S1 | holds | | | later |", "not for later"},
		{"| S1 | holds | `a` | `a` TestA | done |", `the status "done"`},
	} {
		faults := strings.Join(statementFaults(page(c.row), tree), "; ")
		if c.want == "" && faults != "" || !strings.Contains(faults, c.want) {
			t.Errorf("%q: %q, want %q", c.row, faults, c.want)
		}
	}
}
