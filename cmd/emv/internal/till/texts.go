package till

import (
	"strings"

	"github.com/cardwright/emv/terminal/text"
)

// Step is a page of the way to a new terminal, as data: what is on it, and where its buttons lead. S42
type Step struct {
	ID    string   `json:"id"`
	Kind  string   `json:"kind"`            // menu, readers, review, scan, done, language, about
	Items []string `json:"items,omitempty"` // of a menu: steps; of a review: texts
	Next  string   `json:"next,omitempty"`
}

// Steps returns data/steps.json.
func Steps() ([]Step, error) {
	var list []Step
	err := readData("steps.json", &list)
	return list, err
}

// words returns the texts of a language: the till's own, and the catalogue's for what terminals refuse. {holder} and {least}
// are filled in where they are shown.
func words(language string) (map[string]string, error) {
	var own map[string]map[string]string
	if err := readData("texts.json", &own); err != nil {
		return nil, err
	}
	language = text.Pick(language)
	out := make(map[string]string, len(own)+128)
	for _, code := range text.Codes() {
		if strings.HasPrefix(code, "E_") {
			out[code] = text.Get(code, language)
		}
	}
	for code, in := range own {
		out[code] = in[language]
	}
	return out, nil
}

// Text returns what a cashier reads for a code.
func Text(code, language string, pairs ...string) string {
	if text.Has(code) {
		return text.Get(code, language, pairs...)
	}
	if all, err := words(language); err == nil && all[code] != "" {
		return all[code]
	}
	return code
}
