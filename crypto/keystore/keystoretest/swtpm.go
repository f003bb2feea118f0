package keystoretest

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// RequireSWTPM is the environment variable that makes a missing swtpm a failure.
const RequireSWTPM = "CARDWRIGHT_REQUIRE_SWTPM"

// SWTPM is a TPM 2.0 emulator that runs as a process of its own, with its state in a folder of its own.
type SWTPM struct {
	Path string // of its socket

	t     testing.TB
	state string
	cmd   *exec.Cmd
}

// StartSWTPM starts a new TPM, which ends with the test. Without swtpm the test is skipped, and says how to come by it;
// where RequireSWTPM is 1 it fails.
func StartSWTPM(t testing.TB) *SWTPM {
	t.Helper()
	if _, err := exec.LookPath("swtpm"); err != nil {
		const missing = "swtpm is not on PATH: install it (apt-get install -y swtpm); the test starts it itself " +
			"(swtpm socket --tpm2 --tpmstate dir=D --server type=unixio,path=S --ctrl type=unixio,path=S.ctrl " +
			"--flags not-need-init,startup-clear)"
		if os.Getenv(RequireSWTPM) == "1" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	dir, err := os.MkdirTemp("", "swtpm") // short: a socket's path has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	s := &SWTPM{t: t, Path: filepath.Join(dir, "socket"), state: filepath.Join(dir, "state")}
	if err := os.Mkdir(s.state, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Stop()
		_ = os.RemoveAll(dir)
	})
	s.Start()
	return s
}

// Start starts the process on its state, as after power on.
func (s *SWTPM) Start() {
	s.t.Helper()
	s.cmd = exec.Command("swtpm", "socket", "--tpm2", "--tpmstate", "dir="+s.state, "--server", "type=unixio,path="+s.Path,
		"--ctrl", "type=unixio,path="+s.Path+".ctrl", "--flags", "not-need-init,startup-clear")
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for range 1000 {
		if c, err := net.Dial("unix", s.Path); err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.t.Fatal("swtpm does not answer")
}

// Stop ends the process, as when the power is lost.
func (s *SWTPM) Stop() {
	s.t.Helper()
	if s.cmd == nil {
		return
	}
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Error(err)
	}
	var exit *exec.ExitError
	if err := s.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		s.t.Error(err)
	}
	s.cmd = nil
	for _, path := range []string{s.Path, s.Path + ".ctrl"} {
		if err := os.Remove(path); err != nil && !errors.Is(err, syscall.ENOENT) {
			s.t.Error(err)
		}
	}
}

// Restart loses the power and has it back.
func (s *SWTPM) Restart() {
	s.t.Helper()
	s.Stop()
	s.Start()
}
