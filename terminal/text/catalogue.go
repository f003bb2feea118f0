package text

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/cardwright/emv/kernel"
)

//go:embed data/*.json
var files embed.FS

// entry is one code in one language: a text, or its forms by plural category.
type entry struct {
	text  string
	forms map[string]string // "one", "other"; nil for a text without a number
}

func (e *entry) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		return json.Unmarshal(b, &e.forms)
	}
	return json.Unmarshal(b, &e.text)
}

// catalogue is code → language → entry.
type catalogue map[string]map[string]entry

// loaded is read once and never written to. The files are part of the program: a fault in them is one of the build, and
// the tests find it.
var loaded = sync.OnceValue(func() catalogue {
	all, err := read(files)
	if err != nil {
		panic("text: " + err.Error())
	}
	return all
})

// read reads a catalogue and refuses a code that stands in two files.
func read(from fs.FS) (catalogue, error) {
	names, err := fs.Glob(from, "data/*.json")
	if err != nil {
		return nil, err
	}
	all := catalogue{}
	for _, name := range names {
		b, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		var part catalogue
		if err := json.Unmarshal(b, &part); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for code, texts := range part {
			if _, twice := all[code]; twice {
				return nil, fmt.Errorf("%s: %s stands in another file too", name, code)
			}
			all[code] = texts
		}
	}
	return all, nil
}

// Codes returns all codes in order.
func Codes() []string { return slices.Sorted(maps.Keys(loaded())) }

// Has reports whether a code has texts.
func Has(code string) bool {
	_, ok := loaded()[code]
	return ok
}

// Message returns the code of a message identifier (Book A, 9.4): "msg.15".
func Message(m kernel.Message) string { return fmt.Sprintf("msg.%02X", uint8(m)) }

// Get returns the text of a code in a language, English where the language is none of the catalogue. Pairs fill in its
// places: Get("E_LEASED", "sv", "holder", "Kassa 2"). What is filled in is not looked into again. A code without an
// entry is returned as it is, so that support can still read it from the screen.
func Get(code, language string, pairs ...string) string {
	e, ok := find(code, language)
	switch {
	case !ok:
		return code
	case e.forms != nil:
		return fill(e.forms["other"], pairs)
	}
	return fill(e.text, pairs)
}

// Count returns the text of a code for a number, with {n} filled in.
func Count(code, language string, n int, pairs ...string) string {
	e, ok := find(code, language)
	if !ok {
		return code
	}
	form := e.text
	if e.forms != nil {
		form = e.forms[plural(language, n)]
	}
	return fill(form, append([]string{"n", fmt.Sprint(n)}, pairs...))
}

func find(code, language string) (entry, bool) {
	texts, ok := loaded()[code]
	if !ok {
		return entry{}, false
	}
	e, ok := texts[language]
	if !ok {
		e = texts[Default]
	}
	return e, true
}

// plural returns the category of a number (CLDR: English and Swedish count one alone as singular, French zero too).
func plural(language string, n int) string {
	if n == 1 || n == 0 && language == "fr" {
		return "one"
	}
	return "other"
}

// fill puts values into the places of a text in one pass.
func fill(s string, pairs []string) string {
	if len(pairs) < 2 || !strings.Contains(s, "{") {
		return s
	}
	old := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		old = append(old, "{"+pairs[i]+"}", pairs[i+1])
	}
	return strings.NewReplacer(old...).Replace(s)
}
