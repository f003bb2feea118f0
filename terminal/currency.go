package terminal

import (
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/profile"
)

// coins knows currencies by their numbers and by their letters: that of the terminal's profile, in which it takes payments,
// and those of the profiles that come with the package, since the journal may hold payments of an earlier setup.
type coins struct {
	own      profile.Currency
	byNumber map[uint16]profile.Currency
}

func newCoins(p *profile.Profile) (coins, error) {
	c := coins{own: p.Currency, byNumber: map[uint16]profile.Currency{}}
	for _, country := range profile.Countries() {
		b, err := profile.Builtin(country)
		if err != nil {
			return c, err
		}
		c.byNumber[b.Currency.Numeric] = b.Currency
	}
	c.byNumber[c.own.Numeric] = c.own
	return c, nil
}

// letters returns the code of ISO 4217, "XXX" (no currency) for a number that no profile has.
func (c coins) letters(numeric uint16) string {
	if k, ok := c.byNumber[numeric]; ok {
		return k.Alpha
	}
	return "XXX"
}

func (c coins) money(minor uint64, numeric uint16) display.Money {
	k, ok := c.byNumber[numeric]
	if !ok {
		return display.Money{Minor: int64(minor), Currency: "XXX", Exponent: 2}
	}
	return display.Money{Minor: int64(minor), Currency: k.Alpha, Exponent: int(k.Exponent)}
}
