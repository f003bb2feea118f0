package pos_test

import (
	"context"
	"testing"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// A till without a camera is told the address and the eight digits; from then on it is paired as any other.
func TestPairCode(t *testing.T) {
	d := newDevice(t, 1)
	r, _ := start(t, config(t))
	shown, done := make(chan pairing.Shown, 16), make(chan error, 1)
	go func() {
		_, err := d.desk.Run(context.Background(), func(s pairing.Shown) { shown <- s })
		done <- err
	}()
	s := <-shown
	port := must[*pairing.Code](t)(pairing.DecodeQR(s.Text)).Targets()[0].String()

	last := "0"
	if s.Typed[8] == '0' {
		last = "1"
	}
	_, err := r.PairCode(context.Background(), port, s.Typed[:8]+last)
	if pos.Advise("linux", err) != wire.CodeWrongCode {
		t.Fatalf("a wrong code: %v", err)
	}
	if len(r.List()) != 0 {
		t.Error("a wrong code left a terminal")
	}
	p, err := r.PairCode(context.Background(), port, s.Typed)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if p.Record.ID != d.id.String() {
		t.Errorf("paired with %s", p.Record.ID)
	}
	until(t, "online", func() bool {
		list := r.List()
		return len(list) == 1 && list[0].State == "ready"
	})
}
