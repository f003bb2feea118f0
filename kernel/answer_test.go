package kernel_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv/dict"
)

// TestAppendPDOLData: GET PROCESSING OPTIONS carries 255 bytes, three of them the template of 252 (Book 3, 6.5.8.3).
func TestAppendPDOLData(t *testing.T) {
	d := kernel.NewData()
	d.Reset(dict.Common)
	if err := d.Set(0x9F37, []byte{1, 2, 3, 4}); err != nil {
		t.Fatal(err)
	}
	const unknown = 0x5A // there is none: zeros
	for _, c := range []struct {
		list []byte
		want error
	}{
		{[]byte{0x9F, 0x37, 4, unknown, 248}, nil},
		{[]byte{0x9F, 0x37, 4, unknown, 249}, kernel.ErrLongPDOL},
	} {
		data, err := d.AppendPDOLData([]byte{0xAA}, c.list)
		if !errors.Is(err, c.want) {
			t.Errorf("%X: %v, want %v", c.list, err, c.want)
		}
		if want := append([]byte{0xAA, 1, 2, 3, 4}, make([]byte, 248)...); err == nil && !bytes.Equal(data, want) {
			t.Errorf("%X: %X", c.list, data)
		}
	}
	if _, err := d.AppendPDOLData(nil, []byte{0x9F}); err == nil || errors.Is(err, kernel.ErrLongPDOL) {
		t.Errorf("half a list: %v", err)
	}
}

// TestDeriveCID: 80 is an ARQC, 40 a TC, 00 an AAC; Card Verification Results byte 2 has them as 10, 01 and 00 in b6 and b5.
func TestDeriveCID(t *testing.T) {
	for _, c := range []struct {
		iad  []byte
		cid  byte
		made bool
	}{
		{[]byte{0x06, 0x01, 0x0A, 0x03, 0xA0, 0x00, 0x00}, 0x80, true},
		{[]byte{0x06, 0x01, 0x11, 0x03, 0x90, 0x00, 0x00}, 0x40, true},
		{[]byte{0x06, 0x01, 0x0A, 0x03, 0x80}, 0x00, true},
		{[]byte{0x06, 0x01, 0x0A, 0x03}, 0, false},
	} {
		d := kernel.NewData()
		d.Reset(dict.Common)
		if err := d.Set(0x9F10, c.iad); err != nil {
			t.Fatal(err)
		}
		made := d.DeriveCID()
		if got := d.Get(0x9F27); made != c.made || made && !bytes.Equal(got, []byte{c.cid}) {
			t.Errorf("%X: %v, %X; want %02X", c.iad, made, got, c.cid)
		}
	}
}
