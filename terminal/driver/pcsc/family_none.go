//go:build !pcsc

package pcsc

import (
	"context"
	"fmt"

	"github.com/cardwright/emv/terminal/driver"
)

// Built reports whether this build has the driver.
const Built = false

// errNotBuilt says how to get the driver.
var errNotBuilt = fmt.Errorf("%w: this build has no PC/SC; build with CGO_ENABLED=1 go build -tags pcsc ./cmd/emv, "+
	"which needs libpcsclite-dev", driver.ErrUnsupported)

type family struct{}

// New returns the family of a build without PC/SC: it lists and opens nothing and says how to build with it.
func New(Options) driver.Family { return family{} }

// Name returns "pcsc".
func (family) Name() string { return "pcsc" }

// List returns no reader, and why.
func (family) List(context.Context) ([]driver.Found, error) { return nil, errNotBuilt }

// Open opens none, and says why.
func (family) Open(context.Context, string) (driver.Reader, error) { return nil, errNotBuilt }
