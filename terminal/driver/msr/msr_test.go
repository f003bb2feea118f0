package msr_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/drivertest"
	"github.com/cardwright/emv/terminal/driver/msr"
)

// Published numbers for tests of payment systems.
const (
	track1 = "%B4111111111111111^TEST/CARD^2912101000000000?"
	track2 = ";4111111111111111=29121010000000000?"
	track3 = ";014111111111111111=1234?"
	pan    = "4111111111111111"
)

// key is a key of a US keyboard by its code in linux/input-event-codes.h, and whether Shift is held.
type key struct {
	code  uint16
	shift bool
}

// keys are those that these tests type, each by its name there.
var keys = map[rune]key{
	'1': {2, false}, '2': {3, false}, '3': {4, false}, '4': {5, false}, '5': {6, false}, '6': {7, false}, '7': {8, false},
	'8': {9, false}, '9': {10, false}, '0': {11, false}, // KEY_1 to KEY_0
	'%': {6, true}, '^': {7, true}, '=': {13, false}, '+': {13, true}, // KEY_5, KEY_6, KEY_EQUAL
	';': {39, false}, '?': {53, true}, '/': {53, false}, '|': {43, true}, ' ': {57, false}, // KEY_SEMICOLON, KEY_SLASH, KEY_BACKSLASH, KEY_SPACE
	'T': {20, true}, 'E': {18, true}, 'S': {31, true}, 'C': {46, true}, 'A': {30, true}, 'R': {19, true}, 'D': {32, true},
	'B': {48, true}, 'F': {33, true}, '\n': {28, false}, // KEY_ENTER
}

const (
	leftShift  = 42
	rightShift = 54
)

// typing is what a reader that types sends: each key pressed and released, each followed by a report, Shift around those
// that need it.
func typing(t testing.TB, layout msr.Layout, text string) []byte {
	t.Helper()
	var b []byte
	event := func(kind, code uint16, value int32) {
		b = append(b, make([]byte, int(layout)-8)...) // the time
		b = binary.NativeEndian.AppendUint16(b, kind)
		b = binary.NativeEndian.AppendUint16(b, code)
		b = binary.NativeEndian.AppendUint32(b, uint32(value))
	}
	for i, c := range text {
		k, ok := keys[c]
		if !ok {
			t.Fatalf("no key for %q", c)
		}
		shift := uint16(leftShift)
		if i%2 == 1 {
			shift = rightShift
		}
		if k.shift {
			event(1, shift, 1)
		}
		event(4, 4, 0x7001E) // EV_MSC, MSC_SCAN
		event(1, k.code, 1)
		event(0, 0, 0)
		event(1, k.code, 0)
		if k.shift {
			event(1, shift, 0)
		}
		event(0, 0, 0)
	}
	return b
}

// pipe is a device: what is written to it, the reader reads.
func pipe(t testing.TB) (*os.File, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return r, w
}

// swiped sends bytes until somebody waits for them, and returns the swipe.
func swiped(t *testing.T, r *msr.Reader, w io.Writer, send []byte) driver.Swipe {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), drivertest.Patience)
	defer cancel()
	got := make(chan driver.Event, 1)
	go func() {
		e, err := r.Wait(ctx)
		if err != nil {
			t.Errorf("Wait: %v", err)
		}
		got <- e
	}()
	for {
		if _, err := w.Write(send); err != nil {
			t.Fatal(err)
		}
		select {
		case e := <-got:
			if e.What != driver.Swiped {
				t.Fatalf("%s", e.What)
			}
			return e.Swipe
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func TestConformance(t *testing.T) {
	for name, set := range map[string]func(io.ReadCloser) *msr.Reader{
		"wedge":  func(s io.ReadCloser) *msr.Reader { return msr.NewWedge(s, msr.Config{Layout: msr.Layout64}) },
		"serial": func(s io.ReadCloser) *msr.Reader { return msr.NewText(s, msr.Config{}) },
	} {
		t.Run(name, func(t *testing.T) {
			drivertest.Run(t, func() (*drivertest.Stand, error) {
				in, out, err := os.Pipe()
				if err != nil {
					return nil, err
				}
				return &drivertest.Stand{
					Reader: set(in),
					Swipe: func(t1, t2, t3 string) {
						text := []byte(t1 + t2 + t3 + "\n")
						if name == "wedge" {
							text = typing(t, msr.Layout64, string(text))
						}
						_, _ = out.Write(text)
					},
					Unplug: func() { _ = out.Close() },
					Done:   func() { _ = out.Close() },
				}, nil
			})
		})
	}
}

func TestKeys(t *testing.T) {
	for _, layout := range []msr.Layout{msr.Layout32, msr.Layout64} {
		in, out := pipe(t)
		r := msr.NewWedge(in, msr.Config{Layout: layout})
		defer r.Close()
		s := swiped(t, r, out, typing(t, layout, track1+track2+"\n"))
		if s.Err != nil || s.Tracks.PAN.Unmasked() != pan || s.Tracks.Tracks[0].Name.Unmasked() != "TEST/CARD" ||
			s.Tracks.ServiceCode() != "101" || s.Tracks.Expiry() != "2912" {
			t.Errorf("layout %d: %v, %v", layout, s.Tracks, s.Err)
		}
	}
}

// TestKeysInPieces reads events that come one byte at a time.
func TestKeysInPieces(t *testing.T) {
	events := typing(t, msr.Layout64, track2+"\n")
	in, out := pipe(t)
	r := msr.NewWedge(struct {
		io.Reader
		io.Closer
	}{single{in}, in}, msr.Config{Layout: msr.Layout64})
	defer r.Close()
	if s := swiped(t, r, out, events); s.Err != nil || s.Tracks.PAN.Unmasked() != pan {
		t.Errorf("%v, %v", s.Tracks, s.Err)
	}
}

// single reads one byte at a time.
type single struct{ io.Reader }

func (s single) Read(p []byte) (int, error) { return s.Reader.Read(p[:1]) }

func TestText(t *testing.T) {
	for _, c := range []struct {
		name, text string
		tracks     string // those that are there
		err        string
	}{
		{"tracks 1 and 2", track1 + track2, "12", ""},
		{"three tracks", track1 + track2 + track3, "123", ""},
		{"track 3 by its own sentinel", track2 + "+" + track3[1:], "23", ""},
		{"lines between tracks", track1 + "\t" + track2, "12", ""},
		{"track 1 in small letters", strings.ToLower(track1), "1", ""},
		{"track 1 not read", "%E?" + track2, "2", ""},
		{"track 2 not read", track1 + ";E?", "1", ""},
		{"nothing read", "%E?;E?+E?", "", "driver.unreadable"},
		{"no track", "hello", "", "driver.unreadable"},
		{"track cut short", track1 + ";411111", "", "driver.unreadable"},
		{"two cards", track1 + ";4242424242424242=29121010000000000?", "", "magstripe.mismatch"},
		{"framed by STX and ETX", "\x02" + track2 + "\x03", "2", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in, out := pipe(t)
			r := msr.NewText(in, msr.Config{Gap: 20 * time.Millisecond})
			defer r.Close()
			s := swiped(t, r, out, []byte(c.text+"\r"))
			if code := kernel.CodeOf(s.Err); code != c.err {
				t.Fatalf("%v", s.Err)
			}
			got := ""
			for i, track := range s.Tracks.Tracks {
				if track.Number != 0 {
					got += fmt.Sprint(i + 1)
				}
			}
			if got != c.tracks || s.Envelope != nil {
				t.Errorf("tracks %q", got)
			}
		})
	}
}

// TestWithoutEnter ends a swipe by silence.
func TestWithoutEnter(t *testing.T) {
	in, out := pipe(t)
	r := msr.NewText(in, msr.Config{Gap: 10 * time.Millisecond})
	defer r.Close()
	if s := swiped(t, r, out, []byte(track2)); s.Err != nil || s.Tracks.PAN.Unmasked() != pan {
		t.Errorf("%v, %v", s.Tracks, s.Err)
	}
}

// TestLostEvents is the system's word that keys are missing (SYN_DROPPED): a number with a hole in it is none.
func TestLostEvents(t *testing.T) {
	dropped := make([]byte, 24)
	binary.NativeEndian.PutUint16(dropped[18:], 3)
	first, second := typing(t, msr.Layout64, track2[:9]), typing(t, msr.Layout64, track2[11:]+"\n")
	in, out := pipe(t)
	r := msr.NewWedge(in, msr.Config{Layout: msr.Layout64})
	defer r.Close()
	if s := swiped(t, r, out, bytes.Join([][]byte{first, dropped, second}, nil)); !errors.Is(s.Err, driver.ErrUnreadable) {
		t.Errorf("%v, %v", s.Tracks, s.Err)
	}
}

func TestEnvelopes(t *testing.T) {
	sealed := append([]byte{0x02, 20, 0}, bytes.Repeat([]byte{0x0D, 0x80, 0x25, 0x3F}, 5)...)
	sealed = append(sealed, 0x11, 0x22, 0x03)
	fields := "%B4111000000001111^TEST/CARD^2912000?;4111000000001111=2912000?|0600|C25C1D1197D31CAA|"
	for _, c := range []struct {
		name, kind string
		send, want []byte
	}{
		{"raw", msr.StxLength, sealed, sealed},
		{"typed in hexadecimal", msr.StxLength, []byte(strings.ToUpper(hex.EncodeToString(sealed)) + "\r"), sealed},
		{"fields", msr.BarFields, []byte(fields + "\r"), []byte(fields)},
	} {
		t.Run(c.name, func(t *testing.T) {
			in, out := pipe(t)
			r := msr.NewText(in, msr.Config{})
			defer r.Close()
			s := swiped(t, r, out, c.send)
			if s.Err != nil || s.Envelope == nil || s.Envelope.Kind != c.kind || !bytes.Equal(s.Envelope.Data, c.want) {
				t.Fatalf("%v, %v", s.Envelope, s.Err)
			}
			if s.Tracks.PAN.Unmasked() != "" {
				t.Error("a masked number is taken for a card's")
			}
		})
	}
}

// TestTooMuch bounds what one swipe may be; the next one is read.
func TestTooMuch(t *testing.T) {
	in, out := pipe(t)
	r := msr.NewText(in, msr.Config{})
	defer r.Close()
	if s := swiped(t, r, out, []byte("%"+strings.Repeat("A", 10000)+"\r")); !errors.Is(s.Err, driver.ErrUnreadable) {
		t.Errorf("%v", s.Err)
	}
	if s := swiped(t, r, out, []byte(track2+"\r")); s.Err != nil {
		t.Errorf("%v", s.Err)
	}
}

// TestNothingShowsTheNumber searches everything that can be printed.
func TestNothingShowsTheNumber(t *testing.T) {
	for _, text := range []string{track1 + track2, track1 + ";4242424242424242=29121010000000000?", track2 + "|" + pan} {
		in, out := pipe(t)
		r := msr.NewText(in, msr.Config{})
		defer r.Close()
		s := swiped(t, r, out, []byte(text+"\r"))
		for _, shown := range []string{fmt.Sprintf("%v", s), fmt.Sprintf("%+v", s), fmt.Sprintf("%#v", s), fmt.Sprint(s.Err)} {
			if strings.Contains(shown, pan) || strings.Contains(shown, "4242424242424242") {
				t.Errorf("%s", shown)
			}
		}
	}
}

func TestOpenWedge(t *testing.T) {
	if runtime.GOOS != "linux" {
		if _, err := msr.OpenWedge("/dev/input/event0", msr.Config{}); !errors.Is(err, driver.ErrUnsupported) {
			t.Errorf("%v", err)
		}
		return
	}
	dir := t.TempDir()
	if _, err := msr.OpenWedge(filepath.Join(dir, "none"), msr.Config{}); !errors.Is(err, driver.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if _, err := msr.OpenWedge(os.DevNull, msr.Config{}); !errors.Is(err, driver.ErrDevice) {
		t.Errorf("what is no input device: %v", err)
	}
	if _, err := (msr.Family{}).Open(context.Background(), "msr:"+os.DevNull); !errors.Is(err, driver.ErrDevice) {
		t.Errorf("%v", err)
	}
}
