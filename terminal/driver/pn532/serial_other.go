//go:build !(linux || darwin || windows || freebsd || openbsd)

package pn532

import (
	"context"
	"fmt"
	"runtime"

	"github.com/cardwright/emv/terminal/driver"
)

var errNoSerial = fmt.Errorf("%w: no serial ports on %s; bring a Transport", driver.ErrUnsupported, runtime.GOOS)

// OpenSerial opens no serial port on this system.
func OpenSerial(string) (Transport, error) { return nil, errNoSerial }

// Family finds nothing on this system.
type Family struct{ Config Config }

// Name returns "pn532".
func (Family) Name() string { return "pn532" }

// List returns an error that wraps driver.ErrUnsupported.
func (Family) List(context.Context) ([]driver.Found, error) { return nil, errNoSerial }

// Open returns the same.
func (f Family) Open(ctx context.Context, name string) (driver.Reader, error) {
	return open(ctx, name, f.Config)
}

func transportOf(path string) (Transport, error) { return OpenSerial(path) }
