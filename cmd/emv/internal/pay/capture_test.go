package pay

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/testvectors/capture"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/runner"
)

// TestEveryCaptureRepeats takes payments down and runs them again: a small one with every simulated card in one country, and
// one above the limits in each country with the cards with which nothing is wrong. What a capture does not tell of a
// terminal's set-up ends here in another command or outcome.
func TestEveryCaptureRepeats(t *testing.T) {
	for _, country := range profile.Countries() {
		t.Run(country, func(t *testing.T) {
			p, err := profile.Builtin(country)
			if err != nil {
				t.Fatal(err)
			}
			var all []*capture.Recorder
			cards := 0
			for _, one := range card.Profiles() {
				var amounts []uint64
				if country == "US" {
					amounts = append(amounts, 1250)
				}
				if sound.MatchString(one.Name) {
					amounts = append(amounts, 18000)
				}
				if amounts == nil {
					continue
				}
				cards++
				for _, amount := range amounts {
					o := in(t, p, one.Name)
					o.Amount, o.Capture = amount, true
					report, err := Run(t.Context(), o, Watch{Message: func(Message) {}})
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, report.Captures...)
				}
			}
			data, err := capture.Suite(country, true, all...)
			if err != nil {
				t.Fatal(err)
			}
			suite, err := runner.Parse(country, data)
			if err != nil {
				t.Fatal(err)
			}
			said := failures{}
			counts, err := runner.Run(t.Context(), []*runner.Suite{suite}, runner.Options{}, &said)
			if err != nil || counts.Passed != len(all) || cards < 15 || len(all) < cards {
				t.Errorf("%d captures of %d cards: %+v, %v, %v", len(all), cards, counts, err, said)
			}
		})
	}
}

var sound = regexp.MustCompile("-(card|credit|debit|offline|phone|contact)$")

// failures are the cases that did not pass.
type failures []string

func (*failures) Begin(int) error { return nil }

func (f *failures) Case(r runner.Result) error {
	if r.Status != runner.Pass {
		*f = append(*f, fmt.Sprintf("%s: %s %v", r.Case.ID, r.Why, r.Mismatches))
	}
	return nil
}

func (*failures) End(runner.Counts) error { return nil }
