//go:build !linux

package msr

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/cardwright/emv/terminal/driver"
)

// OpenWedge opens nothing on this system: keys can be kept from other programs on Linux only.
func OpenWedge(string, Config) (*Reader, error) { return nil, errNoInput }

var errNoInput = fmt.Errorf("%w: no input devices on %s; readers that type need Linux", driver.ErrUnsupported, runtime.GOOS)

// Family finds nothing on this system, and opens serial ports.
type Family struct{ Config Config }

// Name returns "msr".
func (Family) Name() string { return "msr" }

// List returns an error that wraps driver.ErrUnsupported.
func (Family) List(context.Context) ([]driver.Found, error) { return nil, errNoInput }

// Open opens a serial port.
func (f Family) Open(ctx context.Context, name string) (driver.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := OpenSerial(strings.TrimPrefix(name, "msr:"), f.Config)
	if err != nil {
		return nil, err
	}
	return r, nil
}
