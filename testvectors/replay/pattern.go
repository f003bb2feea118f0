package replay

import (
	"encoding/hex"
	"errors"
	"strings"
)

// ErrPattern means that text is no pattern: not pairs of hexadecimal digits or of dots.
var ErrPattern = errors.New("replay.pattern: not hexadecimal with '..' for bytes that may be anything")

// Pattern is a command as a script expects it: bytes, some of which may be anything.
type Pattern struct {
	text string
	want []byte
	any  []bool
}

// ParsePattern reads hexadecimal in which '..' stands for a byte that may be anything.
func ParsePattern(text string) (Pattern, error) {
	p := Pattern{text: strings.ToUpper(text)}
	if len(text)%2 != 0 {
		return Pattern{}, ErrPattern
	}
	for i := 0; i < len(text); i += 2 {
		if text[i:i+2] == ".." {
			p.want, p.any = append(p.want, 0), append(p.any, true)
			continue
		}
		b, err := hex.DecodeString(text[i : i+2])
		if err != nil {
			return Pattern{}, ErrPattern
		}
		p.want, p.any = append(p.want, b[0]), append(p.any, false)
	}
	return p, nil
}

// Match reports whether b has the pattern's length and its bytes.
func (p Pattern) Match(b []byte) bool {
	if len(b) != len(p.want) {
		return false
	}
	for i := range b {
		if !p.any[i] && b[i] != p.want[i] {
			return false
		}
	}
	return true
}

// String returns the pattern in upper case.
func (p Pattern) String() string { return p.text }
