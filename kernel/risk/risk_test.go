package risk_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

type source byte

func (s source) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s)
	}
	return len(p), nil
}

type counters struct {
	script []byte
	sent   int
}

func (c *counters) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	c.sent++
	if c.script != nil {
		n := min(len(c.script), 9)
		dst = append(dst, c.script[:n]...)
		c.script = c.script[n:]
		return dst, nil
	}
	return append(dst, 0x9F, command[3], 2, 0, command[3], 0x90, 0), nil
}

func input(t testing.TB, random byte, card kernel.Card) risk.Input {
	t.Helper()
	env := &kernel.Env{Clock: kernel.SystemClock{}, Rand: source(random)}
	d := kernel.NewData()
	d.Reset(dict.Common)
	var objects []byte
	for _, o := range []struct {
		tag   tlv.Tag
		value []byte
	}{
		{0x5A, []byte{0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10}},
		{0x9F02, []byte{0, 0, 0, 0, 0x50, 0}},
		{0x9F1B, []byte{0, 0, 0x27, 0x10}},
		{0x9F35, []byte{0x22}},
		{0x9F14, []byte{3}},
		{0x9F23, []byte{5}},
	} {
		objects = tlv.Append(objects, o.tag, o.value)
	}
	if err := d.Load(objects); err != nil {
		t.Fatal(err)
	}
	in := risk.Input{Env: env, Data: d, Selection: risk.Selection{Target: 50, MaxTarget: 50}}
	if card != nil {
		in.Card = &kernel.Link{}
		in.Card.Open(env, card)
	}
	return in
}

// TestEveryDraw counts the draws: each number from 1 to 99 comes of two bytes, and no other.
func TestEveryDraw(t *testing.T) {
	for target := range 99 {
		selected := 0
		for b := range 198 {
			in := input(t, byte(b), nil)
			in.Selection = risk.Selection{Target: uint8(target), MaxTarget: uint8(target)}
			if err := risk.Perform(context.Background(), in); err != nil {
				t.Fatal(err)
			}
			if in.Data.Get(0x95)[3]&0x10 != 0 {
				selected++
			}
		}
		if selected != 2*target {
			t.Errorf("target %d selects %d of 198", target, selected)
		}
	}
}

// TestStuckSource: a source of randomness that gives nothing to draw from is an error and no loop.
func TestStuckSource(t *testing.T) {
	err := risk.Perform(context.Background(), input(t, 0xFF, nil))
	if kernel.CodeOf(err) != "rand.stuck" {
		t.Error(err)
	}
}

type broken struct{}

var errBroken = errors.New("the source's own")

func (broken) Read([]byte) (int, error) { return 0, errBroken }

// TestBrokenSource: the error of the source is told, and what had been found is written.
func TestBrokenSource(t *testing.T) {
	in := input(t, 0, nil)
	in.Env.Rand, in.ForcedOnline = broken{}, true
	if err := risk.Perform(context.Background(), in); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	if got := in.Data.Get(0x95); !bytes.Equal(got, []byte{0, 0, 0, 0x08, 0}) {
		t.Errorf("%X", got)
	}
}

// FuzzCounters holds that any answers to GET DATA end after two commands, and that counters which are not both there, or
// run backwards, exceed both limits.
func FuzzCounters(f *testing.F) {
	f.Add([]byte{0x9F, 0x36, 2, 0, 1, 0x90, 0, 0x9F, 0x13})
	f.Add([]byte{0x6A, 0x88})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, script []byte) {
		if script == nil {
			script = []byte{}
		}
		card := &counters{script: script}
		in := input(t, 0xC5, card)
		err := risk.Perform(context.Background(), in)
		if err != nil && !kernel.IsCardError(err) {
			t.Fatal(err)
		}
		if card.sent > 2 {
			t.Fatalf("%d commands", card.sent)
		}
		if tvr := in.Data.Get(0x95); err == nil && tvr[3]&0x60 != 0x60 && (!in.Data.Has(0x9F36) || !in.Data.Has(0x9F13)) {
			t.Fatalf("%X without counters", tvr)
		}
	})
}
