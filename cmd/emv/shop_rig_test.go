package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A shop is the real program twice, as separate processes: emv terminal and emv pos serve. This file starts and ends them;
// what is done in a shop is in the other shop_ files.

// long enough for a slow machine; nothing waits for it to pass.
const shopGiveUp = 30 * time.Second

// shopOut is where pictures and logs are left for who looks at them later.
var shopOut = filepath.Join("..", "..", ".ci", "out", "shop")

// builtProgram builds the program once for all tests, and returns its path.
func builtProgram(t *testing.T) string {
	t.Helper()
	path, err := buildProgram()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var buildProgram = sync.OnceValues(func() (string, error) {
	dir, err := filepath.Abs(filepath.Join(shopOut, "bin"))
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "emv")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

// program is a process of the program.
type program struct {
	t     *testing.T
	name  string
	cmd   *exec.Cmd
	out   safeBuffer
	ended chan struct{}
}

// launch starts the program. wrap is what its command line stands behind, as ip netns exec NAME; nil for nothing. The
// process is killed at the end of the test, and what it printed is kept; a test that failed prints the end of it.
func launch(t *testing.T, name string, wrap []string, args ...string) *program {
	t.Helper()
	line := append(append([]string{}, wrap...), builtProgram(t))
	line = append(line, args...)
	p := &program{t: t, name: name, cmd: exec.Command(line[0], line[1:]...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.Env = append(os.Environ(), "NO_COLOR=1")
	p.cmd.WaitDelay = time.Second
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // tests kill it
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			said := strings.Split(strings.TrimSpace(p.said()), "\n")
			t.Logf("%s said at the end:\n%s", name, strings.Join(said[max(0, len(said)-40):], "\n"))
		}
		file := filepath.Join(shopOut, strings.ReplaceAll(t.Name()+"-"+name, "/", "-")+".log")
		if err := errors.Join(os.MkdirAll(shopOut, 0o755), os.WriteFile(file, []byte(p.said()), 0o600)); err != nil {
			t.Error(err)
		}
	})
	return p
}

// said is everything that the program printed.
func (p *program) said() string {
	p.out.mu.Lock()
	defer p.out.mu.Unlock()
	return p.out.b.String()
}

// find waits until something was printed, and returns the first group of the pattern.
func (p *program) find(pattern string) string {
	p.t.Helper()
	return p.out.find(p.t, pattern)
}

// kill ends the program as a loss of power does.
func (p *program) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

// interrupt ends the program as Ctrl-C does, and wants that it says so.
func (p *program) interrupt() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(shopGiveUp):
		p.t.Fatalf("%s was interrupted and goes on", p.name)
	}
	if status := p.cmd.ProcessState.ExitCode(); status != exitOK {
		p.t.Errorf("%s: exit status %d after an interrupt", p.name, status)
	}
}

// shopTerminal is emv terminal with everything simulated. It listens to loopback unless wrap or flags say otherwise.
type shopTerminal struct {
	*program
	display, counter string // URLs
	flags            []string
}

// loopbackPorts are flags that take free ports of the loopback interface.
func loopbackPorts() []string {
	const a = "127.0.0.1:0"
	return []string{"--session", a, "--plain", a, "--pairing", a, "--presence", a, "--counter", a}
}

// startTerminal starts a terminal whose state is in dir, and waits until it says where it is. Ports come with flags.
func startTerminal(t *testing.T, wrap []string, dir string, flags ...string) *shopTerminal {
	t.Helper()
	s := &shopTerminal{flags: flags, program: launch(t, "terminal", wrap, append([]string{"terminal", "--state", dir}, flags...)...)}
	s.display = s.find(`customer display +(http://\S+/display/) `)
	s.counter = s.find(`the counter +(http://\S+/) `)
	return s
}

// again starts a terminal that was ended, where it was before: tills and pages find it there.
func (s *shopTerminal) again(t *testing.T, wrap []string, dir string) *shopTerminal {
	t.Helper()
	host := func(url string) string {
		at, _, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
		return at
	}
	flags := append(append([]string{}, s.flags...), "--session", s.find(` session=(\S+)`), "--plain", host(s.display), "--counter", host(s.counter))
	return startTerminal(t, wrap, dir, flags...)
}

// startTill starts emv pos serve whose state is in dir, and returns it with its URL.
func startTill(t *testing.T, wrap []string, dir string, flags ...string) (*program, string) {
	t.Helper()
	p := launch(t, "till", wrap, append([]string{"pos", "serve", "--state", dir, "--listen", "127.0.0.1:0"}, flags...)...)
	return p, p.find(`till at (http://\S+/)`)
}
