//go:build !pcsc

package pcsc

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// TestNotBuilt looks at what a build without PC/SC says.
func TestNotBuilt(t *testing.T) {
	if Built {
		t.Fatal("it is built")
	}
	f := New(Options{})
	_, listing := f.List(context.Background())
	_, opening := f.Open(context.Background(), "any")
	for name, err := range map[string]error{"List": listing, "Open": opening} {
		if !errors.Is(err, driver.ErrUnsupported) || kernel.CodeOf(err) != "driver.unsupported" ||
			!strings.Contains(err.Error(), "-tags pcsc") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f.Name() != "pcsc" {
		t.Errorf("the name is %q", f.Name())
	}
}
