package kernel_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/cardwright/emv/kernel"
)

// TestDraw: over all bytes that count each number comes as often as the others, and the bytes that don't are drawn again.
func TestDraw(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(255 - i) // those that are drawn again come first
	}
	for _, c := range []struct{ n, draws, each int }{{99, 198, 2}, {10, 250, 25}, {256, 256, 1}, {1, 256, 256}} {
		source, room, seen := bytes.NewReader(all), make([]byte, 1), map[int]int{}
		for range c.draws {
			v, err := kernel.Draw(source, room, c.n)
			if err != nil || v < 0 || v >= c.n {
				t.Fatalf("below %d: %d, %v", c.n, v, err)
			}
			seen[v]++
		}
		for v, times := range seen {
			if times != c.each {
				t.Errorf("below %d: %d came %d times", c.n, v, times)
			}
		}
		if _, err := kernel.Draw(source, room, c.n); !errors.Is(err, io.EOF) {
			t.Errorf("below %d: %v", c.n, err)
		}
	}
	if _, err := kernel.Draw(bytes.NewReader(bytes.Repeat([]byte{0xFF}, 1000)), make([]byte, 1), 10); !errors.Is(err, kernel.ErrStuckRand) {
		t.Errorf("a source that is stuck: %v", err)
	}
}
