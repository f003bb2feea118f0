package pos

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/cardwright/emv/terminal/wire"
)

// Platform is what an error of a platform's own network layer has: NSURLErrorDomain numbers on iOS.
type Platform interface{ PlatformCode() int }

// notConnected is NSURLErrorNotConnectedToInternet: what iOS says when it forbids the local network. S22, P19.
const notConnected = -1009

// Advise says what to tell the cashier about an error of Pair, or of a terminal that can't be reached: CodePermission
// where the platform forbids the local network to the app, otherwise the error's own code.
func Advise(platform string, err error) wire.Code {
	mobile := platform == "ios" || platform == "android"
	var p Platform
	switch {
	case err == nil:
		return ""
	case errors.Is(err, fs.ErrPermission), // EPERM, EACCES: a sandbox or a firewall of the device
		errors.As(err, &p) && p.PlatformCode() == notConnected,
		mobile && errors.Is(err, syscall.EHOSTUNREACH): // what a denial looks like to a socket there
		return wire.CodePermission
	}
	var e *wire.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return wire.CodeUnreachable
}
