package device

import (
	"bytes"
	"testing"
	"time"
)

// messages are one of each type, and the bytes that the package comment makes of them.
var messages = []struct {
	name string
	f    frame
	want []byte
}{
	{"hello", frame{kind: typeHello, code: 1, data: []byte("emv")}, []byte{0, 0, 0, 5, 0x01, 1, 'e', 'm', 'v'}},
	{"on", frame{kind: typeOn, number: 1}, []byte{0, 0, 0, 5, 0x02, 0, 0, 0, 1}},
	{"off", frame{kind: typeOff, number: 258}, []byte{0, 0, 0, 5, 0x03, 0, 0, 1, 2}},
	{"command", frame{kind: typeCommand, number: 3, data: []byte{0, 0xA4, 4, 0}}, []byte{0, 0, 0, 9, 0x04, 0, 0, 0, 3, 0, 0xA4, 4, 0}},
	{"abort", frame{kind: typeAbort, number: 3}, []byte{0, 0, 0, 5, 0x05, 0, 0, 0, 3}},
	{"card", frame{kind: typeCard, number: 1, extended: true, data: []byte{2, 0x78}}, []byte{0, 0, 0, 8, 0x81, 0, 0, 0, 1, 1, 2, 0x78}},
	{"done", frame{kind: typeDone, number: 2}, []byte{0, 0, 0, 5, 0x82, 0, 0, 0, 2}},
	{
		"answer",
		frame{kind: typeAnswer, number: 3, took: 256 * time.Nanosecond, data: []byte{0x90, 0}},
		[]byte{0, 0, 0, 15, 0x84, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 1, 0, 0x90, 0},
	},
	{"failed", frame{kind: typeFailed, number: 3, code: 5}, []byte{0, 0, 0, 6, 0x85, 0, 0, 0, 3, 5}},
	{"left", frame{kind: typeLeft}, []byte{0, 0, 0, 1, 0x86}},
}

func TestMessages(t *testing.T) {
	for _, m := range messages {
		if got := appendFrame(nil, m.f); !bytes.Equal(got, m.want) {
			t.Errorf("%s: %X, want %X", m.name, got, m.want)
		}
		f, _, err := readFrame(bytes.NewReader(m.want), nil)
		if err != nil || f.kind != m.f.kind || f.number != m.f.number || f.code != m.f.code || f.extended != m.f.extended ||
			f.took != m.f.took || !bytes.Equal(f.data, m.f.data) {
			t.Errorf("%s: read %+v, %v", m.name, f, err)
		}
	}
}

// FuzzFrame holds reading and writing together: what is a frame is written the same way, and what is none is an error.
func FuzzFrame(f *testing.F) {
	for _, m := range messages {
		f.Add(m.want)
	}
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0xFF})
	f.Add([]byte{0, 1, 0, 0x40, 0x84, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, buf, err := readFrame(bytes.NewReader(b), nil)
		if len(buf) > maxFrame {
			t.Fatalf("kept %d bytes", len(buf))
		}
		if err != nil {
			return
		}
		if again := appendFrame(nil, got); !bytes.HasPrefix(b, again) {
			t.Fatalf("%X was written as %X", b, again)
		}
	})
}
