package iso

import (
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/kernel"
)

func TestCurrencies(t *testing.T) {
	seen := map[uint16]bool{}
	for _, c := range currencies {
		if len(c.Alpha) != 3 || c.Alpha != strings.ToUpper(c.Alpha) || c.Name == "" || c.Numeric == 0 || c.Numeric > 999 {
			t.Errorf("%+v is malformed", c)
		}
		if seen[c.Numeric] {
			t.Errorf("%s: %d twice", c.Alpha, c.Numeric)
		}
		seen[c.Numeric] = true
	}
	if !slices.IsSortedFunc(currencies, func(a, b Currency) int { return strings.Compare(a.Alpha, b.Alpha) }) {
		t.Error("not in the order of their letters")
	}
	for _, s := range []string{"USD", "usd", "840", "0840"} {
		if c, err := ParseCurrency(s); err != nil || c.Numeric != 840 {
			t.Errorf("%q: %+v, %v", s, c, err)
		}
	}
	for _, s := range []string{"", "US", "XXX", "00840", "84", "36", "-840"} {
		if _, err := ParseCurrency(s); kernel.CodeOf(err) != "input.currency" {
			t.Errorf("%q: %v", s, err)
		}
	}
	if c, err := ParseCurrency("036"); err != nil || c.Alpha != "AUD" {
		t.Errorf("036: %+v, %v", c, err)
	}
}

func TestCountries(t *testing.T) {
	numbers, letters := map[uint16]bool{}, map[string]bool{}
	for _, c := range countries {
		if len(c.Alpha2) != 2 || len(c.Alpha3) != 3 || c.Name == "" || c.Numeric == 0 || c.Numeric > 999 {
			t.Errorf("%+v is malformed", c)
		}
		if numbers[c.Numeric] || letters[c.Alpha2] || letters[c.Alpha3] {
			t.Errorf("%s twice", c.Alpha2)
		}
		numbers[c.Numeric], letters[c.Alpha2], letters[c.Alpha3] = true, true, true
		if _, ok := CurrencyOf(c.Currency); !ok {
			t.Errorf("%s: no currency %d", c.Alpha2, c.Currency)
		}
	}
	if !slices.IsSortedFunc(countries, func(a, b Country) int { return strings.Compare(a.Alpha2, b.Alpha2) }) {
		t.Error("not in the order of their letters")
	}
	for _, s := range []string{"IE", "irl", "372", "0372"} {
		if c, err := ParseCountry(s); err != nil || c.Numeric != 372 {
			t.Errorf("%q: %+v, %v", s, c, err)
		}
	}
	if _, err := ParseCountry("Freedonia"); kernel.CodeOf(err) != "input.country" {
		t.Error(err)
	}
}

func TestAmounts(t *testing.T) {
	for _, x := range []struct {
		text, currency string
		minor          uint64
		shown          string
	}{
		{"12.50", "USD", 1250, "12.50 USD"},
		{"12.5", "USD", 1250, "12.50 USD"},
		{"12", "USD", 1200, "12.00 USD"},
		{"0", "USD", 0, "0.00 USD"},
		{"0.05", "EUR", 5, "0.05 EUR"},
		{"1500", "JPY", 1500, "1500 JPY"},
		{"1.234", "KWD", 1234, "1.234 KWD"},
		{"9999999999.99", "SEK", kernel.MaxAmount, "9999999999.99 SEK"},
	} {
		c, err := ParseCurrency(x.currency)
		if err != nil {
			t.Fatal(err)
		}
		v, err := ParseAmount(x.text, c)
		if err != nil || v != x.minor || c.Format(v) != x.shown {
			t.Errorf("%s %s: %d %q, %v", x.text, x.currency, v, c.Format(v), err)
		}
	}
	for _, x := range [][2]string{
		{"", "USD"},
		{".", "USD"},
		{".5", "USD"},
		{"1.", "USD"},
		{"1,50", "USD"},
		{"-1", "USD"},
		{"+1", "USD"},
		{"1e3", "USD"},
		{"1.234", "USD"},
		{"1.0", "JPY"},
		{"10000000000.00", "USD"},
		{"99999999999999999999999", "USD"},
		{"1.2.3", "USD"},
	} {
		c, err := ParseCurrency(x[1])
		if err != nil {
			t.Fatal(err)
		}
		if v, err := ParseAmount(x[0], c); kernel.CodeOf(err) != "input.amount" {
			t.Errorf("%s %s: %d, %v", x[0], x[1], v, err)
		}
	}
}
