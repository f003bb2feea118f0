package runner

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cardwright/emv/testvectors"
)

// TestOwnSuites holds the project's suites to what lint asks.
func TestOwnSuites(t *testing.T) {
	for _, p := range LintFS(testvectors.FS(), ".") {
		t.Error(p)
	}
}

func TestLint(t *testing.T) {
	fsys := fstest.MapFS{
		"a.json": {Data: []byte(`{"format":"emv-vectors/1","suite":"s","cases":[
			{"id":"x","refs":["Book 3"],"run":"tlv.pars","given":{"bytes":"aBcD","terminal_does":{"supports":["check-cash","fly"]},
			 "card":{"exchanges":[],"otherwise":"6A82"}},"want":{}},
			{"id":"y","run":"crypto.anything","about":"a","want":{"frob":1}}]}`)},
		"b.json": {Data: []byte(`{"format":"emv-vectors/1","suite":"s","about":"a","source":"b","cases":[]}`)},
		"c.json": {Data: []byte(`{"format":"emv-vectors/1"`)},
	}
	var b strings.Builder
	if class, err := WriteProblems(&b, LintFS(fsys, ".")); class != 2 || err != nil || !strings.Contains(b.String(), "a.json: x: ") {
		t.Errorf("class %d, %v\n%s", class, err, b.String())
	}
	if class, _ := WriteProblems(&b, LintFS(fsys, "b.json")); class != 0 {
		t.Errorf("class %d of a suite without a problem", class)
	}
	seen := map[string]int{}
	for _, p := range LintFS(fsys, ".") {
		seen[p.Code]++
	}
	for code, n := range map[string]int{
		CodeUnknown: 1, CodeJSON: 1, LintAbout: 2, LintSource: 1, LintRefs: 1, LintRef: 1, LintRun: 1, LintWant: 1, LintHexCase: 1,
		LintFeature: 2, LintSuiteTwice: 1, LintOtherwise: 1,
	} {
		if seen[code] != n {
			t.Errorf("%s: %d times, want %d", code, seen[code], n)
		}
		delete(seen, code)
	}
	for code, n := range seen {
		t.Errorf("%s: %d times", code, n)
	}
}
