package text

import (
	"unicode"
	"unicode/utf8"
)

const (
	zwnj = '\u200C'
	zwj  = '\u200D'
)

// Graphemes returns how many letters a reader counts.
func Graphemes(s string) int {
	n := 0
	for ; len(s) > 0; n++ {
		s = s[grapheme(s):]
	}
	return n
}

// grapheme returns the length in bytes of the first extended grapheme cluster (UAX #29): a letter with its marks, an emoji
// with its parts, a flag, a Hangul syllable. Marks that stand before their letter count as letters.
func grapheme(s string) int {
	first, at := utf8.DecodeRuneInString(s)
	flags := 0
	if regional(first) {
		flags = 1
	}
	before := first
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case before == '\r' && r == '\n':
		case extends(r):
		case before == zwj && pictograph(r):
		case regional(r) && flags == 1:
			flags = 2
		case syllable(before, r):
		default:
			return at
		}
		before, at = r, at+size
	}
	return at
}

// extends reports whether a character belongs to the letter before it.
func extends(r rune) bool {
	return r == zwj || r == zwnj || unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc) || r >= 0x1F3FB && r <= 0x1F3FF
}

// pictograph reports whether a character continues an emoji after a joiner.
func pictograph(r rune) bool { return r >= 0x1F000 || unicode.In(r, unicode.So, unicode.Sm) }

// regional reports whether a character is half a flag.
func regional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// syllable reports whether two Hangul characters are parts of one syllable (UAX #29, GB6 to GB8).
func syllable(a, b rune) bool {
	vowel := func(r rune) bool { return r >= 0x1160 && r <= 0x11A7 }
	tail := func(r rune) bool { return r >= 0x11A8 && r <= 0x11FF }
	whole := a >= 0xAC00 && a <= 0xD7A3
	switch {
	case a >= 0x1100 && a <= 0x115F:
		return b >= 0x1100 && b <= 0x11A7 || b >= 0xAC00 && b <= 0xD7A3
	case whole && (a-0xAC00)%28 == 0 || vowel(a):
		return vowel(b) || tail(b)
	case whole || tail(a):
		return tail(b)
	}
	return false
}
