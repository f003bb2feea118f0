//go:build linux || darwin || windows || freebsd || openbsd

package pn532

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"go.bug.st/serial"

	"github.com/cardwright/emv/terminal/driver"
)

// Baud is the speed of a PN532 after power up (UM0701-02, 6.3).
const Baud = 115200

// hsu is the high speed UART of the chip behind a serial port.
type hsu struct {
	port serial.Port
	wait time.Duration // as it is set at the port
}

// OpenSerial opens a serial port, 115,200 baud, 8N1, for New. Errors wrap driver.ErrNotFound, ErrBusy, ErrPermission or
// ErrDevice.
func OpenSerial(path string) (Transport, error) {
	port, err := serial.Open(path, &serial.Mode{BaudRate: Baud})
	if err != nil {
		return nil, serialError(path, err)
	}
	return &hsu{port: port, wait: -1}, nil
}

func serialError(path string, err error) error {
	kind := driver.ErrDevice
	var e *serial.PortError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		kind = driver.ErrNotFound
	case errors.Is(err, fs.ErrPermission):
		kind = driver.ErrPermission
	case errors.As(err, &e):
		switch e.Code() {
		case serial.PortNotFound:
			kind = driver.ErrNotFound
		case serial.PortBusy:
			kind = driver.ErrBusy
		case serial.PermissionDenied:
			kind = driver.ErrPermission
		default:
		}
	}
	return fmt.Errorf("%w: %s: %w", kind, path, err)
}

// Wake sends what wakes a chip that sleeps: 55 as the first byte, and time for its oscillator in bytes that mean nothing
// (UM0701-02, 7.2.11, and the PN532 data sheet on HSU wake-up).
func (h *hsu) Wake() error {
	preamble := [16]byte{0x55, 0x55}
	return h.Write(preamble[:])
}

func (h *hsu) Write(p []byte) error {
	for len(p) > 0 {
		n, err := h.port.Write(p)
		if err != nil {
			return err
		}
		if n == 0 {
			return io.ErrShortWrite
		}
		p = p[n:]
	}
	return nil
}

func (h *hsu) Read(p []byte, wait time.Duration) (int, error) {
	if h.wait != wait {
		if err := h.port.SetReadTimeout(wait); err != nil {
			return 0, err
		}
		h.wait = wait
	}
	return h.port.Read(p)
}

func (h *hsu) Close() error { return h.port.Close() }

// Family finds PN532s on serial ports. The zero value will do. A name with ",ecp" behind it opens a reader that also broadcasts
// ECP.
type Family struct{ Config Config }

// Name returns "pn532".
func (Family) Name() string { return "pn532" }

// List returns the serial ports. Which of them have a PN532 is not known before they are opened, and asking would disturb
// what else may be there.
func (Family) List(ctx context.Context) ([]driver.Found, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ports, err := serial.GetPortsList()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", driver.ErrUnsupported, err)
	}
	found := make([]driver.Found, 0, len(ports))
	for _, p := range ports {
		found = append(found, driver.Found{
			Identity: driver.Identity{Name: "pn532:" + p}, Kinds: driver.Contactless,
			Note: "a serial port; whether a PN532 is behind it shows when it is opened",
		})
	}
	return found, nil
}

// Open opens the port of a name that List gave, or of a path.
func (f Family) Open(ctx context.Context, name string) (driver.Reader, error) {
	return open(ctx, name, f.Config)
}

// transportOf opens the transport of a path.
func transportOf(path string) (Transport, error) { return OpenSerial(path) }
