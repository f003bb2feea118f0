package devices

import (
	"context"
	"fmt"

	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/device"
)

// sockets are the readers of apps: an app serves the device's own NFC at a socket, whose path is the reader's name.
type sockets struct{}

// Name returns "device".
func (sockets) Name() string { return "device" }

// List returns none: a socket can't be found, and says so.
func (sockets) List(context.Context) ([]driver.Found, error) {
	return nil, fmt.Errorf("%w: an app's socket is named by its path: --reader device:PATH", driver.ErrNotFound)
}

// Open connects to the app at a path.
func (sockets) Open(ctx context.Context, path string) (driver.Reader, error) {
	r, err := device.Dial(ctx, path)
	if err != nil {
		return nil, err
	}
	return r, nil
}
