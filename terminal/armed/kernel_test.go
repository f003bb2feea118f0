package armed_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/armed"
	"github.com/cardwright/emv/terminal/driver"
	simcard "github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
)

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// shop is a terminal with Kernel 3.
func shop(t *testing.T) *contactless.Terminal {
	t.Helper()
	keys, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := contactless.New(contactless.Config{
		Terminal: []byte{0x9F, 0x1A, 0x02, 0x08, 0x40, 0x9F, 0x33, 0x03, 0xE0, 0xB8, 0xC8, 0x9F, 0x35, 0x01, 0x22}, Restarts: 3,
		Combinations: []contactless.Combination{{
			AID: []byte{0xA0, 0, 0, 0, 3, 0x10, 0x10}, Kernel: kernel.Visa, TTQ: &contactless.TTQ{0x37, 0x00, 0xC0, 0x00},
		}},
	}, kernel.Env{Clock: kernel.SystemClock{}, Rand: zeros{}, CAPKs: keys}, visa.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

// TestATapPays hands what won to a kernel, and its cryptogram to the issuer.
func TestATapPays(t *testing.T) {
	c, err := simcard.New(simcard.Config{Profile: "visa-credit"})
	if err != nil {
		t.Fatal(err)
	}
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	r := reader(t)
	w := begin(t, r, nil)
	r.Tap(c, nil)
	e := w.wants(driver.Contactless)
	defer e.Close()
	out, err := shop(t).Transact(context.Background(), e.Card, kernel.Transaction{Amount: 1250, Currency: 840})
	if err != nil || out.Kind != kernel.OnlineRequest {
		t.Fatalf("%v because of %v, %v", out.Kind, out.Why, err)
	}
	if v, err := host.Decide(out.Record); err != nil || !v.Approved {
		t.Errorf("%+v, %v", v, err)
	}
}

// vanishing leaves the field at its third command.
type vanishing struct {
	kernel.Card
	left  int
	leave func()
}

func (v *vanishing) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if v.left--; v.left < 0 {
		v.leave()
		return dst, kernel.ErrRemoved
	}
	return v.Card.Transmit(ctx, dst, command)
}

// TestAChipTakesOverFromATornTap pulls the phone in mid-transaction and inserts a chip instead: the kernel's Try Again
// ends, and the chip is what the till goes on with.
func TestAChipTakesOverFromATornTap(t *testing.T) {
	c, err := simcard.New(simcard.Config{Profile: "visa-credit"})
	if err != nil {
		t.Fatal(err)
	}
	r := reader(t)
	w := begin(t, r, nil)
	r.Tap(&vanishing{c, 2, func() { r.Leave(); _ = r.Insert(card(9), atr) }}, nil)
	e := w.wants(driver.Contactless)
	defer e.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err = shop(t).Transact(ctx, e.Card, kernel.Transaction{Amount: 1250, Currency: 840, Time: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	var switched *armed.Switched
	if !errors.As(err, &switched) {
		t.Fatalf("%v", err)
	}
	defer switched.To.Close()
	if n := number(t, switched.To); n != 9 || switched.To.Kind != driver.Contact {
		t.Errorf("card %d by %s", n, switched.To.Kind)
	}
}
