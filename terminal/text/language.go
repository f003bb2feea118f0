package text

import (
	"slices"
	"strings"
)

// Default is the language of whoever asked for none that there is.
const Default = "en"

// Languages returns the languages of the catalogue.
func Languages() []string { return []string{"en", "sv", "fr"} }

// Pick returns the first language of the catalogue among those that are wanted, best first, else Default. A wish is a
// language tag ("fr-CA") or an object 5F2D of a card: up to four times two letters without a gap (Book 4, 11.1).
func Pick(wanted ...string) string {
	for _, w := range wanted {
		for _, l := range split(w) {
			if slices.Contains(Languages(), l) {
				return l
			}
		}
	}
	return Default
}

// split returns the languages that a wish names.
func split(wish string) []string {
	if tag, _, found := strings.Cut(wish, "-"); found {
		wish = tag
	}
	var all []string
	for i := 0; i+2 <= len(wish) && i < 8; i += 2 {
		all = append(all, strings.ToLower(wish[i:i+2]))
	}
	return all
}

// RightToLeft reports whether a language tag is of a script that is written from right to left.
func RightToLeft(tag string) bool {
	language, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return slices.Contains([]string{"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}, language)
}
