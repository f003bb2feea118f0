package runner

import (
	"errors"
	"fmt"
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

func TestMaskedAnswer(t *testing.T) {
	_, err := Parse("s.json", cardWith(`"r":"5A08476173******01019000"`))
	var le *LoadError
	if !errors.As(err, &le) || len(le.Problems) != 1 || le.Problems[0].Code != CodeMasked {
		t.Errorf("%v", err)
	}
}
