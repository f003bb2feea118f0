package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/cardwright/emv/testvectors/card"
)

// secrets are the tracks and card numbers of the simulated cards that have a stripe. The others are found by their form.
var secrets = sync.OnceValue(func() []string {
	list := []string{"4761739001010176"} // of the stripe without a chip
	for _, p := range card.Profiles() {
		c, err := card.New(card.Config{Profile: p.Name})
		if err != nil || c.Stripe() == "" {
			continue
		}
		track := strings.Trim(c.Stripe(), ";?")
		pan, discretionary, _ := strings.Cut(track, "=")
		list = append(list, pan, discretionary)
	}
	return list
})

// A card number, written in one or in groups; from 15 digits, for a time in milliseconds has 13.
var (
	numbers = regexp.MustCompile(`\d(?:[ \x{a0}\x{202f}-]?\d){14,18}`)
	thePIN  = regexp.MustCompile(`\b1234\b`)
	hint    = "That of all cards here is 1234." // the counter tells those who play the customer
)

// searchSecrets fails where card data is found, and does not repeat it.
func searchSecrets(t *testing.T, where, text string) {
	t.Helper()
	for _, s := range secrets() {
		if s != "" && strings.Contains(text, s) {
			t.Errorf("%s has card data in it", where)
		}
	}
	for _, n := range numbers.FindAllString(text, -1) {
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, n)
		// Payment cards begin with 2 to 6 (ISO/IEC 7812-1); other long numbers pass the check digit one time in ten.
		if '2' <= digits[0] && digits[0] <= '6' && luhn(digits) {
			t.Errorf("%s has what may be a card number: %s…", where, digits[:4])
		}
	}
	if thePIN.MatchString(strings.ReplaceAll(text, hint, "")) {
		t.Errorf("%s has the PIN in it", where)
	}
}

// luhn is ISO/IEC 7812-1, annex B.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0 && strings.Trim(digits, "0") != ""
}

// searchFiles looks through a folder.
func searchFiles(t *testing.T, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, s := range secrets() {
			if s != "" && strings.Contains(string(b), s) {
				t.Errorf("%s has card data in it", path)
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Errorf("%s: %d files, %v", dir, files, err)
	}
}

// The search finds what is planted.
func TestShopSecretsAreFound(t *testing.T) {
	if !luhn("4761739001010176") || luhn("4761739001010177") || len(secrets()) < 3 {
		t.Error("no card number would be found")
	}
	for _, s := range []string{"a 4761 7390 0101 0176 b", "1,4761739001010119,2"} {
		if n := numbers.FindString(s); n == "" {
			t.Errorf("nothing was found in %s", s)
		}
	}
	if !thePIN.MatchString(`{"pin":"1234"}`) || thePIN.MatchString("a1234b") {
		t.Error("the PIN")
	}
}
