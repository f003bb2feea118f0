//go:build linux || darwin || windows || freebsd || openbsd

package msr

import (
	"errors"
	"fmt"
	"io/fs"

	"go.bug.st/serial"

	"github.com/cardwright/emv/terminal/driver"
)

// Baud is the speed that serial readers have when they leave the factory.
const Baud = 9600

// OpenSerial opens a reader on a serial port, 9,600 baud, 8N1. Errors wrap driver.ErrNotFound, ErrPermission, ErrBusy or
// ErrDevice.
func OpenSerial(path string, c Config) (*Reader, error) {
	port, err := serial.Open(path, &serial.Mode{BaudRate: Baud})
	if err != nil {
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
		return nil, fmt.Errorf("%w: %s: %w", kind, path, err)
	}
	if c.Identity.Name == "" {
		c.Identity.Name = "msr:" + path
	}
	return NewText(port, c), nil
}
