//go:build linux

package discovery_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/discovery"
	"github.com/cardwright/emv/terminal/netnstest"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// Tests with real packets: a till and a terminal are two processes, each in a network namespace of its own, with a switch
// between them, where others may stand too (terminal/netnstest).

// Where a process of this test is told what it is to be.
const (
	roleVariable = "CARDWRIGHT_NETNS_ROLE" // "terminal", "till", "listener", "noise"
	wayVariable  = "CARDWRIGHT_NETNS_WAY"  // "ssdp", "dns-sd", "beacon"
)

// giveUp is long enough for a slow machine; nothing waits for it to pass.
const giveUp = 30 * time.Second

func TestMain(m *testing.M) {
	way := os.Getenv(wayVariable)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { // until whoever started it is gone
		if os.Getenv(roleVariable) != "" {
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel()
		}
	}()
	switch os.Getenv(roleVariable) {
	case "":
		os.Exit(m.Run())
	case "terminal":
		beTerminal(ctx, way)
	case "till":
		beTill(ctx, way)
	case "listener":
		beListener(ctx)
	case "noise":
		beNoise(ctx)
	}
}

func paired(id string, key byte) pairing.Record {
	return pairing.Record{ID: id, Pin: pairing.Pin{key}, ResumeKey: wire.Key(strings.Repeat(string(key), 32))}
}

func beTerminal(ctx context.Context, way string) {
	records := pairing.NewRecords()
	for _, r := range []pairing.Record{paired("another till", 'b'), paired("till", 'a')} {
		if err := records.Put(r); err != nil {
			fmt.Println("failed:", err)
		}
	}
	if way == "beacon" {
		conn, err := net.ListenPacket("udp4", ":27001")
		if err != nil {
			fmt.Println("failed:", err)
			return
		}
		_ = session.ServePresence(ctx, conn, records, 4443, pairing.SystemClock{})
		return
	}
	before := runtime.NumGoroutine()
	_ = discovery.Serve(ctx, discovery.Config{
		Records: records, SessionPort: 4443, PlainPort: 8080, NoSSDP: way != "ssdp", NoDNSSD: way != "dns-sd",
	})
	for last := time.Now().Add(giveUp); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(last) {
			fmt.Println("failed: goroutines are left")
			return
		}
	}
}

func beTill(ctx context.Context, way string) {
	f := discovery.NewFinder(discovery.FinderConfig{NoSSDP: way != "ssdp", NoDNSSD: way != "dns-sd", NoBeacon: way != "beacon"})
	defer f.Close()
	r, stranger := paired("terminal", 'a'), paired("terminal", 'c')
	go f.Discover(ctx, &stranger, func(a string) { fmt.Println("stranger:", a) })
	f.Discover(ctx, &r, func(a string) { fmt.Println(a) })
}

// lab is a till and a terminal on a switch.
type lab struct {
	t                        *testing.T
	all                      *netnstest.Lab
	till, terminal, switched *netnstest.Host
}

func newLab(t *testing.T) *lab {
	t.Helper()
	all := netnstest.New(t, "go test ./terminal/discovery")
	l := &lab{t, all, all.Host("till"), all.Host("term"), all.Host("switch")}
	l.switched.Bridge("br0", "10.77.0.254/24")
	all.Cable(l.till, "eth0", "10.77.0.1/24", l.switched, "br0")
	all.Cable(l.terminal, "eth0", "10.77.0.2/24", l.switched, "br0")
	return l
}

// start starts this program as a role. What it says arrives line by line.
func (l *lab) start(at *netnstest.Host, role, way string) <-chan string {
	l.t.Helper()
	self, err := os.Executable()
	if err != nil {
		l.t.Fatal(err)
	}
	line := append(at.Wrap(), self)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, wayVariable+"="+way)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(stdout); s.Scan(); {
			lines <- s.Text()
		}
	}()
	l.t.Cleanup(func() {
		_ = stdin.Close()
		for line := range lines {
			if strings.Contains(line, ": ") {
				l.t.Errorf("%s: %s", role, line)
			}
		}
		if err := cmd.Wait(); err != nil {
			l.t.Errorf("%s: %v", role, err)
		}
	})
	return lines
}

// until waits for a line.
func (l *lab) until(lines <-chan string, want string) {
	l.t.Helper()
	last := time.After(giveUp)
	for {
		select {
		case got, open := <-lines:
			if !open {
				l.t.Fatalf("ended before %s", want)
			}
			if strings.Contains(got, ": ") {
				l.t.Fatal(got)
			}
			if got == want {
				return
			}
		case <-last:
			l.t.Fatalf("%s was not found", want)
		}
	}
}

// S23: each way alone finds the terminal, and finds it again after its address has changed.
func TestTwoNetworkNamespaces(t *testing.T) {
	for _, way := range []string{"ssdp", "dns-sd", "beacon"} {
		t.Run(way, func(t *testing.T) {
			l := newLab(t)
			l.start(l.terminal, "terminal", way)
			till := l.start(l.till, "till", way)
			start := time.Now()
			l.until(till, "10.77.0.2:4443")
			t.Logf("found in %v", time.Since(start).Round(time.Millisecond))
			l.terminal.IP("address", "del", "10.77.0.2/24", "dev", "eth0")
			l.terminal.IP("address", "add", "10.77.0.9/24", "dev", "eth0")
			start = time.Now()
			l.until(till, "10.77.0.9:4443")
			t.Logf("found again in %v", time.Since(start).Round(time.Millisecond))
		})
	}
}

// A terminal in two networks, whose way out is the other one: S31 to S33.
func TestTerminalWithTwoInterfaces(t *testing.T) {
	for _, way := range []string{"ssdp", "dns-sd", "beacon"} {
		t.Run(way, func(t *testing.T) {
			l := newLab(t)
			l.switched.Bridge("br1")
			l.all.Cable(l.terminal, "aaa0", "10.78.0.2/24", l.switched, "br1")
			l.terminal.IP("route", "add", "default", "via", "10.78.0.254")
			l.start(l.terminal, "terminal", way)
			l.until(l.start(l.till, "till", way), "10.77.0.2:4443")
			// One that comes while the terminal runs.
			l.till.IP("address", "flush", "dev", "eth0")
			l.all.Cable(l.till, "wlan0", "10.79.0.1/24", l.switched, "br1")
			l.all.Cable(l.terminal, "wlan0", "10.79.0.2/24", l.switched, "br1")
			l.until(l.start(l.till, "till", way), "10.79.0.2:4443")
		})
	}
}

// What anybody in the network can hear does not tell which device it is. PRODUCT 3.1
func TestNothingStableIsTold(t *testing.T) {
	for _, way := range []string{"ssdp", "dns-sd"} {
		t.Run(way, func(t *testing.T) {
			l := newLab(t)
			heard := l.start(l.switched, "listener", way)
			l.until(heard, "listening")
			l.start(l.terminal, "terminal", way)
			l.until(l.start(l.till, "till", way), "10.77.0.2:4443")
			name, err := os.Hostname()
			if err != nil {
				t.Fatal(err)
			}
			r := paired("till", 'a')
			now := time.Now()
			ids := fmt.Sprintf("%x %x", session.PresenceID(r.ResumeKey, now), session.PresenceID(r.ResumeKey, now.Add(-time.Minute)))
			last := time.After(giveUp)
			for told := 0; told < 3; { // announced or asked for, and answered
				var line string
				select {
				case line = <-heard:
				case <-last:
					t.Fatal("the id of the hour was not heard: the listener is deaf")
				}
				line = strings.ToLower(line)
				for _, secret := range []string{name, "another till", "aaaaaaaa", "bbbbbbbb", runtime.GOOS, runtime.Version()} {
					if strings.Contains(line, strings.ToLower(secret)) {
						t.Errorf("%q is told: %s", secret, line)
					}
				}
				plain := strings.ReplaceAll(line, "-", "")
				if slices.ContainsFunc(strings.Fields(ids), func(id string) bool { return strings.Contains(plain, id) }) {
					told++
				}
			}
		})
	}
}

// Others in the network answer questions with rubbish, and send it unasked.
func TestNoise(t *testing.T) {
	for _, way := range []string{"ssdp", "dns-sd"} {
		t.Run(way, func(t *testing.T) {
			l := newLab(t)
			noise := l.start(l.switched, "noise", way)
			l.until(noise, "noisy")
			l.start(l.terminal, "terminal", way)
			till := l.start(l.till, "till", way)
			for range 3 {
				l.until(till, "10.77.0.2:4443")
			}
			select {
			case line, open := <-noise:
				if !open {
					t.Errorf("the noise stopped: %s", line)
				}
			default:
			}
		})
	}
}
