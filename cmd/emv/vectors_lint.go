package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/testvectors"
	"github.com/cardwright/emv/testvectors/runner"
)

func vectorsLintCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "lint [PATH...]",
		Short: "Say what is wrong with suites of test vectors, without running them",
		Long: `lint reads suites and prints, one a line, what keeps them from being run and what
makes them worth less: cases that cite no rule or ask for nothing, features that
change nothing, hexadecimal in two cases. Without PATH it reads the suites that
come with this build.

Exit status: 0 nothing is wrong; 1 there are remarks; 2 a file could not be read
as this format.`,
		Example: `  emv vectors lint lab/
  emv vectors lint --json lab/visa.json`,
		RunE: func(cmd *cobra.Command, args []string) error { return runVectorsLint(cmd, asJSON, args) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return cmd
}

// lintEntry is a problem in JSON. Its form is stable: keys may be added, none renamed.
type lintEntry struct {
	File  string `json:"file"`
	Suite string `json:"suite,omitempty"`
	Case  string `json:"case,omitempty"`
	Path  string `json:"path,omitempty"`
	Code  string `json:"code"`
	Text  string `json:"text"`
}

func runVectorsLint(cmd *cobra.Command, asJSON bool, paths []string) error {
	var problems []runner.Problem
	if len(paths) == 0 {
		problems = runner.LintFS(testvectors.FS(), ".")
	} else {
		problems = runner.Lint(paths...)
	}
	out := cmd.OutOrStdout()
	status := exitOK
	entries := make([]lintEntry, 0, len(problems))
	for _, p := range problems {
		status = max(status, exitBad)
		if strings.HasPrefix(p.Code, "suite.") { // it can't be run
			status = exitUsage
		}
		entries = append(entries, lintEntry(p))
	}
	if asJSON {
		if err := writeJSON(out, entries); err != nil {
			return err
		}
	} else if err := printProblems(cmd, problems); err != nil {
		return err
	}
	if status != exitOK {
		return &endError{status: status}
	}
	return nil
}

func printProblems(cmd *cobra.Command, problems []runner.Problem) error {
	out := cmd.OutOrStdout()
	for _, p := range problems {
		if _, err := fmt.Fprintln(out, p); err != nil {
			return err
		}
	}
	s := style.For(out)
	text := s.Good("nothing is wrong")
	if n := len(problems); n > 0 {
		text = s.Bad(fmt.Sprintf("problems: %d", n))
	}
	_, err := fmt.Fprintln(out, text)
	return err
}
