package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cardwright/emv/terminal/driver/pcsc"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"emv": func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs the command lines of testdata/script. `exits N command` wants an exit status; UPDATE_SCRIPTS=1 rewrites
// the files that cmp compares with.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Condition: func(name string) (bool, error) { // [pcsc]: the build has it
			if name != "pcsc" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return pcsc.Built, nil
		},
	})
}

// exits runs a command and compares its exit status: exits 2 emv decode zz.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args[0]) != 1 || args[0] < "0" || args[0] > "9" {
		ts.Fatalf("usage: exits STATUS command [args]")
	}
	want := int(args[0][0] - '0')
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		status, ok := err.(interface{ ExitCode() int })
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = status.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
