package tlv_test

import (
	"bytes"
	"testing"

	"github.com/cardwright/emv/tlv"
)

func TestAppendUsesTheShortestLength(t *testing.T) {
	for _, c := range []struct {
		n      int
		header string
	}{
		{0, "5A00"}, {127, "5A7F"}, {128, "5A8180"}, {255, "5A81FF"}, {256, "5A820100"}, {65535, "5A82FFFF"},
	} {
		value := bytes.Repeat([]byte{0xA5}, c.n)
		want := append(unhex(t, c.header), value...)
		if got := tlv.Append([]byte{}, 0x5A, value); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: begins %X, want %s", c.n, got[:4], c.header)
		}
		if got := tlv.Size(0x5A, c.n); got != len(want) {
			t.Errorf("%d bytes: size %d, want %d", c.n, got, len(want))
		}
		open, mark := tlv.Open([]byte{0xEE}, 0x70)
		got := tlv.Close(append(open, value...), mark)
		if want := tlv.Append([]byte{0xEE}, 0x70, value); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: Open and Close give %X…, want %X…", c.n, got[:5], want[:5])
		}
	}
}

func TestAppendRefusesWhatHasNoLength(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("65,536 bytes were written")
		}
	}()
	tlv.Append(nil, 0x5A, make([]byte, tlv.MaxLength+1))
}

func TestNodes(t *testing.T) {
	in := unhex(t, "6F 1A 84 07 A0000000031010 A5 0F 50 04 56495341 BF0C 05 9F5A 02 1234 0000")
	nodes, err := tlv.Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	if len(nodes) != 1 || len(nodes[0].Children) != 2 || nodes[0].Children[1].Children[1].Children[0].Tag != 0x9F5A {
		t.Fatalf("%+v", nodes)
	}
	want := unhex(t, "6F 19 84 07 A0000000031010 A5 0E 50 04 56495341 BF0C 05 9F5A 02 1234") // without the padding
	if got := nodes[0].Append(nil); !bytes.Equal(got, want) {
		t.Errorf("%X, want %X", got, want)
	}
}
