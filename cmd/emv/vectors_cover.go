package main

import (
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors"
	"github.com/cardwright/emv/testvectors/runner"
)

// vectorsCoverFlags are the flags of emv vectors cover.
type vectorsCoverFlags struct {
	source       string
	strict, json bool
}

func vectorsCoverCommand() *cobra.Command {
	var f vectorsCoverFlags
	cmd := &cobra.Command{
		Use:   "cover [PATH...]",
		Short: "List rules without a vector and vectors without a rule",
		Long: `cover sets the rules of the books that the code cites against the references of
test vectors. It lists the rules that no case cites, those that are cited only as
part of a section, and the references that no rule answers to. Without PATH it
takes the suites that come with this build.

The rules are those of this build; --source collects them from a source tree.

Exit status: 0; with --strict 1 when a rule has no vector or a vector no rule; 2 a
file could not be read.`,
		Example: `  emv vectors cover
  emv vectors cover --source . --strict testvectors/
  emv vectors cover --json lab/ > coverage.json`,
		RunE: func(cmd *cobra.Command, args []string) error { return runVectorsCover(cmd, &f, args) },
	}
	cmd.Flags().StringVar(&f.source, "source", "", "folder of the source tree to collect the rules from")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "end with status 1 when something is not covered")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON document")
	return cmd
}

// coverage is the JSON form of runner.Coverage. It is stable: keys may be added, none renamed.
type coverage struct {
	Rules []ruleEntry  `json:"rules"`
	Stray []strayEntry `json:"references_without_rule"`
}

type ruleEntry struct {
	Rule   string   `json:"rule"`
	In     []string `json:"in"`
	Cases  []string `json:"cases"`
	Partly []string `json:"partly"` // cases that cite a section above or below it
}

type strayEntry struct {
	Ref   string   `json:"ref"`
	Cases []string `json:"cases"`
}

func runVectorsCover(cmd *cobra.Command, f *vectorsCoverFlags, paths []string) error {
	rules, err := f.rules()
	if err != nil {
		return err
	}
	suites, err := loadSuites(paths)
	if err != nil {
		return err
	}
	c := runner.Cover(rules, suites)
	if f.json {
		err = writeJSON(cmd.OutOrStdout(), coverageOf(&c))
	} else {
		_, err = c.WriteTo(cmd.OutOrStdout())
	}
	if err == nil && f.strict && (len(c.Uncovered()) > 0 || len(c.Stray) > 0) {
		return &endError{status: exitBad}
	}
	return err
}

// rules returns the rules of the source tree, or those of this build.
func (f *vectorsCoverFlags) rules() ([]runner.Rule, error) {
	if f.source != "" {
		rules, err := runner.FindRules(os.DirFS(f.source))
		if err == nil && len(rules) == 0 {
			err = &kernel.Error{Code: "input.source", Text: f.source + " cites no rule: it is not a source tree of this module"}
		}
		return rules, err
	}
	data, err := fs.ReadFile(testvectors.FS(), "rules.json")
	if err != nil {
		return nil, &kernel.Error{Code: "build.rules", Text: "this build has no list of rules; --source collects them"}
	}
	return runner.ReadRules(data)
}

func coverageOf(c *runner.Coverage) coverage {
	out := coverage{Rules: []ruleEntry{}, Stray: []strayEntry{}}
	for _, r := range c.Rules {
		out.Rules = append(out.Rules, ruleEntry{r.Rule.Rule, list(r.In), list(r.Cases), list(r.Partly)})
	}
	for _, s := range c.Stray {
		out.Stray = append(out.Stray, strayEntry{s.Ref, list(s.Cases)})
	}
	return out
}

// list makes an absent list an empty one, which JSON writes as [] and not as null.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
