// Package runner runs test vectors of the format emv-vectors/1, which README.md of package testvectors documents.
//
//	suites, err := runner.Load("vectors/")            // err is a *LoadError with everything that is wrong
//	counts, err := runner.Run(ctx, suites, runner.Options{Workers: 4}, runner.JSON(os.Stdout))
//	os.Exit(counts.ExitClass())
//
// A suite is read strictly: a key that the format does not have is an error that names the key and the case. A case is
// run by the one function that its `run` names, which computes what it can and knows nothing of what is wanted; what is
// wanted is compared key by key afterwards, and a wanted key that the run does not give is a failure.
//
// The files: json.go, fields.go and decode*.go read suites; want.go and compare*.go judge; run.go drives; run_*.go are
// one family of runs each; report_*.go one output format each; lint.go, cover.go and rules.go look at suites and at the
// rules that the code cites.
package runner
