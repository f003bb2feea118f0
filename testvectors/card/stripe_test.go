package card_test

import (
	"strings"
	"testing"

	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/testvectors/card"
)

// TestStripe reads every card's stripe with package magstripe, which checks the LRC by a formula of its own. Tokens in a
// device have no stripe.
func TestStripe(t *testing.T) {
	stripes := 0
	for _, p := range card.Profiles() {
		c, err := card.New(card.Config{Profile: p.Name})
		if err != nil {
			t.Fatal(err)
		}
		text := c.Stripe()
		if strings.Contains(p.About, "hone with a token") {
			if text != "" {
				t.Errorf("%s has a stripe", p.Name)
			}
			continue
		}
		if text == "" {
			continue
		}
		stripes++
		s, err := magstripe.Parse("", text, "")
		if err != nil || !s.Tracks[1].LRC || !s.PAN.Luhn() || len(s.ServiceCode()) != 3 {
			t.Errorf("%s: %v, %v", p.Name, s, err)
		}
		if n := len(c.IssuerCountry()); n != 0 && n != 4 {
			t.Errorf("%s: issuer country %q", p.Name, c.IssuerCountry())
		}
	}
	if stripes < 10 {
		t.Errorf("only %d cards have a stripe", stripes)
	}
}
