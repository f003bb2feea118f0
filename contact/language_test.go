package contact_test

import (
	"testing"

	"github.com/cardwright/emv/contact"
)

func TestDecodeText(t *testing.T) {
	for _, c := range []struct {
		text  string
		table byte
		want  string
		ok    bool
	}{
		{"\xC9PARGNE", 1, "ÉPARGNE", true},
		{"KONTO \xB1\xE6", 2, "KONTO ąć", true},
		{"\xBA\xB0\xC0\xC2\xB0", 5, "КАРТА", true},
		{"\xCA\xC1\xD1\xD4\xC1", 7, "ΚΑΡΤΑ", true},
		{"KART \xDD", 9, "KART İ", true},
		{"a\x1B[2Jb\x90", 1, "a\uFFFD[2Jb\uFFFD", true},
		{"VISA  ", 1, "VISA", true},
		{"VISA", 0, "", false},
		{"VISA", 11, "", false},
	} {
		if got, ok := contact.DecodeText([]byte(c.text), c.table); got != c.want || ok != c.ok {
			t.Errorf("%q in table %d: %q, %v; want %q", c.text, c.table, got, ok, c.want)
		}
	}
}

// TestLanguage is Book 4, 11.1.
func TestLanguage(t *testing.T) {
	have := []string{"en", "de", "fr"}
	for preference, want := range map[string]string{"frde": "fr", "itDE": "de", "it": "en", "": "en", "f": "en"} {
		if got := contact.Language(preference, have); got != want {
			t.Errorf("%q: %q, want %q", preference, got, want)
		}
	}
	if got := contact.Language("de", nil); got != "" {
		t.Errorf("a terminal without languages: %q", got)
	}
}
