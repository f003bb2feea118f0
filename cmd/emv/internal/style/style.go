// Package style marks text for terminals.
package style

import (
	"io"
	"os"
	"strings"
	"unicode"
)

// Style paints text where On is true and leaves it as it is otherwise: output that is not for a terminal has no escape
// sequences.
type Style struct{ On bool }

// For returns the style for a stream: painted only where it is a terminal that has colours, and never when the user has
// set NO_COLOR (https://no-color.org).
func For(w io.Writer) Style {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return Style{}
	}
	info, err := f.Stat()
	return Style{On: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (s Style) paint(code, text string) string {
	if !s.On || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Strong is for names and headings.
func (s Style) Strong(text string) string { return s.paint("1", text) }

// Faint is for what is there in case somebody needs it.
func (s Style) Faint(text string) string { return s.paint("2", text) }

// Good is for what went well.
func (s Style) Good(text string) string { return s.paint("1;32", text) }

// Bad is for what did not.
func (s Style) Bad(text string) string { return s.paint("1;31", text) }

// Value is for data.
func (s Style) Value(text string) string { return s.paint("36", text) }

// Clean drops from a name that another device gave what moves a cursor, hides letters or turns their direction.
func Clean(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
}
