package station_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/setup"
	"github.com/cardwright/emv/cmd/emv/internal/station"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
)

// What is stored is stored by the country's rules, with the figures of the merchant where the file has some.
func TestForward(t *testing.T) {
	p, err := profile.Builtin("IE")
	if err != nil {
		t.Fatal(err)
	}
	load := func(policy string) (*terminal.Config, error) {
		s, err := setup.Parse([]byte(`{"format":"cardwright-terminal/1","country":"IE","policy":`+policy+`}`), t.TempDir())
		if err != nil {
			return nil, err
		}
		return station.Rules(s)
	}
	c, err := load(`{}`)
	if err != nil || c.Payment.Forward.Max != 0 || c.Payment.Forward.Currency != 0 {
		t.Errorf("it is on without a word: %+v, %v", c, err)
	}
	c, err = load(`{"forward":{}}`)
	if err != nil {
		t.Fatal(err)
	}
	f := c.Payment.Forward
	if f.Currency != 978 || f.Max != p.Forward.Max || f.Sum != p.Forward.Sum || f.Count != p.Forward.Count || f.Age != p.Forward.Age ||
		!f.PIN || len(f.Entries) != 1 || f.Entries[0] != payment.Insert || strings.Join(f.Brands, " ") != "interac" {
		t.Errorf("%+v", f)
	}
	c, err = load(`{"forward":{"max":2000,"hours":6,"online_brands":["amex"]}}`)
	if err != nil {
		t.Fatal(err)
	}
	f = c.Payment.Forward
	if f.Max != 2000 || f.Sum != p.Forward.Sum || f.Age != 6*time.Hour || strings.Join(f.Brands, " ") != "interac amex" || !f.PIN {
		t.Errorf("%+v", f)
	}
	if got := c.Profile.Forward.Max; got != 2000 { // the reader's floor limits are made of it
		t.Errorf("%d", got)
	}
	if again, err := profile.Builtin("IE"); err != nil || again.Forward.Max != p.Forward.Max {
		t.Error("the country's own figures have changed")
	}
	_, err = load(`{"forward":{"max":60000}}`)
	var config *kernel.ConfigError
	if !errors.As(err, &config) || config.Faults[0].Path != "policy.forward.max" || config.Faults[0].Code != setup.CodeValue {
		t.Errorf("%v", err)
	}
}

// A terminal that stores starts.
func TestForwardStarts(t *testing.T) {
	s := anywhere(t, filepath.Join(t.TempDir(), "state"))
	s.Policy.Forward = &setup.Forward{}
	run(t, station.Options{Setup: s}, func(s *station.Station, _ terminal.Addresses) {
		if s.Terminal.Status().State == "" {
			t.Error("no status")
		}
	})
	none := *s.Profile
	none.Forward = nil
	s.Profile = &none
	_, err := station.Open(t.Context(), station.Options{Setup: s})
	var config *kernel.ConfigError
	if !errors.As(err, &config) || config.Faults[0].Path != "policy.forward" {
		t.Errorf("%v", err)
	}
}
