package pn532

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
)

// echo is a chip that acknowledges every command and answers an exchange with a record.
type echo struct {
	record []byte
	out    []byte
}

func (*echo) Wake() error  { return nil }
func (*echo) Close() error { return nil }

func (e *echo) Write(p []byte) error {
	var d decoder
	d.feed(p)
	kind, payload := d.next(nil)
	if kind != dataFrame {
		return nil
	}
	answer := []byte{fromChip, payload[1] + 1}
	if payload[1] == cmdInDataExchange {
		answer = append(append(answer, 0x00), e.record...)
	}
	e.out = appendFrame(append(e.out, frameACK...), answer)
	return nil
}

func (e *echo) Read(p []byte, _ time.Duration) (int, error) {
	n := copy(p, e.out)
	e.out = e.out[n:]
	return n, nil
}

// TestNothingIsKept has a record read and the field switched off: nothing of the record is left in the link.
func TestNothingIsKept(t *testing.T) {
	secret := []byte{0x5A, 0x08, 0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10}
	l := newLink(&echo{record: append(bytes.Repeat([]byte{0x01}, 60), secret...)}, kernel.SystemClock{})
	r, err := l.send(context.Background(), time.Second, []byte{cmdInDataExchange, 1}, []byte{0x00, 0xB2, 0x01, 0x0C, 0x00})
	if err != nil || !bytes.Contains(r.data, secret) {
		t.Fatalf("%X, %v", r.data, err)
	}
	if err := l.setField(context.Background(), false); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"payload": l.payload, "frame": l.frame, "decoder": l.decoder.buf, "read": l.read[:]} {
		if bytes.Contains(b[:cap(b)], secret[2:]) {
			t.Errorf("the card's number is left in %s", name)
		}
	}
}
