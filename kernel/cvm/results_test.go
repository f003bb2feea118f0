package cvm_test

import (
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cvm"
)

// TestOf has the examples of Book 4, 6.3.4.5 and Annex A4: method and condition, then the result.
func TestOf(t *testing.T) {
	for _, c := range []struct {
		results []byte
		is      kernel.CVM
		pin     bool
	}{
		{nil, kernel.NotApplicable, false},
		{[]byte{0x41, 0x03}, kernel.NotApplicable, false},
		{[]byte{0x41, 0x03, 0x02}, kernel.NotApplicable, true},    // plaintext PIN that the card verified
		{[]byte{0x44, 0x03, 0x02}, kernel.NotApplicable, true},    // enciphered
		{[]byte{0x44, 0x03, 0x01}, kernel.NotApplicable, false},   // it failed
		{[]byte{0x43, 0x03, 0x00}, kernel.ObtainSignature, false}, // PIN and signature: the signature is for the merchant to see
		{[]byte{0x42, 0x03, 0x00}, kernel.OnlinePIN, false},
		{[]byte{0x1E, 0x03, 0x00}, kernel.ObtainSignature, false},
		{[]byte{0x1F, 0x03, 0x02}, kernel.NoCVM, false},
		{[]byte{0x3F, 0x00, 0x01}, kernel.NotApplicable, false}, // no method succeeded
		{[]byte{0x3F, 0x00, 0x00}, kernel.NotApplicable, false}, // none was performed
	} {
		if is, pin := cvm.Of(c.results); is != c.is || pin != c.pin {
			t.Errorf("%X: %v, %t", c.results, is, pin)
		}
	}
}
