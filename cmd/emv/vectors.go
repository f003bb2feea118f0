package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors"
	"github.com/cardwright/emv/testvectors/runner"
)

func vectorsCommand() *cobra.Command {
	return group("vectors", "Run, record and inspect test vectors", vectorsRunCommand(), vectorsRecordCommand(),
		vectorsLintCommand(), vectorsCoverCommand())
}

// vectorsRunFlags are the flags of emv vectors run.
type vectorsRunFlags struct {
	format, shard, filter, trace string
	workers                      int
}

func vectorsRunCommand() *cobra.Command {
	var f vectorsRunFlags
	cmd := &cobra.Command{
		Use:   "run [PATH...]",
		Short: "Run test vectors",
		Long: `run runs suites of test vectors, files of the format emv-vectors/1. A folder
stands for every suite in it and below. Without PATH the suites that come with
this build are run.

--filter takes terms between blanks, of which all must hold:
  visa                 suite/id contains the text
  entrypoint/ep-2*     suite/id matches the pattern
  run=contactless.*    the case's run matches
  suite=tlv id=pad-*   of that suite and with that id
  ref="Book B, 3.1.1"  cites that section or one below it
  !run=crypto.*        does not match

A case that needs what this build lacks is skipped, and says what that is.

Exit status: 0 every case passed; 1 some failed; 2 a file could not be read as
this format, or the command line is wrong.`,
		Example: `  emv vectors run
  emv vectors run --workers 4 --format junit lab/ > results.xml
  emv vectors run --filter 'run=contactless.* !drl' --trace traces lab/visa.json
  emv vectors run --shard 2/8 --format json lab/`,
		RunE: func(cmd *cobra.Command, args []string) error { return runVectors(cmd, &f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "text", strings.Join(runner.Formats(), ", "))
	flags.StringVar(&f.shard, "shard", "", "run part I of N, as I/N")
	flags.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "cases at a time; the order of the results does not change")
	flags.StringVar(&f.filter, "filter", "", "which cases")
	flags.StringVar(&f.trace, "trace", "", "folder for what happens in each case, one masked file a case")
	return cmd
}

func runVectors(cmd *cobra.Command, f *vectorsRunFlags, paths []string) error {
	options, err := f.options()
	if err != nil {
		return err
	}
	if !slices.Contains(runner.Formats(), f.format) {
		return &kernel.Error{
			Code: "input.format", Text: fmt.Sprintf("%q is not one of %s", f.format, strings.Join(runner.Formats(), " ")),
		}
	}
	suites, err := loadSuites(paths)
	if err != nil {
		return err
	}
	report, err := runner.NewReporter(f.format, cmd.OutOrStdout())
	if err != nil {
		return err
	}
	counts, err := runner.Run(cmd.Context(), suites, options, report)
	switch {
	case err != nil:
		return err
	case counts.ExitClass() != exitOK:
		return &endError{status: counts.ExitClass()}
	}
	return nil
}

func (f *vectorsRunFlags) options() (runner.Options, error) {
	o := runner.Options{Workers: f.workers}
	if f.workers < 1 {
		return o, &kernel.Error{Code: "input.workers", Text: "at least one"}
	}
	var err error
	if o.Filter, err = runner.ParseFilter(f.filter); err != nil {
		return o, &kernel.Error{Code: "input.filter", Text: err.Error()}
	}
	if f.shard != "" {
		if o.Shard, err = runner.ParseShard(f.shard); err != nil {
			return o, &kernel.Error{Code: "input.shard", Text: err.Error()}
		}
	}
	if f.trace != "" {
		if err := os.MkdirAll(f.trace, 0o755); err != nil {
			return o, &kernel.Error{Code: "input.trace", Text: err.Error()}
		}
		o.Trace = runner.TraceDir(f.trace)
	}
	return o, nil
}

// loadSuites reads the suites of the paths, or those of this build. What is wrong with them is said line by line.
func loadSuites(paths []string) ([]*runner.Suite, error) {
	if len(paths) == 0 {
		return runner.LoadFS(testvectors.FS(), ".")
	}
	return runner.Load(paths...)
}
