// Package iso holds what the command line needs of ISO 4217 and ISO 3166: names for the numbers that EMV writes, and
// amounts as people write them.
package iso

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cardwright/emv/kernel"
)

// Currency is one of ISO 4217.
type Currency struct {
	Alpha   string // "USD"
	Numeric uint16 // 840
	Name    string
}

// Decimals returns how many decimals amounts have.
func (c Currency) Decimals() uint8 { return kernel.CurrencyExponent(c.Numeric) }

// Format writes an amount of minor units as "12.50 USD".
func (c Currency) Format(minor uint64) string {
	return FormatAmount(minor, c.Decimals()) + " " + c.Alpha
}

// CurrencyOf returns the currency with a numeric code.
func CurrencyOf(numeric uint16) (Currency, bool) {
	i := slices.IndexFunc(currencies, func(c Currency) bool { return c.Numeric == numeric })
	if i < 0 {
		return Currency{}, false
	}
	return currencies[i], true
}

// ParseCurrency reads "USD", "usd", "840" or "0840". The error's code is "input.currency"; it lists the codes there are.
func ParseCurrency(s string) (Currency, error) {
	for _, c := range currencies {
		if strings.EqualFold(s, c.Alpha) || isNumber(s, c.Numeric) {
			return c, nil
		}
	}
	names := make([]string, len(currencies))
	for i, c := range currencies {
		names[i] = c.Alpha
	}
	return Currency{}, &kernel.Error{
		Code: "input.currency", Text: fmt.Sprintf("%q is not one of %s", s, strings.Join(names, " ")),
	}
}

// isNumber reports whether s is the number n in three or four digits.
func isNumber(s string, n uint16) bool {
	v, err := strconv.ParseUint(s, 10, 16)
	return err == nil && (len(s) == 3 || len(s) == 4) && uint16(v) == n
}

// currencies, by letters.
var currencies = []Currency{
	{"AED", 784, "UAE dirham"},
	{"ARS", 32, "Argentine peso"},
	{"AUD", 36, "Australian dollar"},
	{"BDT", 50, "Bangladeshi taka"},
	{"BGN", 975, "Bulgarian lev"},
	{"BHD", 48, "Bahraini dinar"},
	{"BRL", 986, "Brazilian real"},
	{"CAD", 124, "Canadian dollar"},
	{"CHF", 756, "Swiss franc"},
	{"CLP", 152, "Chilean peso"},
	{"CNY", 156, "Chinese yuan"},
	{"COP", 170, "Colombian peso"},
	{"CRC", 188, "Costa Rican colon"},
	{"CZK", 203, "Czech koruna"},
	{"DKK", 208, "Danish krone"},
	{"EGP", 818, "Egyptian pound"},
	{"EUR", 978, "Euro"},
	{"GBP", 826, "Pound sterling"},
	{"GEL", 981, "Georgian lari"},
	{"GHS", 936, "Ghanaian cedi"},
	{"HKD", 344, "Hong Kong dollar"},
	{"HUF", 348, "Hungarian forint"},
	{"IDR", 360, "Indonesian rupiah"},
	{"ILS", 376, "Israeli new shekel"},
	{"INR", 356, "Indian rupee"},
	{"ISK", 352, "Icelandic krona"},
	{"JOD", 400, "Jordanian dinar"},
	{"JPY", 392, "Japanese yen"},
	{"KES", 404, "Kenyan shilling"},
	{"KRW", 410, "South Korean won"},
	{"KWD", 414, "Kuwaiti dinar"},
	{"KZT", 398, "Kazakhstani tenge"},
	{"LKR", 144, "Sri Lankan rupee"},
	{"MAD", 504, "Moroccan dirham"},
	{"MXN", 484, "Mexican peso"},
	{"MYR", 458, "Malaysian ringgit"},
	{"NGN", 566, "Nigerian naira"},
	{"NOK", 578, "Norwegian krone"},
	{"NZD", 554, "New Zealand dollar"},
	{"OMR", 512, "Omani rial"},
	{"PEN", 604, "Peruvian sol"},
	{"PHP", 608, "Philippine peso"},
	{"PKR", 586, "Pakistani rupee"},
	{"PLN", 985, "Polish zloty"},
	{"QAR", 634, "Qatari riyal"},
	{"RON", 946, "Romanian leu"},
	{"RSD", 941, "Serbian dinar"},
	{"SAR", 682, "Saudi riyal"},
	{"SEK", 752, "Swedish krona"},
	{"SGD", 702, "Singapore dollar"},
	{"THB", 764, "Thai baht"},
	{"TND", 788, "Tunisian dinar"},
	{"TRY", 949, "Turkish lira"},
	{"TWD", 901, "New Taiwan dollar"},
	{"UAH", 980, "Ukrainian hryvnia"},
	{"USD", 840, "US dollar"},
	{"UYU", 858, "Uruguayan peso"},
	{"VND", 704, "Vietnamese dong"},
	{"XAF", 950, "CFA franc BEAC"},
	{"XOF", 952, "CFA franc BCEAO"},
	{"ZAR", 710, "South African rand"},
}
