package msr

import (
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/driver"
)

// collect feeds characters to an assembler and returns its swipes.
func collect(feed func(typed func(byte))) (swipes []driver.Swipe) {
	a := assembler{gap: time.Hour, done: func(s driver.Swipe) { swipes = append(swipes, s) }}
	feed(a.add)
	a.late()
	a.close()
	return swipes
}

func FuzzText(f *testing.F) {
	f.Add([]byte("%B4111111111111111^TEST/CARD^2912101000000000?;4111111111111111=29121010000000000?+014111111111111111=1234?\r"))
	f.Add([]byte("\x02\x05\x00hello\x00\x00\x03"))
	f.Add([]byte("%E?;E?|x\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, s := range collect(func(typed func(byte)) {
			for _, c := range b {
				typed(c)
			}
		}) {
			switch {
			case s.Err != nil || s.Envelope != nil:
				if s.Tracks.PAN.Unmasked() != "" {
					t.Fatal("a card beside an error or an envelope")
				}
			case s.Tracks.PAN.Unmasked() == "":
				t.Fatal("a swipe without a card")
			}
		}
	})
}

// FuzzWedge reads the same events whole and in two pieces.
func FuzzWedge(f *testing.F) {
	f.Add(make([]byte, 48), 7)
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 39, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 28, 0, 1, 0, 0, 0}, 17)
	f.Fuzz(func(t *testing.T, b []byte, cut int) {
		cut = int(uint(cut) % uint(len(b)+1))
		for _, layout := range []Layout{Layout32, Layout64} {
			var whole, pieces []byte
			one, two := wedge{size: layout.size()}, wedge{size: layout.size()}
			one.decode(b, func(c byte) { whole = append(whole, c) })
			two.decode(b[:cut], func(c byte) { pieces = append(pieces, c) })
			two.decode(b[cut:], func(c byte) { pieces = append(pieces, c) })
			if string(whole) != string(pieces) || len(one.rest) >= layout.size() {
				t.Fatalf("%q and %q, %d bytes left", whole, pieces, len(one.rest))
			}
		}
	})
}
