package replay_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cardtest"
	"github.com/cardwright/emv/testvectors/replay"
)

func exchange(t *testing.T, command, response string) replay.Exchange {
	t.Helper()
	p, err := replay.ParsePattern(command)
	if err != nil {
		t.Fatal(err)
	}
	r, err := hex.DecodeString(response)
	if err != nil {
		t.Fatal(err)
	}
	return replay.Exchange{Command: p, Response: r}
}

func send(t *testing.T, c *replay.Card, command string) (string, error) {
	t.Helper()
	b, err := hex.DecodeString(command)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Transmit(context.Background(), nil, b)
	return hex.EncodeToString(r), err
}

func TestStrictOrder(t *testing.T) {
	s := &replay.Script{Exchanges: []replay.Exchange{exchange(t, "00A4..00", "9000"), exchange(t, "80A8", "6985")}}
	c := replay.NewCard(replay.NewClock(time.Time{}), replay.Tap{Script: s})
	if r, err := send(t, c, "00A4FF00"); r != "9000" || err != nil {
		t.Errorf("%s %v", r, err)
	}
	_, err := send(t, c, "80A9")
	var m *replay.Mismatch
	if !errors.As(err, &m) || m.Got != "80A9" || m.Want != "80A8" || m.At != 1 {
		t.Fatalf("%v", err)
	}
	if kernel.IsCardError(err) {
		t.Error("a mismatch is taken for a card error")
	}
	if _, again := send(t, c, "80A8"); !errors.As(again, &m) {
		t.Errorf("the card went on after a mismatch: %v", again)
	}
	if c.Mismatch() == nil || len(c.Commands()) != 2 {
		t.Errorf("%v, %d commands", c.Mismatch(), len(c.Commands()))
	}
}

func TestEndOfScript(t *testing.T) {
	c := replay.NewCard(replay.NewClock(time.Time{}), replay.Tap{Script: &replay.Script{}})
	var m *replay.Mismatch
	if _, err := send(t, c, "00A4"); !errors.As(err, &m) || m.Want != "" {
		t.Errorf("%v", err)
	}
}

func TestAnyOrder(t *testing.T) {
	s := &replay.Script{AnyOrder: true, Otherwise: []byte{0x6A, 0x82}, Exchanges: []replay.Exchange{
		exchange(t, "0001", "019000"), exchange(t, "0002", "029000"), exchange(t, "0001", "039000"),
	}}
	c := replay.NewCard(replay.NewClock(time.Time{}), replay.Tap{Script: s})
	for _, x := range [][2]string{{"0002", "029000"}, {"0001", "019000"}, {"0003", "6a82"}, {"0001", "039000"}, {"0001", "6a82"}} {
		if r, err := send(t, c, x[0]); r != x[1] || err != nil {
			t.Errorf("%s: %s %v, want %s", x[0], r, err, x[1])
		}
	}
	s.Otherwise = nil
	var m *replay.Mismatch
	if _, err := send(t, c, "0004"); !errors.As(err, &m) {
		t.Errorf("%v", err)
	}
}

func TestTimeAndErrors(t *testing.T) {
	clock := replay.NewClock(time.Unix(0, 0))
	e := exchange(t, "00", "9000")
	e.Took = 40 * time.Millisecond
	s := &replay.Script{Exchanges: []replay.Exchange{e, {Command: e.Command, Err: kernel.ErrTimeout}}}
	c := replay.NewCard(clock, replay.Tap{Script: s})
	if _, err := send(t, c, "00"); err != nil || clock.Since(time.Unix(0, 0)) != e.Took || c.ExchangeTime() != e.Took {
		t.Errorf("%v, %v", err, clock.Now())
	}
	if _, err := send(t, c, "00"); !errors.Is(err, kernel.ErrTimeout) {
		t.Errorf("%v", err)
	}
}

func TestField(t *testing.T) {
	ctx := context.Background()
	clock := replay.NewClock(time.Unix(0, 0))
	c := replay.NewCard(clock, replay.Tap{Collision: true}, replay.Tap{Script: &replay.Script{}})
	if err := c.Activate(ctx); !errors.Is(err, kernel.ErrCollision) {
		t.Errorf("%v", err)
	}
	if err := c.Activate(ctx); err != nil || c.Left() != 0 {
		t.Errorf("%v, %d left", err, c.Left())
	}
	if err := c.Deactivate(ctx, 1300*time.Millisecond); err != nil {
		t.Error(err)
	}
	if err := c.Deactivate(ctx, 0); err != nil {
		t.Error(err)
	}
	if err := c.Activate(ctx); !errors.Is(err, replay.ErrNoCard) || kernel.IsCardError(err) {
		t.Errorf("%v", err)
	}
	want := []string{"on", "off:1300", "off", "on"}
	if !slices.Equal(c.Field(), want) || clock.Since(time.Unix(0, 0)) != 1300*time.Millisecond {
		t.Errorf("%v, %v", c.Field(), clock.Now())
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := c.Activate(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestEndless(t *testing.T) {
	s := &replay.Script{AnyOrder: true, Otherwise: []byte{0x90, 0x00}}
	c := replay.NewCard(replay.NewClock(time.Time{}), replay.Tap{Script: s})
	var err error
	for n := 0; err == nil && n <= replay.MaxCommands; n++ {
		_, err = send(t, c, "00")
	}
	if !errors.Is(err, replay.ErrCommands) {
		t.Errorf("%v", err)
	}
}

// TestAgain plays a script that is alone: it goes on while it has something to begin with.
func TestAgain(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name      string
		any       bool
		exchanges []string
		found     bool
	}{
		{"strict with something left", false, []string{"00A40400", "00A40400"}, true},
		{"strict and used up", false, []string{"00A40400"}, false},
		{"any order with the same SELECT", true, []string{"00A40400", "80A8", "00A40400"}, true},
		{"any order without", true, []string{"00A40400", "80A8"}, false},
	} {
		s := &replay.Script{AnyOrder: c.any}
		for _, command := range c.exchanges {
			s.Exchanges = append(s.Exchanges, exchange(t, command, "9000"))
		}
		card := replay.NewCard(replay.NewClock(time.Time{}), replay.Tap{Script: s, Again: true})
		if err := card.Activate(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := send(t, card, "00A40400"); err != nil {
			t.Fatal(err)
		}
		if left, err := card.Left(), card.Activate(ctx); (err == nil) != c.found || (left == 1) != c.found {
			t.Errorf("%s: %d left, %v", c.name, left, err)
		}
	}
}

func TestPattern(t *testing.T) {
	for _, bad := range []string{"0", "0.", ".0", "GG", "....."} {
		if _, err := replay.ParsePattern(bad); !errors.Is(err, replay.ErrPattern) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	p, err := replay.ParsePattern("a4..")
	if err != nil || p.String() != "A4.." || !p.Match([]byte{0xA4, 7}) || p.Match([]byte{0xA4}) || p.Match([]byte{0xA5, 7}) {
		t.Errorf("%v %v", p, err)
	}
}

// live answers by a function, as a simulated card does.
type live struct{ answer cardtest.Answer }

func (l live) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	r, err := l.answer(bytes.Clone(command))
	return append(dst, r...), err
}

// TestConformance holds the card to the contract of kernel.Card.
func TestConformance(t *testing.T) {
	cardtest.Run(t, func(answer cardtest.Answer) (kernel.Card, error) {
		c := replay.NewCard(replay.NewClock(time.Time{}), replay.Tap{Card: live{answer}})
		return c, c.Activate(context.Background())
	}, cardtest.Features{NoHang: true, MaxAnswer: 1 << 16})
}
