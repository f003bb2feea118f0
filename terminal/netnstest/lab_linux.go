package netnstest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Variable says whether tests with namespaces must run (1), are left out (0), or run where they can.
const Variable = "CARDWRIGHT_REQUIRE_NETNS"

// Lab is a network for one test.
type Lab struct {
	t      testing.TB
	prefix string
}

var (
	labs  atomic.Uint64
	swept sync.Once
)

// New begins a lab that goes away at the end of the test. command is how the test is started by hand.
func New(t testing.TB, command string) *Lab {
	t.Helper()
	required := os.Getenv(Variable)
	byHand := "sudo " + Variable + "=1 " + command
	if required == "0" {
		t.Skip("left out; to run it: " + byHand)
	}
	swept.Do(sweep)
	l := &Lab{t, fmt.Sprintf("cw%d-%d-", os.Getpid(), labs.Add(1))}
	probe := l.prefix + "probe"
	out, err := exec.Command("ip", "netns", "add", probe).CombinedOutput()
	if err == nil {
		_ = exec.Command("ip", "netns", "del", probe).Run()
		if out, err = exec.Command("nft", "--version").CombinedOutput(); err == nil {
			return l
		}
	}
	why := fmt.Sprintf("no network namespaces: apt-get install iproute2 nftables, and run as root: %s (%v: %s)", byHand, err, out)
	if required == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
	return nil
}

var ours = regexp.MustCompile(`^cw([0-9]+)-[0-9]+-`)

// sweep deletes what killed tests have left: the namespaces, and the processes in them.
func sweep() {
	list, err := os.ReadDir("/run/netns")
	if err != nil {
		return
	}
	for _, e := range list {
		m := ours.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		if _, err := os.Stat("/proc/" + m[1]); err == nil {
			continue // its test runs
		}
		pids, _ := exec.Command("ip", "netns", "pids", e.Name()).Output()
		for _, p := range strings.Fields(string(pids)) {
			if pid, err := strconv.Atoi(p); err == nil {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		_ = exec.Command("ip", "netns", "del", e.Name()).Run()
	}
}

// Host is a namespace.
type Host struct {
	lab         *Lab
	short, name string
}

// Host makes a host with its loopback interface up. short is its name within the lab, of at most 8 letters.
func (l *Lab) Host(short string) *Host {
	l.t.Helper()
	h := &Host{l, short, l.prefix + short}
	l.run("", "ip", "netns", "add", h.name)
	l.t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", h.name).Run() })
	h.IP("link", "set", "lo", "up")
	return h
}

func (l *Lab) run(stdin string, line ...string) {
	l.t.Helper()
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		l.t.Fatalf("%s: %v: %s", strings.Join(line, " "), err, out)
	}
}

// IP runs ip(8) at the host.
func (h *Host) IP(args ...string) {
	h.lab.t.Helper()
	h.lab.run("", append([]string{"ip", "-n", h.name}, args...)...)
}

// Firewall loads rules of nft(8).
func (h *Host) Firewall(rules string) {
	h.lab.t.Helper()
	h.lab.run(rules, append(h.Wrap(), "nft", "-f", "-")...)
}

// Wrap is what a command line stands behind to run at the host.
func (h *Host) Wrap() []string { return []string{"ip", "netns", "exec", h.name} }

// Bridge makes a switch at the host, which has addresses at it.
func (h *Host) Bridge(name string, addresses ...string) {
	h.lab.t.Helper()
	h.IP("link", "add", name, "type", "bridge")
	for _, a := range addresses {
		h.IP("address", "add", a, "dev", name)
	}
	h.IP("link", "set", name, "up")
}

// Cable is between an interface and a port of another host.
type Cable struct {
	far  *Host
	port string
}

// Cable puts an interface into a host, with an address unless it is "", and joins it to a bridge of another host.
func (l *Lab) Cable(h *Host, link, address string, far *Host, bridge string) *Cable {
	l.t.Helper()
	c := &Cable{far, h.short + "-" + link}
	l.run("", "ip", "link", "add", link, "netns", h.name, "type", "veth", "peer", "name", c.port, "netns", far.name)
	far.IP("link", "set", c.port, "master", bridge, "up")
	if address != "" {
		h.IP("address", "add", address, "dev", link)
	}
	h.IP("link", "set", link, "up")
	return c
}

// Pull pulls the cable: the interface stays up, and has no carrier.
func (c *Cable) Pull() {
	c.far.lab.t.Helper()
	c.far.IP("link", "set", c.port, "down")
}

// Plug puts it in again.
func (c *Cable) Plug() {
	c.far.lab.t.Helper()
	c.far.IP("link", "set", c.port, "up")
}

// Do runs f in this process at the host: sockets that it opens are there, and so is what it reads below
// /proc/thread-self/net and /proc/sys/net. f starts no goroutine that opens one.
func (h *Host) Do(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		done <- func() error {
			space, err := os.Open(filepath.Join("/run/netns", h.name))
			if err != nil {
				return err
			}
			defer space.Close()
			if err := unix.Setns(int(space.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			return f()
		}()
	}()
	return <-done
}

// Set writes a setting of the host, a path below /proc/sys/net.
func (h *Host) Set(value string, paths ...string) {
	h.lab.t.Helper()
	err := h.Do(func() error {
		for _, p := range paths {
			if err := os.WriteFile(filepath.Join("/proc/sys/net", p), []byte(value), 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.lab.t.Fatal(err)
	}
}

// Dial connects from the host. The address has no name in it.
func (h *Host) Dial(ctx context.Context, network, address string) (c net.Conn, err error) {
	err = h.Do(func() (err error) {
		c, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return c, err
}

// Browser is an HTTP client at the host.
func (h *Host) Browser() *http.Client {
	t := &http.Transport{DialContext: h.Dial, DisableKeepAlives: true}
	return &http.Client{Transport: t, Timeout: 20 * time.Second}
}
