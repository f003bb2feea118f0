package devices_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/devices"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
)

// ok is a card that answers everything with 9000.
type ok struct{}

func (ok) Transmit(_ context.Context, dst, _ []byte) ([]byte, error) {
	return append(dst, 0x90, 0x00), nil
}

func TestChoose(t *testing.T) {
	ctx := context.Background()
	choose := func(r driver.Reader, asked driver.Kind) driver.Kind {
		k, err := devices.Choose(ctx, r, asked)
		if err != nil && !errors.Is(err, driver.ErrUnsupported) {
			t.Error(err)
		}
		return k
	}
	r := simulated.New(simulated.Config{})
	if k := choose(r, 0); k != driver.Contactless {
		t.Errorf("without a card: %v", k)
	}
	if err := r.Insert(ok{}, []byte{0x3B, 0x60, 0x00, 0x00}); err != nil {
		t.Fatal(err)
	}
	if k := choose(r, 0); k != driver.Contact {
		t.Errorf("with a card in the slot: %v", k)
	}
	if k := choose(r, driver.Contactless); k != driver.Contactless {
		t.Errorf("asked for: %v", k)
	}
	slot := simulated.New(simulated.Config{Kinds: driver.Contact})
	if k := choose(slot, 0); k != driver.Contact {
		t.Errorf("a slot: %v", k)
	}
	if k := choose(slot, driver.Contactless); k != 0 {
		t.Errorf("a slot has no field: %v", k)
	}
	if k := choose(simulated.New(simulated.Config{Kinds: driver.Stripe}), 0); k != 0 {
		t.Errorf("a stripe has no card to talk to: %v", k)
	}
}

// TestConnect waits for a card that comes later, in the slot and in the field.
func TestConnect(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, kind := range []driver.Kind{driver.Contact, driver.Contactless} {
		r := simulated.New(simulated.Config{})
		go func() {
			if kind == driver.Contact {
				_ = r.Insert(ok{}, []byte{0x3B, 0x60, 0x00, 0x00})
			} else {
				r.Tap(ok{}, nil)
			}
		}()
		s, err := devices.Connect(ctx, r, kind)
		if err != nil {
			t.Errorf("%v: %v", kind, err)
			continue
		}
		if got, err := s.Transmit(ctx, nil, []byte{0x00, 0xA4, 0x04, 0x00, 0x00}); err != nil || len(got) != 2 {
			t.Errorf("%v: %X, %v", kind, got, err)
		}
		_ = r.Close()
	}
}

func TestOpen(t *testing.T) {
	ctx := context.Background()
	if _, err := devices.Open(ctx, "no such reader"); kernel.CodeOf(err) != driver.ErrNotFound.Code {
		t.Errorf("%v", err)
	}
	if r, err := devices.Open(ctx, "device:"+filepath.Join(t.TempDir(), "nobody")); err == nil || r != nil {
		t.Errorf("a socket that nobody serves: %v, %v", r, err)
	}
	names := map[string]bool{}
	for _, l := range devices.List(ctx) {
		if l.Family == "" || names[l.Family] {
			t.Errorf("the family %q is there twice or has no name", l.Family)
		}
		names[l.Family] = true
		if l.Err != nil && kernel.CodeOf(l.Err) == "" {
			t.Errorf("%s: %v has no code", l.Family, l.Err)
		}
	}
	for _, want := range []string{"pcsc", "pn532", "msr", "device"} {
		if !names[want] {
			t.Errorf("%s is missing", want)
		}
	}
}
