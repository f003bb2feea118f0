package runner

import (
	"regexp"
	"strings"
)

// Ref is a place in a book: "Book B", "3.1.1.5".
type Ref struct{ Book, Place string }

var (
	refPattern = regexp.MustCompile(`^(Book [0-9A-E]|C-[2-9]|Interac)\b,?\s*(.*)$`)
	// states are the places of C-2: "S456.14", "SR1", "CVM.5".
	states = regexp.MustCompile(`^(S[0-9]|SR1|S3R1|CVM\.|GAC\.)`)
	// assumptions are the places of Interac, whose specification is not public: numbers of the list in docs/assumptions.md.
	assumptions = regexp.MustCompile(`^A[0-9]+$`)
	stepPattern = regexp.MustCompile(`(?i),?\s+(step|rule|point)\s+\S+$`)
)

// interacBook stands where the name of a book does.
const interacBook = "Interac"

// ParseRef reads a reference in any of the spellings in use: "C-3 5.4", "C-3, 5.4", "Book 3, 10.4.1", "Book 2, 6.3 step
// 7" (the step is left out), "Book A, table 6-1", "Book 3 Annex B1" and "Book 3, B1", "Book C-3 5.4", "Interac, A7". What is of no book that is known
// is a Ref without a place.
func ParseRef(text string) Ref {
	text = strings.Join(strings.Fields(text), " ")
	text = strings.TrimPrefix(strings.TrimPrefix(text, "EMV "), "Kernel ")
	if kernel, ok := strings.CutPrefix(text, "Book C-"); ok {
		text = "C-" + kernel
	}
	m := refPattern.FindStringSubmatch(text)
	if m == nil {
		return Ref{Book: text}
	}
	place := stepPattern.ReplaceAllString(strings.Trim(m[2], " ,."), "")
	place = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(place, "section "), "§"))
	switch lower := strings.ToLower(place); {
	case strings.HasPrefix(lower, "annex "):
		place = "Annex " + place[len("annex "):]
	case strings.HasPrefix(lower, "table "):
		place = "table " + place[len("table "):]
	case m[1] == "C-2" && states.MatchString(place), m[1] == interacBook && assumptions.MatchString(place):
	case place != "" && place[0] >= 'A' && place[0] <= 'Z':
		place = "Annex " + place
	}
	return Ref{m[1], place}
}

// String returns the reference in the house spelling: "Book B, 3.1.1.5".
func (r Ref) String() string {
	if r.Place == "" {
		return r.Book
	}
	return r.Book + ", " + r.Place
}

// Within reports whether r is the place of of or one below it: "Book B, 3.1.1.5" is within "Book B, 3.1.1".
func (r Ref) Within(of Ref) bool {
	if r.Book != of.Book || !strings.HasPrefix(strings.ToLower(r.Place), strings.ToLower(of.Place)) {
		return false
	}
	rest := r.Place[len(of.Place):]
	return of.Place == "" || rest == "" || rest[0] == '.' || rest[0] == ' '
}
