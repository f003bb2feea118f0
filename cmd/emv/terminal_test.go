package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cardwright/emv/kernel"
)

// free are the flags of a terminal on free ports.
func free(t *testing.T) []string {
	t.Helper()
	const a = "127.0.0.1:0"
	return []string{
		"--state", filepath.Join(t.TempDir(), "state"), "--session", a, "--plain", a, "--pairing", a, "--presence", a, "--counter", a,
	}
}

// startedTerminal runs emv terminal in this process. stop interrupts it, as the end of the test does.
func startedTerminal(t *testing.T, args ...string) (out *safeBuffer, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out = &safeBuffer{}
	cmd := terminalCommand()
	cmd.SetArgs(args)
	cmd.SetOut(out)
	ended := make(chan error, 1)
	go func() { ended <- cmd.ExecuteContext(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("interrupted: %v", err)
		}
	})
	t.Cleanup(stop)
	return out, stop
}

// TestTerminal runs a terminal as its command line does, looks at its pages, and interrupts it.
func TestTerminal(t *testing.T) {
	out, stop := startedTerminal(t, free(t)...)
	display, counter := out.find(t, `customer display +(http://\S+/display/) `), out.find(t, `the counter +(http://\S+/) `)
	for _, url := range []string{display, counter} {
		if status, body := get(t, url); status != http.StatusOK || !strings.Contains(body, "<!doctype html>") {
			t.Errorf("%s: %d", url, status)
		}
	}
	var state struct {
		Display string
		Dock    struct{ Docked bool }
	}
	if _, body := get(t, counter+"state"); json.Unmarshal([]byte(body), &state) != nil || state.Display != display || !state.Dock.Docked {
		t.Errorf("the counter's state: %s", body)
	}
	post, err := http.Post(counter+"tap", "application/json", strings.NewReader(`{"card":"visa-credit"}`))
	if err != nil || post.StatusCode != http.StatusNoContent {
		t.Fatalf("%v, %v", post, err)
	}
	_ = post.Body.Close()
	out.find(t, `(counter +visa-credit is held to the reader)\n`)
	out.find(t, `(bank +0800 .*00)\n`)
	stop()
	out.find(t, `(stopped)\n`)
	if _, err := http.Get(counter); err == nil {
		t.Error("the counter is still there")
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

// TestTerminalUnpair shuts a till out where the terminal is started again; a name that no till has stops it.
func TestTerminalUnpair(t *testing.T) {
	args, till := free(t), t.TempDir()
	out, stop := startedTerminal(t, args...)
	address, digits := typedOn(t, out.find(t, `customer display +(http://\S+/display/) `))
	pos := func(args ...string) (status int, said string) {
		var b strings.Builder
		status = run(append([]string{"pos", args[0], "--state", till}, args[1:]...), nil, &b, &b)
		return status, b.String()
	}
	if status, said := pos("pair", "--name", "Till \x1b[2J7", address, digits); status != exitOK {
		t.Fatalf("%d %s", status, said)
	}
	stop()

	out, stop = startedTerminal(t, args...)
	id := out.find(t, `paired +Till \[2J7 \((\S+)\)  shut one out with --unpair\n`)
	stop()

	var b strings.Builder
	if status := run(append([]string{"terminal", "--unpair", "Till 8"}, args...), nil, &b, &b); status != exitUsage ||
		!strings.Contains(b.String(), `no till "Till 8" is paired; there are: Till [2J7 (`+id+`)`) {
		t.Errorf("%d %s", status, &b)
	}

	out, stop = startedTerminal(t, append([]string{"--unpair", id}, args...)...)
	out.find(t, `(terminal +unpaired till=`+id+`)\n`)
	stop()
	if strings.Contains(out.String(), "shut one out") {
		t.Errorf("it is still paired: %s", out)
	}
}

// TestTerminalSaysWhichPortIsTaken starts one where something else is.
func TestTerminalSaysWhichPortIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, port := range []string{"session", "plain", "counter"} {
		cmd := terminalCommand()
		cmd.SetArgs(append(free(t), "--"+port, l.Addr().String()))
		cmd.SetOut(io.Discard)
		cmd.SilenceUsage, cmd.SilenceErrors = true, true
		err := cmd.ExecuteContext(t.Context())
		if kernel.CodeOf(err) != "terminal.port" || !strings.Contains(err.Error(), "--"+port+" HOST:PORT") {
			t.Errorf("%s: %v", port, err)
		}
	}
}
