// Package dock knows whether a device stands in its dock, and what follows from it: the two modes, who may use what in
// each, and whether power is enough. PRODUCT S1, S4, S80, S86, S87, S89, S90, S92.
//
//	Dock      the signal: Virtual by hand, USB by what the kernel says of devices that come and go
//	Machine   the mode: the signal debounced, and the order in which a mode is left and entered
//	Staff     who is signed in to the device itself, and the scanner: both in mobile mode only
//	Supply    battery and mains
//
// # Contract
//
//   - The device is in exactly one mode. Whatever the signal did, it ends in the mode of the signal's last level.
//   - A mode is left before the other is entered, and never in the middle of a payment. When it has been left no staff token
//     of before holds, and the scanner is closed.
//   - Refusals are *wire.Error with stable codes.
//   - No goroutine outlives Run or the context that it was given. Close of a Source ends a read.
package dock
