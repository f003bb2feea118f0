package pn532

import (
	"context"
	"slices"
	"strings"

	"github.com/cardwright/emv/terminal/driver"
)

var _ driver.Family = Family{}

// withECP is behind the path of a reader that broadcasts ECP.
const withECP = ",ecp"

func open(ctx context.Context, name string, c Config) (driver.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path, ecp := strings.CutSuffix(strings.TrimPrefix(name, "pn532:"), withECP)
	if ecp {
		c.Broadcast = append(slices.Clone(c.Broadcast), ECP())
	}
	t, err := transportOf(path)
	if err != nil {
		return nil, err
	}
	if c.Name == "" {
		c.Name = "pn532:" + path
	}
	r, err := New(ctx, t, c)
	if err != nil {
		return nil, err
	}
	return r, nil
}
