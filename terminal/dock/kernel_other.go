//go:build !linux

package dock

import (
	"runtime"

	"github.com/cardwright/emv/terminal/wire"
)

// OpenKernel is for Linux. The error is CodeNoDock.
func OpenKernel() (Source, error) {
	return nil, wire.Refuse(CodeNoDock, "no dock is known by its devices on %s", runtime.GOOS)
}
