package iso

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cardwright/emv/kernel"
)

// Country is one of ISO 3166.
type Country struct {
	Alpha2, Alpha3 string // "US", "USA"
	Numeric        uint16 // 840
	Name           string
	Currency       uint16 // what prices are in, ISO 4217 numeric
}

// CountryOf returns the country with a numeric code.
func CountryOf(numeric uint16) (Country, bool) {
	i := slices.IndexFunc(countries, func(c Country) bool { return c.Numeric == numeric })
	if i < 0 {
		return Country{}, false
	}
	return countries[i], true
}

// ParseCountry reads "US", "USA", "us", "840" or "0840". The error's code is "input.country"; it lists the codes there
// are.
func ParseCountry(s string) (Country, error) {
	for _, c := range countries {
		if strings.EqualFold(s, c.Alpha2) || strings.EqualFold(s, c.Alpha3) || isNumber(s, c.Numeric) {
			return c, nil
		}
	}
	names := make([]string, len(countries))
	for i, c := range countries {
		names[i] = c.Alpha2
	}
	return Country{}, &kernel.Error{
		Code: "input.country", Text: fmt.Sprintf("%q is not one of %s", s, strings.Join(names, " ")),
	}
}

// countries, by two letters.
var countries = []Country{
	{"AE", "ARE", 784, "United Arab Emirates", 784},
	{"AR", "ARG", 32, "Argentina", 32},
	{"AT", "AUT", 40, "Austria", 978},
	{"AU", "AUS", 36, "Australia", 36},
	{"BD", "BGD", 50, "Bangladesh", 50},
	{"BE", "BEL", 56, "Belgium", 978},
	{"BG", "BGR", 100, "Bulgaria", 978},
	{"BH", "BHR", 48, "Bahrain", 48},
	{"BR", "BRA", 76, "Brazil", 986},
	{"CA", "CAN", 124, "Canada", 124},
	{"CH", "CHE", 756, "Switzerland", 756},
	{"CL", "CHL", 152, "Chile", 152},
	{"CN", "CHN", 156, "China", 156},
	{"CO", "COL", 170, "Colombia", 170},
	{"CR", "CRI", 188, "Costa Rica", 188},
	{"CY", "CYP", 196, "Cyprus", 978},
	{"CZ", "CZE", 203, "Czechia", 203},
	{"DE", "DEU", 276, "Germany", 978},
	{"DK", "DNK", 208, "Denmark", 208},
	{"EE", "EST", 233, "Estonia", 978},
	{"EG", "EGY", 818, "Egypt", 818},
	{"ES", "ESP", 724, "Spain", 978},
	{"FI", "FIN", 246, "Finland", 978},
	{"FR", "FRA", 250, "France", 978},
	{"GB", "GBR", 826, "United Kingdom", 826},
	{"GE", "GEO", 268, "Georgia", 981},
	{"GH", "GHA", 288, "Ghana", 936},
	{"GR", "GRC", 300, "Greece", 978},
	{"HK", "HKG", 344, "Hong Kong", 344},
	{"HR", "HRV", 191, "Croatia", 978},
	{"HU", "HUN", 348, "Hungary", 348},
	{"ID", "IDN", 360, "Indonesia", 360},
	{"IE", "IRL", 372, "Ireland", 978},
	{"IL", "ISR", 376, "Israel", 376},
	{"IN", "IND", 356, "India", 356},
	{"IS", "ISL", 352, "Iceland", 352},
	{"IT", "ITA", 380, "Italy", 978},
	{"JO", "JOR", 400, "Jordan", 400},
	{"JP", "JPN", 392, "Japan", 392},
	{"KE", "KEN", 404, "Kenya", 404},
	{"KR", "KOR", 410, "South Korea", 410},
	{"KW", "KWT", 414, "Kuwait", 414},
	{"KZ", "KAZ", 398, "Kazakhstan", 398},
	{"LK", "LKA", 144, "Sri Lanka", 144},
	{"LT", "LTU", 440, "Lithuania", 978},
	{"LU", "LUX", 442, "Luxembourg", 978},
	{"LV", "LVA", 428, "Latvia", 978},
	{"MA", "MAR", 504, "Morocco", 504},
	{"MT", "MLT", 470, "Malta", 978},
	{"MX", "MEX", 484, "Mexico", 484},
	{"MY", "MYS", 458, "Malaysia", 458},
	{"NG", "NGA", 566, "Nigeria", 566},
	{"NL", "NLD", 528, "Netherlands", 978},
	{"NO", "NOR", 578, "Norway", 578},
	{"NZ", "NZL", 554, "New Zealand", 554},
	{"OM", "OMN", 512, "Oman", 512},
	{"PE", "PER", 604, "Peru", 604},
	{"PH", "PHL", 608, "Philippines", 608},
	{"PK", "PAK", 586, "Pakistan", 586},
	{"PL", "POL", 616, "Poland", 985},
	{"PT", "PRT", 620, "Portugal", 978},
	{"QA", "QAT", 634, "Qatar", 634},
	{"RO", "ROU", 642, "Romania", 946},
	{"RS", "SRB", 688, "Serbia", 941},
	{"SA", "SAU", 682, "Saudi Arabia", 682},
	{"SE", "SWE", 752, "Sweden", 752},
	{"SG", "SGP", 702, "Singapore", 702},
	{"SI", "SVN", 705, "Slovenia", 978},
	{"SK", "SVK", 703, "Slovakia", 978},
	{"TH", "THA", 764, "Thailand", 764},
	{"TN", "TUN", 788, "Tunisia", 788},
	{"TR", "TUR", 792, "Türkiye", 949},
	{"TW", "TWN", 158, "Taiwan", 901},
	{"UA", "UKR", 804, "Ukraine", 980},
	{"US", "USA", 840, "United States", 840},
	{"UY", "URY", 858, "Uruguay", 858},
	{"VN", "VNM", 704, "Vietnam", 704},
	{"ZA", "ZAF", 710, "South Africa", 710},
}
