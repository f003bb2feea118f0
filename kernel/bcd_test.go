package kernel_test

import (
	"bytes"
	"testing"

	"github.com/cardwright/emv/kernel"
)

// TestNibbles writes every half byte where the other one stays.
func TestNibbles(t *testing.T) {
	b := []byte{0x12, 0x34}
	for i, want := range []byte{1, 2, 3, 4} {
		if got := kernel.Nibble(b, i); got != want {
			t.Errorf("half byte %d is %X, want %X", i, got, want)
		}
	}
	kernel.SetNibble(b, 0, 0x9)
	kernel.SetNibble(b, 3, 0xFD) // the upper half is not its own
	if want := []byte{0x92, 0x3D}; !bytes.Equal(b, want) {
		t.Errorf("%X, want %X", b, want)
	}
}
