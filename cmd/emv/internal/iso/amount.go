package iso

import (
	"fmt"
	"strings"

	"github.com/cardwright/emv/kernel"
)

// ParseAmount reads an amount as people write it, "12.50" or "12", and returns it in minor units. More decimals than the
// currency has are refused, never rounded; fewer are filled with zeros. The error's code is "input.amount".
func ParseAmount(s string, c Currency) (uint64, error) {
	bad := func(text string) (uint64, error) {
		return 0, &kernel.Error{Code: "input.amount", Text: fmt.Sprintf("%q: %s", s, text)}
	}
	whole, fraction, point := strings.Cut(s, ".")
	if whole == "" || point && fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return bad("not an amount such as 12.50")
	}
	decimals := int(c.Decimals())
	if len(fraction) > decimals {
		if decimals == 0 {
			return bad(c.Alpha + " has no decimals")
		}
		return bad(fmt.Sprintf("%s has %d decimals", c.Alpha, decimals))
	}
	var v uint64
	for _, d := range whole + fraction + strings.Repeat("0", decimals-len(fraction)) {
		if v = v*10 + uint64(d-'0'); v > kernel.MaxAmount {
			return bad("more than twelve digits")
		}
	}
	return v, nil
}

// FormatAmount writes minor units with the currency's decimals: "12.50".
func FormatAmount(minor uint64, decimals uint8) string {
	if decimals == 0 {
		return fmt.Sprint(minor)
	}
	s := fmt.Sprintf("%0*d", int(decimals)+1, minor)
	at := len(s) - int(decimals)
	return s[:at] + "." + s[at:]
}
