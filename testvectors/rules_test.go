package testvectors_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/cardwright/emv/testvectors"
	"github.com/cardwright/emv/testvectors/runner"
)

var update = flag.Bool("update", false, "write rules.json from the source tree")

// TestRulesFile holds rules.json equal to what the code cites, and docs/coverage.md to that and the suites. After a rule or
// a case is added or moved:
//
//	go test ./testvectors -run TestRulesFile -update
func TestRulesFile(t *testing.T) {
	rules, err := runner.FindRules(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	if len(rules) < 100 {
		t.Fatalf("only %d rules in the tree: the spelling of citations changed?", len(rules))
	}
	want, err := runner.WriteRules(rules)
	if err != nil {
		t.Fatal(err)
	}
	matrix := coverageOf(t, rules)
	if *update {
		if err := os.WriteFile("rules.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("../docs/coverage.md", matrix, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if doc, err := os.ReadFile("../docs/coverage.md"); err != nil || !bytes.Equal(doc, matrix) {
		t.Errorf("docs/coverage.md is not what code and suites cite: run go test ./testvectors -run TestRulesFile -update (%v)", err)
	}
	got, err := testvectors.FS().ReadFile("rules.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("rules.json is not what the code cites: run go test ./testvectors -run TestRulesFile -update")
	}
	back, err := runner.ReadRules(got)
	if err != nil || len(back) == 0 {
		t.Errorf("%d rules, %v", len(back), err)
	}
}

// coverageOf returns the matrix of the rules and the suites of this folder.
func coverageOf(t *testing.T, rules []runner.Rule) []byte {
	t.Helper()
	suites, err := runner.LoadFS(testvectors.FS(), ".")
	if err != nil {
		t.Fatal(err)
	}
	c := runner.Cover(rules, suites)
	var b bytes.Buffer
	if _, err := c.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
