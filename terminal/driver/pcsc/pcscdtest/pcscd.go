//go:build linux

package pcscdtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Require is the variable that makes Start fail where it would skip for want of pcscd.
const Require = "CARDWRIGHT_REQUIRE_PCSCD"

// Patience bounds the waits for pcscd.
const Patience = 20 * time.Second

// How to get what a test needs.
const how = "needs root, and pcscd with virtual readers: apt-get install pcscd vsmartcard-vpcd"

// Daemon is a running pcscd.
type Daemon struct {
	Readers []Reader

	dir    string // of its configuration and of the readers' drivers
	out    *os.File
	cmd    *exec.Cmd
	exited chan struct{}
}

// Reader is a virtual reader.
type Reader struct {
	Name    string // under PC/SC
	Address string // where a card connects, HOST:PORT
	friend  string
	port    int
}

// comm is where pcscd listens; clients find it nowhere else.
const comm = "/run/pcscd/pcscd.comm"

// firstPort is that of the first virtual reader; each takes two. It is none of those that systems give to clients: the readers
// do not bind to one that has just been used.
const firstPort = 21210

// Start runs pcscd with readers of these names until the test ends. PC/SC appends two numbers to a name.
func Start(t testing.TB, names ...string) *Daemon {
	t.Helper()
	library, err := libraryPath()
	if err == nil {
		_, err = exec.LookPath("pcscd")
	}
	if err == nil && os.Getuid() != 0 {
		err = errors.New("not root")
	}
	if err != nil {
		if os.Getenv(Require) != "" {
			t.Fatalf("%v; %s", err, how)
		}
		t.Skipf("%v; %s", err, how)
	}
	lock(t)
	d := &Daemon{dir: t.TempDir()}
	for i, name := range names {
		r := Reader{Name: name + " 00 00", friend: name, port: firstPort + 2*i}
		r.Address = net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port))
		d.Readers = append(d.Readers, r)
		// The driver keeps its slots in variables, so each reader needs a library of its own.
		if err := copyFile(library, d.library(i)); err != nil {
			t.Fatal(err)
		}
		d.write(t, i)
	}
	if d.out, err = os.Create(filepath.Join(d.dir, "pcscd.log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.Stop()
		_ = d.out.Close()
		if t.Failed() {
			log, _ := os.ReadFile(d.out.Name())
			t.Logf("pcscd said:\n%s", log)
		}
	})
	if err := d.Run(); err != nil {
		t.Fatal(err)
	}
	return d
}

// lock waits for the tests of other packages.
func lock(t testing.TB) {
	f, err := os.OpenFile(filepath.Join(os.TempDir(), "cardwright-pcscd.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
}

func libraryPath() (string, error) {
	for _, pattern := range []string{"/usr/lib/pcsc/drivers/serial/libifdvpcd.so*", "/usr/lib/*/pcsc/drivers/serial/libifdvpcd.so*"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0], nil
		}
	}
	return "", errors.New("there is no libifdvpcd.so")
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o755)
}

func (d *Daemon) config() string     { return filepath.Join(d.dir, "readers") }
func (d *Daemon) entry(i int) string { return filepath.Join(d.config(), "reader"+strconv.Itoa(i)) }

func (d *Daemon) library(i int) string   { return filepath.Join(d.dir, "vpcd"+strconv.Itoa(i)+".so") }
func (d *Daemon) device(r Reader) string { return fmt.Sprintf("/dev/null:0x%X", r.port) }

// write configures a reader.
func (d *Daemon) write(t testing.TB, i int) {
	r := d.Readers[i]
	text := fmt.Sprintf("FRIENDLYNAME %q\nDEVICENAME %s\nLIBPATH %s\nCHANNELID 0x%X\n", r.friend, d.device(r), d.library(i), r.port)
	err := os.MkdirAll(d.config(), 0o755)
	if err == nil {
		err = os.WriteFile(d.entry(i), []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Run starts pcscd, the first time or after Stop, and waits until its readers are there.
func (d *Daemon) Run() error {
	if conn, err := net.Dial("unix", comm); err == nil {
		_ = conn.Close()
		return errors.New("another pcscd is running; stop it first")
	}
	_ = os.Remove(comm)
	if err := os.MkdirAll(filepath.Dir(comm), 0o755); err != nil {
		return err
	}
	d.cmd = exec.Command("pcscd", "-f", "-e", "-c", d.config())
	d.cmd.Stdout, d.cmd.Stderr = d.out, d.out
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := d.cmd.Start(); err != nil {
		return err
	}
	cmd, exited := d.cmd, make(chan struct{})
	d.exited = exited
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	return d.await(func() bool {
		for i, r := range d.Readers {
			if _, err := os.Stat(d.entry(i)); err == nil && !listening(r.port) {
				return false
			}
		}
		conn, err := net.Dial("unix", comm)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

func (d *Daemon) await(ready func() bool) error {
	for end := time.Now().Add(Patience); !ready(); {
		select {
		case <-d.exited:
			return errors.New("pcscd has ended")
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(end) {
			return fmt.Errorf("pcscd and its readers are not there after %v", Patience)
		}
	}
	return nil
}

// listening reports whether somebody listens at a TCP port, without a connection, which would be a card.
func listening(port int) bool {
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		table, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(table)) {
			f := strings.Fields(line)
			if len(f) > 3 && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) && f[3] == "0A" {
				return true
			}
		}
	}
	return false
}

// Stop ends pcscd, and with it all readers. Run starts it again.
func (d *Daemon) Stop() { d.end(syscall.SIGTERM) }

// Kill ends it without a chance to say goodbye.
func (d *Daemon) Kill() { d.end(syscall.SIGKILL) }

// Hang makes pcscd answer nobody, until GoOn.
func (d *Daemon) Hang() { _ = d.cmd.Process.Signal(syscall.SIGSTOP) }

// GoOn ends that.
func (d *Daemon) GoOn() { _ = d.cmd.Process.Signal(syscall.SIGCONT) }

func (d *Daemon) end(s syscall.Signal) {
	if d.cmd == nil {
		return
	}
	_ = d.cmd.Process.Signal(s)
	select {
	case <-d.exited:
	case <-time.After(Patience):
		_ = d.cmd.Process.Kill()
		<-d.exited
	}
	d.cmd = nil
}

// Unplug takes a reader out of the service, which begins anew for that. Plug puts it back.
func (d *Daemon) Unplug(t testing.TB, i int) {
	t.Helper()
	d.Stop()
	if err := os.Remove(d.entry(i)); err != nil {
		t.Fatal(err)
	}
	if err := d.Run(); err != nil {
		t.Fatal(err)
	}
}

// Plug puts a reader back.
func (d *Daemon) Plug(t testing.TB, i int) {
	t.Helper()
	d.Stop()
	d.write(t, i)
	if err := d.Run(); err != nil {
		t.Fatal(err)
	}
}
