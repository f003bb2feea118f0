package contact

import (
	"strings"
	"unicode/utf8"

	"github.com/cardwright/emv/tlv"
)

// language returns the card's Language Preference (5F2D): two letters each, best first; empty if it gave none.
func (t *transaction) language() string { return string(t.data.Get(tagLanguage)) }

// Language returns the first of the card's languages that the terminal has, else the terminal's own first one (Book 4,
// 11.1). Letters may come in either case (Book 4, 11.1 asks terminals to accept both).
func Language(preference string, have []string) string {
	for ; len(preference) >= 2; preference = preference[2:] {
		for _, h := range have {
			if strings.EqualFold(h, preference[:2]) {
				return h
			}
		}
	}
	if len(have) > 0 {
		return have[0]
	}
	return ""
}

// displayName returns the name under which the cardholder knows the application, in UTF-8 (Book 1, 12.4; Book 4, 11.3):
// the Application Preferred Name where the card gives its code table and the terminal has that; else the Application
// Label; else the ADF name in hexadecimal.
func (c *candidate) displayName(additionalCapabilities []byte) string {
	if c.preferred.n > 0 && supportsCodeTable(additionalCapabilities, c.codeTable) {
		if s, ok := DecodeText(c.preferred.bytes(), c.codeTable); ok {
			return s
		}
	}
	if c.label.n > 0 {
		s, _ := DecodeText(c.label.bytes(), 1) // format ans: the part that all code tables share
		return s
	}
	return c.aid().String()
}

// supportsCodeTable reports whether Additional Terminal Capabilities have a code table: byte 4 b2 and b1 are tables 10 and
// 9, byte 5 b8 to b1 tables 8 to 1 (Book 4, Annex A3).
func supportsCodeTable(capabilities []byte, index byte) bool {
	if len(capabilities) != 5 || index < 1 || index > 10 {
		return false
	}
	if index <= 8 {
		return capabilities[4]>>(index-1)&1 != 0
	}
	return capabilities[3]>>(index-9)&1 != 0
}

// DecodeText turns text of a card into UTF-8. table is the Issuer Code Table Index (9F11), 1 to 10: the part of
// ISO/IEC 8859. It reports false for another index. Control characters and bytes without a character become U+FFFD, so
// that a card can't steer a display.
func DecodeText(text []byte, table byte) (string, bool) {
	if table < 1 || int(table) > len(iso8859) {
		return "", false
	}
	var b strings.Builder
	for _, c := range text {
		switch {
		case c >= 0x20 && c < 0x7F:
			b.WriteByte(c)
		case c >= 0xA0:
			b.WriteRune(upperRune(iso8859[table-1], int(c)-0xA0))
		default:
			b.WriteRune(utf8.RuneError)
		}
	}
	return strings.TrimRight(b.String(), " "), true
}

// upperRune returns the n-th rune of an upper half.
func upperRune(half string, n int) rune {
	for _, r := range half {
		if n == 0 {
			return r
		}
		n--
	}
	return utf8.RuneError
}

// find returns a data object of the FCI Proprietary Template (A5), or of its Issuer Discretionary Data (BF0C).
func find(fci []byte, tag tlv.Tag) []byte {
	if v, ok := tlv.Find(fci, 0xA5, tag); ok {
		return v
	}
	v, _ := tlv.Find(fci, 0xA5, 0xBF0C, tag)
	return v
}
