package text

import (
	"strconv"
	"strings"
)

const (
	nbsp  = "\u00a0" // between number and symbol: a line must not break there
	thin  = "\u202f" // between groups of digits in French
	minus = "\u2212"
)

// locale is how a language writes numbers.
type locale struct {
	group, point string
	suffix       bool // the symbol stands behind the number
}

var locales = map[string]locale{
	"en": {group: ",", point: "."},
	"sv": {group: nbsp, point: ",", suffix: true},
	"fr": {group: thin, point: ",", suffix: true},
}

// symbols are those that a customer of the country reads as that currency. A currency that is not here is shown by its
// three letters: a bare $ is shown for the dollar of the terminal's country alone, and which one that is, is known to
// whoever sets the locale, not here. So only CAD, AUD and USD in their own locales have it.
var symbols = map[string]string{
	"EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "ILS": "₪", "PHP": "₱", "VND": "₫", "THB": "฿",
}

// home is where a sign that several currencies share is theirs.
var home = map[string]struct {
	sign    string
	regions []string
}{
	"USD": {"$", []string{"US", ""}},
	"CAD": {"$", []string{"CA"}},
	"AUD": {"$", []string{"AU"}},
	"NZD": {"$", []string{"NZ"}},
	"SEK": {"kr", []string{"SE", "", "FI"}},
	"NOK": {"kr", []string{"NO"}},
	"DKK": {"kr", []string{"DK"}},
}

// Amount writes an amount of minor units as a customer reads it: Amount(1250, "USD", 2, "en-US") is "$12.50", in Swedish
// 1250 öre are "12,50 kr". Currency is the three letters of ISO 4217, exponent its number of decimals (0 to 4), tag the
// language and region. Digits are 0 to 9 in all languages, as on the till's receipt.
func Amount(minor int64, currency string, exponent int, tag string) string {
	language, region, _ := strings.Cut(tag, "-")
	l, ok := locales[strings.ToLower(language)]
	if !ok {
		l = locales[Default]
	}
	number := Decimal(minor, exponent, tag)
	sign := ""
	if strings.HasPrefix(number, minus) {
		sign, number = minus, strings.TrimPrefix(number, minus)
	}
	symbol, ok := symbol(currency, strings.ToLower(language), strings.ToUpper(region))
	switch {
	case l.suffix:
		return sign + number + nbsp + symbol
	case ok:
		return sign + symbol + number
	}
	return sign + symbol + nbsp + number
}

// symbol returns a currency's sign, or its letters and false.
func symbol(currency, language, region string) (string, bool) {
	if s, ok := symbols[currency]; ok {
		return s, true
	}
	if h, ok := home[currency]; ok {
		for _, r := range h.regions {
			// Without a region, kr is the Swedish one in Swedish only, $ that of the United States in English only.
			if r == region && (region != "" || currency == "USD" && language == "en" || currency == "SEK" && language == "sv") {
				return h.sign, h.sign != "kr"
			}
		}
	}
	return currency, false
}

// Decimal writes minor units with their decimals and with groups of three digits, without the currency.
func Decimal(minor int64, exponent int, tag string) string {
	language, _, _ := strings.Cut(strings.ToLower(tag), "-")
	l, ok := locales[language]
	if !ok {
		l = locales[Default]
	}
	exponent = min(max(exponent, 0), 4)
	digits := strconv.FormatInt(minor, 10)
	sign := ""
	if minor < 0 {
		sign, digits = minus, digits[1:]
	}
	if short := exponent + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	whole, rest := digits[:len(digits)-exponent], digits[len(digits)-exponent:]
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(l.group)
		}
		b.WriteRune(d)
	}
	if rest != "" {
		b.WriteString(l.point + rest)
	}
	return b.String()
}
