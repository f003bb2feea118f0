//go:build linux

package pn532_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cardtest"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/drivertest"
	"github.com/cardwright/emv/terminal/driver/pn532"
)

// line is a pseudo-terminal with a chip at its master side; the driver opens the slave as a serial port.
type line struct {
	chip  *chip
	path  string
	slave int // held open, so that the master does not hang up between two users

	mu      sync.Mutex
	disturb func([]byte) []byte // what the line does to the chip's frames; nil leaves them
	master  int
	done    chan struct{}
	all     sync.WaitGroup
}

// openLine does what posix_openpt, unlockpt and ptsname do.
func openLine() (*line, error) {
	master, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		return nil, err
	}
	n, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	if err != nil {
		return nil, err
	}
	l := &line{chip: &chip{}, path: fmt.Sprintf("/dev/pts/%d", n), master: master, done: make(chan struct{})}
	if l.slave, err = unix.Open(l.path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0); err != nil {
		return nil, err
	}
	attributes, err := unix.IoctlGetTermios(l.slave, unix.TCGETS)
	if err != nil {
		return nil, err
	}
	attributes.Lflag &^= unix.ECHO | unix.ICANON | unix.ISIG // raw before the driver says so: no echo of its first bytes
	attributes.Oflag &^= unix.OPOST
	attributes.Iflag &^= unix.ICRNL | unix.IXON
	if err := unix.IoctlSetTermios(l.slave, unix.TCSETS, attributes); err != nil {
		return nil, err
	}
	l.chip.send = l.write
	l.all.Go(l.serve)
	return l, nil
}

// serve reads what the driver writes. A chip whose card thinks goes on listening, as the real one does: each piece is
// received on its own.
func (l *line) serve() {
	buf := make([]byte, 1024)
	for {
		select {
		case <-l.done:
			return
		default:
		}
		poll := []unix.PollFd{{Fd: int32(l.master), Events: unix.POLLIN}}
		if n, err := unix.Poll(poll, 10); err != nil && err != unix.EINTR || n <= 0 {
			continue
		}
		n, err := unix.Read(l.master, buf)
		if err != nil || n <= 0 {
			time.Sleep(time.Millisecond)
			continue
		}
		l.chip.receive(buf[:n])
	}
}

func (l *line) write(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.disturb != nil {
		b = l.disturb(bytes.Clone(b))
	}
	if l.master >= 0 && len(b) > 0 {
		_, _ = unix.Write(l.master, b)
	}
}

// unplug pulls the USB cable: the port is there no more.
func (l *line) unplug() {
	select {
	case <-l.done:
		return
	default:
	}
	close(l.done)
	l.all.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = unix.Close(l.master)
	_ = unix.Close(l.slave)
	l.master = -1
}

func stand() (*drivertest.Stand, error) {
	l, err := openLine()
	if err != nil {
		return nil, err
	}
	r, err := openAt(l)
	if err != nil {
		l.unplug()
		return nil, err
	}
	return &drivertest.Stand{
		Reader: r,
		Tap:    func(a cardtest.Answer) error { l.chip.tap(&air{answer: a}); return nil },
		Leave:  l.chip.leave,
		Unplug: l.unplug,
		Done:   l.unplug,
	}, nil
}

func openAt(l *line) (*pn532.Reader, error) {
	t, err := pn532.OpenSerial(l.path)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), drivertest.Patience)
	defer cancel()
	return pn532.New(ctx, t, pn532.Config{Watch: 20 * time.Millisecond})
}

func TestConformance(t *testing.T) { drivertest.Run(t, stand) }

func TestOpenByName(t *testing.T) {
	l, err := openLine()
	if err != nil {
		t.Fatal(err)
	}
	defer l.unplug()
	r, err := pn532.Family{}.Open(t.Context(), "pn532:"+l.path)
	if err != nil {
		t.Fatal(err)
	}
	want := driver.Identity{Name: "pn532:" + l.path, Maker: "NXP", Model: "PN532", Firmware: "1.6"}
	if got := r.Identity(); got != want {
		t.Errorf("%+v", got)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	_, err = pn532.Family{}.Open(t.Context(), "pn532:"+os.DevNull+"-none")
	if code := codeOf(err); code != "driver.not_found" {
		t.Errorf("%v", err)
	}
}

// A name may ask for Apple's polling frame: the field says it to a phone before it is polled.
func TestOpenWithECP(t *testing.T) {
	for name, want := range map[string]int{"": 0, ",ecp": 1} {
		l, err := openLine()
		if err != nil {
			t.Fatal(err)
		}
		defer l.unplug()
		r, err := pn532.Family{}.Open(t.Context(), "pn532:"+l.path+name)
		if err != nil {
			t.Fatal(err)
		}
		l.chip.tap(&air{answer: (&count{}).ask})
		s, err := r.Open(t.Context(), driver.Contactless)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.(field).Activate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		l.unplug()
		if n := len(l.chip.raw); n != want || n > 0 && !bytes.Equal(l.chip.raw[0], pn532.ECP()) {
			t.Errorf("%q: %X", name, l.chip.raw)
		}
		if got := r.Identity().Name; got != "pn532:"+l.path {
			t.Error(got)
		}
	}
}

// TestLineFaultsOnATerminal is TestLineFaults with real time and a real serial port between driver and chip.
func TestLineFaultsOnATerminal(t *testing.T) {
	ack, answer := ackBytes, exchange
	for _, c := range []struct {
		name  string
		frame []byte
		how   func([]byte) []byte
		want  *kernel.Error // nil: it works
	}{
		{"lost ACK", ack, func([]byte) []byte { return nil }, kernel.ErrTransmission},
		{"garbled ACK", ack, func(b []byte) []byte { b[3]++; return b }, kernel.ErrTransmission},
		{"half an answer", answer, func(b []byte) []byte { return b[:6] }, nil},
		{"bad checksum", answer, func(b []byte) []byte { b[len(b)-2]++; return b }, nil},
		{"garbage before", answer, func(b []byte) []byte { return append([]byte{0x00, 0xFF, 0x20, 0xE0}, b...) }, nil},
		{"lost answer", answer, func([]byte) []byte { return nil }, kernel.ErrTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := openLine()
			if err != nil {
				t.Fatal(err)
			}
			defer l.unplug()
			port, err := pn532.OpenSerial(l.path)
			if err != nil {
				t.Fatal(err)
			}
			r, err := pn532.New(t.Context(), port, pn532.Config{Wait: 200 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			card := &count{}
			l.chip.tap(&air{answer: card.ask})
			s, err := r.Open(t.Context(), driver.Contactless)
			if err != nil {
				t.Fatal(err)
			}
			f := s.(field)
			if err := f.Activate(t.Context()); err != nil {
				t.Fatal(err)
			}
			once := true
			l.mu.Lock()
			l.disturb = func(b []byte) []byte {
				if once && bytes.Contains(b, c.frame) {
					once = false
					return c.how(b)
				}
				return b
			}
			l.mu.Unlock()
			got, err := f.Transmit(t.Context(), nil, read)
			switch {
			case c.want == nil && (err != nil || !bytes.Equal(got, []byte{0x90, 0x00})):
				t.Errorf("%X, %v", got, err)
			case c.want != nil && !errors.Is(err, c.want):
				t.Errorf("%v", err)
			}
			if err := f.Deactivate(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			if err := f.Activate(t.Context()); err != nil {
				t.Fatalf("after it: %v", err)
			}
			if got, err := f.Transmit(t.Context(), nil, read); err != nil || !bytes.Equal(got, []byte{0x90, 0x00}) {
				t.Errorf("after it: %X, %v", got, err)
			}
			_ = r.Close()
			l.unplug() // the chip has ended: what it counted can be read
			if len(card.commands) != 2 {
				t.Errorf("the card saw %d commands for two", len(card.commands))
			}
		})
	}
}
