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

// TestRulesFile holds rules.json equal to what the code cites. After a rule is added or moved:
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
	if *update {
		if err := os.WriteFile("rules.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
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
