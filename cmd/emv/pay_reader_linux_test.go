package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Stripes of published test numbers, as a serial reader sends them.
const (
	swipedPlain  = ";4111111111111111=29121010000000000?\r"
	swipedNoise  = ";4111111?\r"
	swipedSealed = ";4111000000001111=2912000?|0600|C25C1D1197D31CAA|\r"
)

// stripeReader is a reader of stripes on a serial line: the master side of a pseudo-terminal, whose other side has a path.
func stripeReader(t *testing.T) (line *os.File, path string) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	line = os.NewFile(uintptr(fd), "/dev/ptmx")
	t.Cleanup(func() { _ = line.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	path = fmt.Sprintf("/dev/pts/%d", n)
	slave, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(slave) })
	mode, err := unix.IoctlGetTermios(slave, unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	mode.Lflag &^= unix.ECHO | unix.ICANON | unix.ISIG // no echo of what is sent before the driver has set the line
	mode.Iflag &^= unix.ICRNL | unix.IXON
	if err := unix.IoctlSetTermios(slave, unix.TCSETS, mode); err != nil {
		t.Fatal(err)
	}
	return line, path
}

func TestPayBySwipe(t *testing.T) {
	line, path := stripeReader(t)
	p := start(t, "pay", "--reader", "msr:"+path)
	p.until(line, swipedNoise, "could not be read (magstripe.separator)")
	p.until(line, swipedPlain, "SWIPE")
	said := p.ends(exitOK)
	for _, want := range []string{"swipe, United States", "at msr:" + path, "Please swipe card", "Try again", "************1111", "APPROVED"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in\n%s", want, said)
		}
	}
}

// TestPayBySwipeThroughALink opens a reader by the name that udev gives it.
func TestPayBySwipeThroughALink(t *testing.T) {
	line, path := stripeReader(t)
	link := t.TempDir() + "/usb-reader"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	p := start(t, "pay", "--reader", "msr:"+link, "--swipe", "--json", "--decline")
	p.until(line, swipedPlain, `"stripe"`)
	if said := p.ends(exitBad); !strings.Contains(said, `"host.declined"`) {
		t.Error(said)
	}
}

func TestPayBySwipeEnciphered(t *testing.T) {
	line, path := stripeReader(t)
	p := start(t, "pay", "--reader", "msr:"+path)
	p.until(line, swipedSealed, "emv:")
	if said := p.ends(exitUsage); !strings.Contains(said, "emv: swipe.enciphered: ") || !strings.Contains(said, "bar-fields") {
		t.Error(said)
	}
}

func TestPayBySwipeLacksOthers(t *testing.T) {
	_, path := stripeReader(t)
	for _, flag := range []string{"--tap", "--contact"} {
		if said := start(t, "pay", "--reader", "msr:"+path, flag).ends(exitUsage); !strings.Contains(said, "driver.unsupported") {
			t.Errorf("%s: %s", flag, said)
		}
	}
}

// TestPayAtTwoReaders arms a reader of stripes and an app's field at once.
func TestPayAtTwoReaders(t *testing.T) {
	line, path := stripeReader(t)
	socket := startApp(t, "unix", t.TempDir()+"/slot", "--card", "visa-credit")
	p := start(t, "pay", "--reader", "msr:"+path, "--reader", "device:"+socket)
	if said := p.ends(exitOK); !strings.Contains(said, "contactless or swipe, United States") || !strings.Contains(said, "CONTACTLESS") {
		t.Error(said)
	}
	p = start(t, "pay", "--reader", "msr:"+path, "--reader", "device:"+socket, "--swipe")
	p.until(line, swipedPlain, "APPROVED")
	if said := p.ends(exitOK); !strings.Contains(said, "SWIPE") {
		t.Error(said)
	}
	_, other := stripeReader(t)
	if said := start(t, "pay", "--reader", "msr:"+path, "--reader", "msr:"+other).ends(exitUsage); !strings.Contains(said, "input.reader") {
		t.Error(said)
	}
}

// TestPayBySwipeInterrupted is Ctrl-C while the terminal waits for a swipe.
func TestPayBySwipeInterrupted(t *testing.T) {
	_, path := stripeReader(t)
	p := start(t, "pay", "--reader", "msr:"+path)
	ctx, cancel := context.WithTimeout(context.Background(), payWait)
	defer cancel()
	for !strings.Contains(p.said(), "Please swipe card") && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if said := p.ends(exitBad); !strings.Contains(said, "interrupted") {
		t.Error(said)
	}
}
