package runner

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// cardWith is a suite with one exchange.
func cardWith(rest string) []byte {
	return []byte(fmt.Sprintf(`{"format":"emv-vectors/1","suite":"s","cases":[{"id":"c","run":"contactless.transaction",
"given":{"card":{"exchanges":[{"c":"00A40400",%s}]}},"want":{}}]}`, rest))
}

func TestMilliseconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"40": 40 * time.Millisecond, "0": 0, "0.213": 213 * time.Microsecond, "12.5": 12500 * time.Microsecond,
	} {
		s, err := Parse("s.json", cardWith(`"r":"9000","ms":`+text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := s.Cases[0].Given.Cards[0].Script.Exchanges[0].Took; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	for text, code := range map[string]string{
		"-1": CodeValue, "0.0001": CodeValue, "99999999999999": CodeValue, "1e3": CodeValue, `"4"`: CodeType, "true": CodeType,
	} {
		_, err := Parse("s.json", cardWith(`"r":"9000","ms":`+text))
		var le *LoadError
		if !errors.As(err, &le) || le.ErrorCode() != code {
			t.Errorf("%s: %v, want %s", text, err, code)
		}
	}
}

// TestCardError reads the error of a whole script: a collision, as often as it is said, or a card that answers nothing.
func TestCardError(t *testing.T) {
	read := func(card string) ([]Problem, Card) {
		var to sink
		v, err := parseJSON([]byte(card))
		if err != nil {
			t.Fatal(err)
		}
		c := readCard(to.object("card", v), &Given{})
		return to.problems, c
	}
	for text, want := range map[string][]bool{ // of each tap, whether it is a collision
		`{"error":"collision"}`: {true}, `{"exchanges":[{"error":"collision"},{"error":"collision"}]}`: {true, true},
		`{"error":"collision","exchanges":[{"error":"collision"},{"c":"00","r":"9000"}]}`: {true, true, false},
		`{"error":"timeout"}`: {false}, `{"exchanges":[{"c":"00","r":"9000"}]}`: {false},
	} {
		problems, c := read(text)
		if len(problems) > 0 {
			t.Errorf("%s: %v", text, problems)
		}
		var got []bool
		for _, tap := range c.Taps(false) {
			got = append(got, tap.Collision)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	for text, code := range map[string]string{
		`{"error":"removed","exchanges":[{"c":"00","r":"9000"}]}`:     CodeValue,
		`{"exchanges":[{"c":"00","r":"9000"},{"error":"collision"}]}`: CodeMissing,
		`{"exchanges":[{"error":"timeout"}]}`:                         CodeMissing,
	} {
		if problems, _ := read(text); len(problems) != 1 || problems[0].Code != code {
			t.Errorf("%s: %v, want %s", text, problems, code)
		}
	}
}

func TestMaskedAnswer(t *testing.T) {
	_, err := Parse("s.json", cardWith(`"r":"5A08476173******01019000"`))
	var le *LoadError
	if !errors.As(err, &le) || len(le.Problems) != 1 || le.Problems[0].Code != CodeMasked {
		t.Errorf("%v", err)
	}
}
