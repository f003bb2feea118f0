package pn532

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// published are frames whose every byte the user manual gives or defines (UM0701-02): of 6.2.1.3 to 6.2.1.5 the frames
// without data, of 7.2.2 the version of the firmware that the manual is about, V1.6, and of 7.2.10 and 7.3.5 commands that
// application notes show whole.
var published = []struct {
	name, payload, frame string
	kind                 frameKind
}{
	{"ACK", "", "00 00 FF 00 FF 00", ackFrame},
	{"NACK", "", "00 00 FF FF 00 00", nackFrame},
	{"error", "7F", "00 00 FF 01 FF 7F 81 00", errorFrame},
	{"GetFirmwareVersion", "D4 02", "00 00 FF 02 FE D4 02 2A 00", dataFrame},
	{"firmware V1.6", "D5 03 32 01 06 07", "00 00 FF 06 FA D5 03 32 01 06 07 E8 00", dataFrame},
	{"SAMConfiguration, normal", "D4 14 01", "00 00 FF 03 FD D4 14 01 17 00", dataFrame},
	{"SAMConfiguration, done", "D5 15", "00 00 FF 02 FE D5 15 16 00", dataFrame},
	{"InListPassiveTarget, type A", "D4 4A 01 00", "00 00 FF 04 FC D4 4A 01 00 E1 00", dataFrame},
}

func TestPublishedFrames(t *testing.T) {
	for _, p := range published {
		t.Run(p.name, func(t *testing.T) {
			frame, payload := unhex(t, p.frame), unhex(t, p.payload)
			if len(payload) > 0 {
				if got := appendFrame(nil, payload); !bytes.Equal(got, frame) {
					t.Errorf("built %X, want %X", got, frame)
				}
			}
			var d decoder
			for i, b := range frame { // one byte after the other: whole with the last one only
				d.feed([]byte{b})
				kind, got := d.next(nil)
				last := i == len(frame)-1
				if (kind == p.kind) != last || last && !bytes.Equal(got, payload) {
					t.Fatalf("after %d bytes: kind %d, %X", i+1, kind, got)
				}
			}
			if d.noise || !d.empty() {
				t.Error("a clean frame left something behind")
			}
		})
	}
}

// TestFrames holds building and finding together for every length, normal and extended (UM0701-02, 6.2.1.1 and 6.2.1.2).
func TestFrames(t *testing.T) {
	for n := 1; n <= maxPayload; n++ {
		payload := bytes.Repeat([]byte{0xD5}, n)
		frame := appendFrame(nil, payload)
		if extended := frame[3] == 0xFF && frame[4] == 0xFF; extended != (n > 255) {
			t.Fatalf("%d bytes: extended %t", n, extended)
		}
		var d decoder
		d.feed(frame)
		if kind, got := d.next(nil); kind != dataFrame || !bytes.Equal(got, payload) {
			t.Fatalf("%d bytes: kind %d, %d bytes", n, kind, len(got))
		}
	}
}

// TestDisturbedFrames changes, drops or doubles one byte of a frame: it is not taken for another one, and the good frame
// behind it is found.
func TestDisturbedFrames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := append([]byte{0xD5}, rapid.SliceOfN(rapid.Byte(), 1, 270-6).Draw(t, "payload")...)
		good := []byte{0xD5, 0x15}
		frame := appendFrame(nil, payload)
		at := rapid.IntRange(0, len(frame)-1).Draw(t, "at")
		switch rapid.SampledFrom([]string{"flip", "drop"}).Draw(t, "how") {
		case "flip":
			frame[at] ^= rapid.ByteRange(1, 255).Draw(t, "bits")
		case "drop":
			frame = slices.Delete(frame, at, at+1)
		}
		var d decoder
		d.feed(frame)
		for {
			kind, got := d.next(nil)
			if kind == noFrame {
				break
			}
			// The first preamble byte may be lost or wrong: that is a good frame still.
			if kind == dataFrame && !bytes.Equal(got, payload) && !bytes.Contains(payload, got) {
				t.Fatalf("%X became %X", payload, got)
			}
		}
		d.reset()
		d.feed(appendFrame(nil, good))
		if kind, got := d.next(nil); kind != dataFrame || !bytes.Equal(got, good) {
			t.Fatalf("the good frame: %d, %X", kind, got)
		}
	})
}

func TestAHalfFrameIsGivenUp(t *testing.T) {
	var d decoder
	d.feed(unhex(t, "00 00 FF FA 06 D5 41")) // of 250 bytes, two have come
	d.feed(unhex(t, "00 00 FF 02 FE D5 15 16 00"))
	if kind, _ := d.next(nil); kind != noFrame {
		t.Fatalf("kind %d", kind)
	}
	d.skip()
	if kind, got := d.next(nil); kind != dataFrame || !bytes.Equal(got, []byte{0xD5, 0x15}) || !d.noise {
		t.Errorf("kind %d, %X", kind, got)
	}
}

func FuzzDecoder(f *testing.F) {
	for _, p := range published {
		f.Add(unhex(f, p.frame), 3)
	}
	f.Add(appendFrame(nil, bytes.Repeat([]byte{0xD5}, maxPayload)), 100)
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		var whole, parts decoder
		if len(stream) == 0 {
			return
		}
		cut = int(uint(cut) % uint(len(stream)))
		whole.feed(stream)
		a := drain(&whole)
		parts.feed(stream[:cut])
		b := drain(&parts)
		parts.feed(stream[cut:])
		b = append(b, drain(&parts)...)
		if !slices.EqualFunc(a, b, bytes.Equal) {
			t.Fatalf("in one piece %X, in two %X", a, b)
		}
		for _, p := range a {
			if len(p) > 1+maxPayload {
				t.Fatalf("%d bytes", len(p))
			}
		}
	})
}

// drain returns the frames, each with its kind before it.
func drain(d *decoder) (frames [][]byte) {
	for {
		kind, p := d.next(nil)
		if kind == noFrame {
			return frames
		}
		frames = append(frames, append([]byte{byte(kind)}, p...))
		if n := len(frames); len(frames[n-1]) == 1 && kind == dataFrame {
			panic("a data frame without data")
		}
	}
}
