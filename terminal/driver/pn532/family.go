package pn532

import (
	"context"
	"strings"

	"github.com/cardwright/emv/terminal/driver"
)

var _ driver.Family = Family{}

func open(ctx context.Context, name string, c Config) (driver.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path := strings.TrimPrefix(name, "pn532:")
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
