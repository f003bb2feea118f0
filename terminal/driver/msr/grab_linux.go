package msr

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/cardwright/emv/terminal/driver"
)

// linux/input.h: EVIOCGRAB.
const eviocgrab = 0x40044590

// byID is where udev names input devices; what types ends in suffix.
const (
	byID   = "/dev/input/by-id"
	suffix = "-event-kbd"
)

// OpenWedge opens an input device and keeps its keys from everybody else: a card number must not be typed into whatever
// window is open. Errors wrap driver.ErrNotFound, ErrPermission, ErrBusy where another program has grabbed it, or
// ErrDevice for what is no input device.
func OpenWedge(path string, c Config) (*Reader, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err == nil {
		err = grab(f)
	}
	if err != nil {
		if f != nil {
			_ = f.Close()
		}
		return nil, openError(path, err)
	}
	if c.Identity.Name == "" {
		c.Identity.Name = "msr:" + path
	}
	return NewWedge(f, c), nil
}

func grab(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = unix.IoctlSetInt(int(fd), eviocgrab, 1) })
	return errors.Join(err, failed)
}

func openError(path string, err error) error {
	kind := driver.ErrDevice
	switch {
	case errors.Is(err, fs.ErrNotExist):
		kind = driver.ErrNotFound
	case errors.Is(err, fs.ErrPermission):
		kind = driver.ErrPermission
	case errors.Is(err, unix.EBUSY):
		kind = driver.ErrBusy
	}
	return fmt.Errorf("%w: %s: %w", kind, path, err)
}

// Family finds readers that type. The zero value will do.
type Family struct{ Config Config }

// Name returns "msr".
func (Family) Name() string { return "msr" }

// errNothing is a machine on which nothing types.
var errNothing = fmt.Errorf("%w: nothing types here; one on a serial port is named by its path: --reader msr:PATH", driver.ErrNotFound)

// List returns everything that types. What of it reads cards can't be told from a keyboard.
func (Family) List(ctx context.Context) ([]driver.Found, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(byID, "*"+suffix))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", driver.ErrUnsupported, err)
	}
	if len(paths) == 0 {
		return nil, errNothing
	}
	found := make([]driver.Found, 0, len(paths))
	for _, p := range paths {
		found = append(found, driver.Found{
			Identity: driver.Identity{Name: "msr:" + p, Model: strings.TrimSuffix(filepath.Base(p), suffix)}, Kinds: driver.Stripe,
			Note: "types like a keyboard; it may be one",
		})
	}
	return found, nil
}

// Open opens a device of a name that List gave, or of a path: an input device, which is grabbed, or any other terminal, such
// as /dev/ttyUSB0, /dev/serial/by-id/NAME or a pseudo-terminal, as a serial port. A link is what it leads to.
func (f Family) Open(ctx context.Context, name string) (driver.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path := strings.TrimPrefix(name, "msr:")
	device, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, openError(path, err)
	}
	open := OpenWedge
	for _, folder := range []string{"/dev/tty", "/dev/pts/"} {
		if strings.HasPrefix(device, folder) {
			open = OpenSerial
		}
	}
	r, err := open(path, f.Config)
	if err != nil {
		return nil, err
	}
	return r, nil
}
