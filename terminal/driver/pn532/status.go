package pn532

import (
	"fmt"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// The status byte of a response about a target (UM0701-02, 7.1).
const (
	statusMore = 0x40 // MI: the card's answer goes on
	statusCode = 0x3F
)

// statusError returns what a status byte means for an exchange, nil for 00.
func statusError(status byte) error {
	kind, text := error(kernel.ErrProtocol), "unknown"
	switch status & statusCode {
	case 0x00:
		return nil
	case 0x01:
		kind, text = kernel.ErrTimeout, "the target has not answered"
	case 0x02:
		kind, text = kernel.ErrTransmission, "CRC error"
	case 0x03:
		kind, text = kernel.ErrTransmission, "parity error"
	case 0x04:
		kind, text = kernel.ErrTransmission, "erroneous bit count in anticollision"
	case 0x05:
		kind, text = kernel.ErrTransmission, "framing error"
	case 0x06:
		kind, text = kernel.ErrCollision, "bit collision"
	case 0x07, 0x09, 0x0E:
		text = "a buffer of the chip is too small"
	case 0x0A:
		kind, text = kernel.ErrRemoved, "no field"
	case 0x0B:
		text = "RF protocol error"
	case 0x0D, 0x2D:
		kind, text = driver.ErrDevice, "the chip is too hot or draws too much"
	case 0x10:
		kind, text = driver.ErrDevice, "invalid parameter"
	case 0x25, 0x27:
		kind, text = kernel.ErrRemoved, "there is no target"
	case 0x29:
		kind, text = kernel.ErrRemoved, "the target was released"
	case 0x2B:
		kind, text = kernel.ErrRemoved, "the target has disappeared"
	}
	return fmt.Errorf("%w: PN532 status %02X, %s", kind, status&statusCode, text)
}
