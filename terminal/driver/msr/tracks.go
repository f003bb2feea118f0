package msr

import (
	"bytes"
	"encoding/hex"
	"strings"

	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/driver"
)

// The kinds of envelope.
const (
	StxLength = "stx-length"
	BarFields = "bar-fields"
)

// read makes a swipe of what a reader gave of one.
func read(text []byte) driver.Swipe {
	if e := envelope(text); e != nil {
		return driver.Swipe{Envelope: e}
	}
	tracks, ok := split(strings.Map(func(r rune) rune {
		if r < 0x20 { // STX, ETX and line ends around tracks
			return -1
		}
		return r
	}, string(text)))
	if !ok {
		return driver.Swipe{Err: driver.ErrUnreadable}
	}
	s, err := magstripe.Parse(tracks[0], tracks[1], tracks[2])
	return driver.Swipe{Tracks: s, Err: err}
}

// envelope returns what was read as an envelope, nil if it is none.
func envelope(text []byte) *driver.Envelope {
	if stxLength(text) {
		return &driver.Envelope{Kind: StxLength, Data: bytes.Clone(text)}
	}
	if raw := make([]byte, len(text)/2); len(text) > 12 && text[0] == '0' && text[1] == '2' {
		if _, err := hex.Decode(raw, text); err == nil && stxLength(raw) {
			return &driver.Envelope{Kind: StxLength, Data: raw}
		}
	}
	// The tracks, which may be masked, end with a sentinel; a bar comes behind it. No track holds one.
	if i := bytes.IndexByte(text, '|'); i >= 0 && (i == 0 || bytes.IndexByte(text[:i], '?') >= 0) {
		return &driver.Envelope{Kind: BarFields, Data: bytes.Clone(text)}
	}
	return nil
}

// stxLength reports whether b is a whole envelope of that shape.
func stxLength(b []byte) bool {
	return len(b) > 6 && b[0] == 0x02 && b[len(b)-1] == 0x03 && int(b[1])|int(b[2])<<8 == len(b)-6
}

// missing is what readers type in place of a track that they could not read.
const missing = "E"

// split takes a swipe's text apart into tracks 1 to 3. It reports false where there is no track at all, or nothing but
// tracks that the reader could not read.
func split(text string) (tracks [3]string, ok bool) {
	second := false // a track 2 was there
	for text != "" {
		start := strings.IndexAny(text, "%;+")
		if start < 0 {
			break
		}
		text = text[start:]
		stop := strings.IndexByte(text, '?')
		if stop < 0 {
			return tracks, false // a track without its end: the rest is lost
		}
		n := stop + 1
		// A character behind the end sentinel that begins no track is the LRC.
		if n < len(text) && !strings.ContainsRune("%;+", rune(text[n])) {
			n++
		}
		track := text[:n]
		text = text[n:]
		i := 0
		switch {
		case track[0] == '+', track[0] == ';' && second: // track 3, by whichever sentinel the reader gives it
			i, track = 2, ";"+track[1:]
		case track[0] == ';':
			i, second = 1, true
		default:
			track = strings.ToUpper(track) // a keyboard's lock may have turned it; there are no small letters on track 1
		}
		if strings.EqualFold(track[1:stop], missing) {
			continue
		}
		tracks[i], ok = track, true
	}
	return tracks, ok
}
