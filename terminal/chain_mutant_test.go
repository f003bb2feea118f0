package terminal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutant is a mistake in one place of the source, for what can't be put together wrongly from outside. It is compiled in
// by an overlay of the go command: the source stays as it is.
type mutant struct {
	name string
	file string // from this folder
	from string // it is there once
	to   string
}

var mutants = []mutant{
	{
		"no fencing", "session/lease.go",
		"	switch {\n	case epoch != l.now.Epoch:", "	switch {\n	case true:\n		return nil\n	case epoch != l.now.Epoch:",
	},
	{"a lost answer counts as not asked", "host/acquirer/acquirer.go", "errors.As(err, &e) && !e.Sent", "errors.As(err, &e)"},
	{"an outcome in an answer is not told", "pos/terminal.go", "e, err = t.takeDown(outcome{final: s.Final})", "_, err = t.takeDown(outcome{final: s.Final})"},
	{"a reversal of another trace", "host/acquirer/acquirer.go", "Trace: trace(s.Trace)}\n}", "Trace: trace(payment.Trace{STAN: s.Trace.STAN + 1, RRN: s.Trace.RRN, Time: s.Trace.Time})}\n}"},
}

// TestChainMutants plays the scenarios of TestChainModel with each mutant, as a program of its own, and wants a fault to be
// found. It compiles the package once for each: it runs where CARDWRIGHT_MUTANTS is 1.
func TestChainMutants(t *testing.T) {
	if os.Getenv("CARDWRIGHT_MUTANTS") != "1" {
		t.Skip("CARDWRIGHT_MUTANTS is not 1: it needs the go command, and a minute or two for each of the mutants")
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			path := made[string](t)(filepath.Abs(m.file))
			source := made[[]byte](t)(os.ReadFile(path))
			if n := bytes.Count(source, []byte(m.from)); n != 1 {
				t.Fatalf("%s has %d times %q: the mutant is out of date", m.file, n, m.from)
			}
			dir := t.TempDir()
			write := func(name string, b []byte) string {
				t.Helper()
				name = filepath.Join(dir, name)
				if err := os.WriteFile(name, b, 0o600); err != nil {
					t.Fatal(err)
				}
				return name
			}
			other := write("mutant.go", bytes.Replace(source, []byte(m.from), []byte(m.to), 1))
			overlay := write("overlay.json", made[[]byte](t)(json.Marshal(map[string]any{"Replace": map[string]string{path: other}})))
			program := filepath.Join(dir, "chain.test")
			if out, err := exec.Command("go", "test", "-overlay", overlay, "-vet=off", "-c", "-o", program, ".").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			run := exec.Command(program, "-test.run", "^TestChainModel$", "-test.v")
			run.Env = append(os.Environ(), "CARDWRIGHT_CHAIN=600", "CARDWRIGHT_MUTANTS=")
			out, err := run.CombinedOutput()
			var failed *exec.ExitError
			if !errors.As(err, &failed) || !bytes.Contains(out, []byte("scenario ")) {
				t.Fatalf("600 scenarios did not find it: %v\n%s", err, out)
			}
			for line := range strings.Lines(string(out)) {
				if strings.Contains(line, "chain_model_test.go") {
					t.Log(strings.TrimSpace(line))
				}
			}
		})
	}
}
