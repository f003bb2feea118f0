package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxGraphemes is the longest text of others that is shown: what a reader counts as letters.
const MaxGraphemes = 200

// maxMarks bounds the marks on one letter: no script needs more, and towers of them cover other lines.
const maxMarks = 6

// Clean makes a text of others fit to be shown: on one line, without control characters, without the characters that
// turn the direction of text or hide it, with at most limit graphemes. What is cut off is replaced by an ellipsis within
// the limit. The result is valid UTF-8; it is text, not markup, and must be shown as text. A limit of 0 or less is
// MaxGraphemes.
func Clean(s string, limit int) string {
	if limit <= 0 {
		limit = MaxGraphemes
	}
	var b strings.Builder
	marks, gap, started := 0, false, false
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		switch {
		case unicode.IsSpace(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Cc):
			gap = true
			continue
		case hidden(r):
			continue
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > maxMarks || !started {
				continue
			}
		default:
			marks = 0
		}
		if gap && started {
			b.WriteByte(' ')
		}
		gap, started = false, true
		b.WriteRune(r)
		if b.Len() > limit*64 { // no limit of graphemes can need more
			break
		}
	}
	return cut(b.String(), limit)
}

// hidden reports whether a character must not reach the screen: it has no shape of its own, and it moves or hides that of
// others. The joiners stay: Persian, Indic scripts and emoji are spelled with them.
func hidden(r rune) bool {
	switch {
	case r == zwj || r == zwnj:
		return false
	case unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs): // bidi controls, BOM, interlinear marks, tags
		return true
	case r == 0x034F || r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0: // joiner and fillers without shape
		return true
	case r == 0x2800: // Braille blank: looks like nothing at all
		return true
	}
	return r&0xFFFE == 0xFFFE // not characters
}

// cut shortens a text to a number of graphemes.
func cut(s string, limit int) string {
	at, last := 0, 0
	for n := 0; at < len(s); n++ {
		if n == limit {
			return strings.TrimRight(s[:last], " ") + "…"
		}
		last = at
		at += grapheme(s[at:])
	}
	return s
}
