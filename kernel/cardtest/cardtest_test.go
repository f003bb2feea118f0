package cardtest_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cardtest"
)

// good is a driver as the contract wants it; breaking changes one thing of it.
type good struct {
	answer   cardtest.Answer
	breaking string
}

func (g *good) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil && g.breaking != "ctx" {
		return dst, err
	}
	if g.breaking == "twice" {
		_, _ = g.answer(command)
	}
	if g.breaking == "touch" {
		command[0] ^= 0x80
	}
	type result struct {
		r   []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		r, err := g.answer(command)
		done <- result{r, err}
	}()
	if g.breaking == "ctx" {
		ctx = context.Background()
	}
	select {
	case <-ctx.Done():
		return dst, ctx.Err()
	case r := <-done:
		switch {
		case g.breaking == "overwrite":
			dst = dst[:0]
		case g.breaking == "short" && len(r.r) > 256:
			r.r = r.r[:256]
		case g.breaking == "error" && r.err != nil:
			r.err = errors.New("something")
		case g.breaking == "kind" && r.err != nil:
			r.err = kernel.ErrTimeout
		case g.breaking == "retry" && r.err != nil:
			r.r, r.err = g.answer(command)
		}
		return append(dst, r.r...), r.err
	}
}

func driver(breaking string) cardtest.Driver {
	return func(a cardtest.Answer) (kernel.Card, error) { return &good{a, breaking}, nil }
}

func TestAGoodDriverPasses(t *testing.T) { cardtest.Run(t, driver(""), cardtest.Features{}) }

// TestABadDriverFails shows that each check can fail.
func TestABadDriverFails(t *testing.T) {
	for breaking, want := range map[string]string{
		"short": "answers arrive whole", "overwrite": "answers are appended", "touch": "commands stay as they are",
		"twice": "one exchange, one command", "retry": "one exchange, one command",
		"ctx": "an ended context sends nothing", "error": "a card's errors keep their kind",
		"kind": "a card's errors keep their kind",
	} {
		found := false
		for _, v := range cardtest.Check(driver(breaking), cardtest.Features{NoHang: true}) {
			found = found || strings.HasPrefix(v.Error(), want)
		}
		if !found {
			t.Errorf("%s: %q was not noticed", breaking, want)
		}
	}
}
