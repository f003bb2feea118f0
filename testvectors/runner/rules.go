package runner

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Rule is a place in a book that code cites.
type Rule struct {
	Rule string   `json:"rule"` // in the house spelling: "Book B, 3.1.1.5"
	In   []string `json:"in"`   // the files, in order
}

// RulesFormat is the value of "format" in a file of rules.
const RulesFormat = "emv-rules/1"

type rulesFile struct {
	Format string `json:"format"`
	About  string `json:"about"`
	Rules  []Rule `json:"rules"`
}

// ruleFolders are the folders whose code implements rules.
var ruleFolders = []string{"tlv", "magstripe", "crypto", "kernel", "contact", "contactless"}

// FindRules collects the rules that the Go code of a source tree cites in its comments and texts. Tests are left out.
func FindRules(root fs.FS) ([]Rule, error) {
	found := map[string][]string{}
	for _, folder := range ruleFolders {
		if _, err := fs.Stat(root, folder); err != nil {
			continue
		}
		err := fs.WalkDir(root, folder, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") {
				return err
			}
			src, err := fs.ReadFile(root, p)
			if err != nil {
				return err
			}
			refs, err := rulesOf(p, src)
			for _, r := range refs {
				r = ParseRef(r).String()
				if !slices.Contains(found[r], p) {
					found[r] = append(found[r], p)
				}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var out []Rule
	for r, in := range found {
		out = append(out, Rule{r, in})
	}
	slices.SortFunc(out, func(a, b Rule) int { return compareRefs(a.Rule, b.Rule) })
	return out, nil
}

// ReadRules reads a file that WriteRules wrote: what a binary without its source knows of the rules.
func ReadRules(data []byte) ([]Rule, error) {
	var f rulesFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	if f.Format != RulesFormat {
		return nil, fmt.Errorf("format %q is not %q", f.Format, RulesFormat)
	}
	return f.Rules, nil
}

// WriteRules makes such a file.
func WriteRules(rules []Rule) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{\n \"format\": \"" + RulesFormat + "\",\n \"about\": \"Rules that the code cites; go test -run TestRulesFile -update writes it\",\n \"rules\": [\n")
	for i, r := range rules {
		line, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		b.WriteString("  ")
		b.Write(line)
		if i+1 < len(rules) {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString(" ]\n}\n")
	return b.Bytes(), nil
}

var (
	// citation is a book and a place in it: "Book B, 3.1.1.5", "C-3, Annex A", "Book A, table 6-1".
	citation = regexp.MustCompile(`\b(Book [1-4A-E]|C-[2-8]|Interac), (Annex [A-Z][0-9]*(?:\.[0-9]+)*|[Tt]able [0-9A-Z]+(?:-[0-9]+)?|(?:S3R1|SR1|[A-Z]?[0-9]+)(?:\.[0-9]+)*|(?:CVM|GAC)\.[0-9]+)`)
	// further is a place that follows another one of the same book: ", 3.1.1.10", " and 7.5".
	further = regexp.MustCompile(`^(?:,| and| to) ((?:SR1|[A-Z]?[0-9]+|CVM|GAC)(?:\.[0-9]+)+|SR1\b|[A-Z]?[0-9]+\b)`)
	// bare is a place without its book at the start of a comment, or behind a semicolon: "3.1.1.5", "5.4.2.2".
	bare = regexp.MustCompile(`^(?:// ?|/\* ?)((?:SR1|[A-Z]?[0-9]+|CVM|GAC)(?:\.[0-9]+)+)(?:[;:, ]|$)`)
)

// rulesOf returns the rules that one file cites. A comment that begins with a bare place means the book of the last full
// citation before it whose chapter is the same.
func rulesOf(name string, src []byte) ([]string, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	type piece struct {
		at   token.Pos
		text string
	}
	var pieces []piece
	for _, g := range f.Comments {
		for _, c := range g.List {
			pieces = append(pieces, piece{c.Pos(), c.Text})
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil {
				pieces = append(pieces, piece{l.Pos(), s})
			}
		}
		return true
	})
	slices.SortFunc(pieces, func(a, b piece) int { return int(a.at - b.at) })
	var refs, chapters []string
	for _, p := range pieces {
		found := citations(p.text)
		if m := bare.FindStringSubmatch(p.text); m != nil && len(found) == 0 {
			found = inherited(p.text, m[1], chapters)
		}
		refs = append(refs, found...)
		chapters = append(chapters, found...)
	}
	return refs, nil
}

// citations returns the full citations of a text and what follows them of the same book.
func citations(text string) []string {
	var out []string
	for _, at := range citation.FindAllStringSubmatchIndex(text, -1) {
		book, place := text[at[2]:at[3]], text[at[4]:at[5]]
		out = append(out, book+", "+place)
		out = append(out, following(book, place, text[at[1]:])...)
	}
	return out
}

// following returns the places right behind a citation. A number without a point counts only behind a chapter.
func following(book, first, rest string) []string {
	var out []string
	for {
		m := further.FindStringSubmatch(rest)
		if m == nil || !strings.Contains(m[1], ".") && strings.Contains(first, ".") {
			return out
		}
		out = append(out, book+", "+m[1])
		rest = rest[len(m[0]):]
	}
}

// inherited gives bare places the book of the last citation of the same chapter.
func inherited(text, place string, before []string) []string {
	chapter, _, _ := strings.Cut(place, ".")
	for _, b := range slices.Backward(before) {
		r := ParseRef(b)
		if r.Place == chapter || strings.HasPrefix(r.Place, chapter+".") {
			_, rest, _ := strings.Cut(text, place)
			return append([]string{r.Book + ", " + place}, following(r.Book, place, rest)...)
		}
	}
	return nil
}

// compareRefs orders references by book and then by numbers.
func compareRefs(a, b string) int {
	x, y := ParseRef(a), ParseRef(b)
	if c := strings.Compare(x.Book, y.Book); c != 0 {
		return c
	}
	p, q := strings.Split(x.Place, "."), strings.Split(y.Place, ".")
	for i := range min(len(p), len(q)) {
		m, err1 := strconv.Atoi(p[i])
		n, err2 := strconv.Atoi(q[i])
		if err1 == nil && err2 == nil && m != n {
			return m - n
		}
		if c := strings.Compare(p[i], q[i]); c != 0 && (err1 != nil || err2 != nil) {
			return c
		}
	}
	return len(p) - len(q)
}
