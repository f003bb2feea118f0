//go:build !(linux || darwin || windows || freebsd || openbsd)

package msr

import (
	"fmt"
	"runtime"

	"github.com/cardwright/emv/terminal/driver"
)

// OpenSerial opens no serial port on this system.
func OpenSerial(string, Config) (*Reader, error) {
	return nil, fmt.Errorf("%w: no serial ports on %s", driver.ErrUnsupported, runtime.GOOS)
}
