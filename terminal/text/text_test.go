package text

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/kernel"
)

var place = regexp.MustCompile(`\{[a-z]+\}`)

// faults lists what is wrong with a catalogue.
func faults(all catalogue) (list []string) {
	for code, texts := range all {
		var english []string
		for i, language := range Languages() {
			e, ok := texts[language]
			if !ok {
				list = append(list, code+" lacks "+language)
				continue
			}
			forms := []string{e.text}
			if e.forms != nil {
				forms = []string{e.forms["one"], e.forms["other"]}
			}
			for _, s := range forms {
				places := place.FindAllString(s, -1)
				slices.Sort(places)
				if i == 0 && english == nil {
					english = append([]string{}, places...)
				}
				if s == "" && code != "msg.1E" { // clear display
					list = append(list, code+" is empty in "+language)
				}
				if !slices.Equal(places, english) {
					list = append(list, code+" has other places in "+language)
				}
				if s != Clean(strings.ReplaceAll(s, nbsp, "_"), 0) && !strings.Contains(s, nbsp) {
					list = append(list, code+" is not clean in "+language)
				}
			}
		}
	}
	return list
}

func TestEveryCodeHasEveryLanguage(t *testing.T) {
	for _, fault := range faults(loaded()) {
		t.Error(fault)
	}
	if len(Codes()) < 150 {
		t.Errorf("only %d codes", len(Codes()))
	}
	broken := catalogue{
		"a": {"en": {text: "x"}, "fr": {text: "x"}}, // no Swedish
		"b": {"en": {text: "{n}"}, "sv": {text: "{n}"}, "fr": {text: "n"}},
		"c": {"en": {text: ""}, "sv": {text: "x"}, "fr": {text: "x"}},
	}
	if got := faults(broken); len(got) != 3 {
		t.Errorf("a broken catalogue has 3 faults, found %q", got)
	}
}

func TestACodeStandsOnce(t *testing.T) {
	_, err := read(fstest.MapFS{
		"data/a.json": {Data: []byte(`{"x":{"en":"a"}}`)}, "data/b.json": {Data: []byte(`{"x":{"en":"b"}}`)},
	})
	if err == nil || !strings.Contains(err.Error(), "x stands in another file") {
		t.Errorf("read said %v", err)
	}
}

// Book A, 9.4; Book 4, 11.2.
func TestEveryMessageIdentifierHasAText(t *testing.T) {
	for m := range 256 {
		id := kernel.Message(m)
		if id.String() == "RFU" || id == kernel.NoMessage || id == kernel.MsgNotAvailable {
			continue
		}
		if !Has(Message(id)) {
			t.Errorf("%s (%s) has no text", Message(id), id)
		}
	}
	for m := 0x01; m <= 0x13; m++ {
		if !Has(Message(kernel.Message(m))) {
			t.Errorf("standard message %02X has no text", m)
		}
	}
	for language, want := range map[string]string{"en": "Approved", "sv": "Godkänt", "fr": "Accepté"} {
		if got := Get(Message(kernel.MsgApproved), language); got != want {
			t.Errorf("%s: %q", language, got)
		}
	}
}

// Codes that Go source below terminal names, in the spelling of refusals, must be in the catalogue.
func TestEveryRefusalInSourceHasAText(t *testing.T) {
	code := regexp.MustCompile(`"(E_[A-Z0-9_]+)"`)
	seen := 0
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		b, err := os.ReadFile(name)
		for _, m := range code.FindAllStringSubmatch(string(b), -1) {
			seen++
			if !Has(m[1]) {
				t.Errorf("%s: %s has no text in data/errors.json", filepath.ToSlash(name), m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Error("no code was found: the search is broken")
	}
}

func TestGet(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Get("E_LEASED", "en", "holder", "Till 2"), "The terminal is in use by Till 2."},
		{Get("E_LEASED", "en", "holder", "{holder}"), "The terminal is in use by {holder}."}, // not looked into again
		{Get("cart.total", "de"), "Total"},
		{Get("E_NO_SUCH", "sv"), "E_NO_SUCH"},
		{Count("cart.count", "en", 1), "1 item"},
		{Count("cart.count", "en", 0), "0 items"},
		{Count("cart.count", "sv", 2), "2 varor"},
		{Count("cart.count", "fr", 0), "0 article"},
		{Count("cart.count", "fr", 2), "2 articles"},
		{Count("nothing", "fr", 2), "nothing"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// Book 4, 11.1: the card's languages, in its order.
func TestPick(t *testing.T) {
	for _, c := range []struct {
		wanted []string
		want   string
	}{
		{nil, "en"},
		{[]string{"desvfr"}, "sv"},
		{[]string{"fr-CA"}, "fr"},
		{[]string{"de", "FR"}, "fr"},
		{[]string{"dedededefr"}, "en"}, // four languages at most
		{[]string{"s", ""}, "en"},
	} {
		if got := Pick(c.wanted...); got != c.want {
			t.Errorf("%q: %s, want %s", c.wanted, got, c.want)
		}
	}
	if !RightToLeft("ar-EG") || !RightToLeft("he") || RightToLeft("sv-SE") || RightToLeft("") {
		t.Error("directions are wrong")
	}
}

func TestAmount(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		exponent int
		tag      string
		want     string
	}{
		{1250, "USD", 2, "en-US", "$12.50"},
		{1250, "USD", 2, "en", "$12.50"},
		{1250, "USD", 2, "en-CA", "USD\u00a012.50"},
		{1250, "CAD", 2, "en-CA", "$12.50"},
		{1250, "CAD", 2, "fr-CA", "12,50\u00a0$"},
		{1250, "CAD", 2, "en", "CAD\u00a012.50"},
		{123456789, "GBP", 2, "en-GB", "£1,234,567.89"},
		{5, "EUR", 2, "fr", "0,05\u00a0€"},
		{123456, "EUR", 2, "fr-FR", "1\u202f234,56\u00a0€"},
		{1250, "SEK", 2, "sv-SE", "12,50\u00a0kr"},
		{1250000, "SEK", 2, "sv", "12\u00a0500,00\u00a0kr"},
		{1250, "SEK", 2, "en-US", "SEK\u00a012.50"},
		{1250, "JPY", 0, "en", "¥1,250"},
		{0, "JPY", 0, "ja", "¥0"},
		{12500, "KWD", 3, "en", "KWD\u00a012.500"},
		{1, "KWD", 3, "sv", "0,001\u00a0KWD"},
		{-1250, "USD", 2, "en-US", "\u2212$12.50"},
		{-5, "EUR", 2, "fr", "\u22120,05\u00a0€"},
		{-9223372036854775808, "JPY", 0, "en", "\u2212¥9,223,372,036,854,775,808"},
	} {
		if got := Amount(c.minor, c.currency, c.exponent, c.tag); got != c.want {
			t.Errorf("%d %s %s: %q, want %q", c.minor, c.currency, c.tag, got, c.want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Latte", "Latte"},
		{"  a\t\n b\u2028c\x00d ", "a b c d"},
		{"10\u202Eexe.txt\u2066\u2069\u200F\u061C", "10exe.txt"},
		{"\ufeffx\U000E0041", "x"},
		{"می\u200cخواهم", "می\u200cخواهم"}, // Persian needs the non-joiner
		{"👩\u200d🍳", "👩\u200d🍳"},
		{"a\xffb", "a\ufffdb"},
		{"<script>alert(1)</script>", "<script>alert(1)</script>"}, // text stays text
		{"\u0301e", "e"},
		{"\u3164\u2800", ""},
		{"", ""},
	} {
		if got := Clean(c.in, 0); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
	if got := Clean("z"+strings.Repeat("\u0301", 1000), 0); got != "z"+strings.Repeat("\u0301", maxMarks) {
		t.Errorf("a tower of marks has %d bytes", len(got))
	}
	if got := Clean("abcdef", 3); got != "ab…" {
		t.Errorf("%q", got)
	}
}

// The samples are those of UAX #29 and of the emoji standard: one cluster each.
func TestGraphemes(t *testing.T) {
	for _, one := range []string{
		"a", "é", "e\u0301", "👍🏽", "👨\u200d👩\u200d👧\u200d👦", "🇸🇪", "각", "\u1100\u1161\u11a8", "நி", "ก็", "❤\ufe0f", "\r\n", "가\u11a8",
	} {
		if n := Graphemes(one); n != 1 {
			t.Errorf("%q: %d", one, n)
		}
	}
	for s, want := range map[string]int{"": 0, "ab": 2, "🇸🇪🇫🇷": 2, "한국어": 3, "👍👍": 2, "日本語": 3} {
		if n := Graphemes(s); n != want {
			t.Errorf("%q: %d, want %d", s, n, want)
		}
	}
}

func TestCleanIsSafeForAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOfN(rapid.Byte(), 0, 400).Draw(t, "bytes"))
		if rapid.Bool().Draw(t, "text") {
			in = rapid.StringOfN(rapid.RuneFrom(nil, unicode.Cf, unicode.Mn, unicode.Cc, unicode.L, unicode.So), 0, 600, -1).Draw(t, "text")
		}
		limit := rapid.IntRange(1, 250).Draw(t, "limit")
		out := Clean(in, limit)
		if !utf8.ValidString(out) || Graphemes(out) > limit || strings.TrimSpace(out) != out {
			t.Fatalf("%q", out)
		}
		for _, r := range out {
			if unicode.IsControl(r) || r != zwj && r != zwnj && unicode.Is(unicode.Cf, r) {
				t.Fatalf("%U is left", r)
			}
		}
		if again := Clean(out, limit); again != out {
			t.Fatalf("%q becomes %q when cleaned again", out, again)
		}
	})
}
