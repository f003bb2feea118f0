package driver

import "github.com/cardwright/emv/kernel"

// What can be wrong with a reader, as opposed to a card. Drivers wrap these with what they know; errors.Is finds them, and
// kernel.CodeOf their code.
var (
	ErrGone        = &kernel.Error{Code: "driver.gone", Text: "the reader is not connected"}
	ErrBusy        = &kernel.Error{Code: "driver.busy", Text: "the reader is in use"}
	ErrUnsupported = &kernel.Error{Code: "driver.unsupported", Text: "the reader or this build can't do that"}
	ErrNotFound    = &kernel.Error{Code: "driver.not_found", Text: "there is no such reader"}
	ErrPermission  = &kernel.Error{Code: "driver.permission", Text: "the system refuses access to the reader"}
	ErrClosed      = &kernel.Error{Code: "driver.closed", Text: "the reader or the session was closed"}
	ErrDevice      = &kernel.Error{Code: "driver.device", Text: "the device does not behave as its kind does"}
	ErrUnreadable  = &kernel.Error{Code: "driver.unreadable", Text: "the stripe could not be read"}
)
