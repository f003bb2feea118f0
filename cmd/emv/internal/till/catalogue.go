package till

import (
	"embed"
	"encoding/json"

	"github.com/cardwright/emv/terminal/profile"
)

//go:embed data
var data embed.FS

// Product is what the till sells.
type Product struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Category string `json:"category"`
	Price    int64  `json:"price"` // minor units
}

// Tax is what is added to a sale, or was in its prices already.
type Tax struct {
	Name     string `json:"name"`
	Rate     int64  `json:"rate"` // thousandths of a per cent: 8875 is 8.875 %
	Included bool   `json:"included"`
}

// Catalogue is data/catalogue.json: what there is to buy, and the tax of each country.
type Catalogue struct {
	Products []Product      `json:"products"`
	Taxes    map[string]Tax `json:"taxes"`
}

// Market is what a sale is in.
type Market struct {
	Country  string `json:"country"`
	Locale   string `json:"locale"`
	Currency string `json:"currency"`
	Exponent int    `json:"exponent"`
	Tax      Tax    `json:"tax"`
}

func readData(name string, v any) error {
	b, err := data.ReadFile("data/" + name)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// market returns the market of a country, and that of GB for one of which there is no profile.
func (c *Catalogue) market(country string) Market {
	p, err := profile.Builtin(country)
	if err != nil {
		if p, err = profile.Builtin("GB"); err != nil {
			return Market{Country: "GB", Locale: "en-GB", Currency: "GBP", Exponent: 2}
		}
	}
	m := Market{
		Country: p.Country.Alpha2, Locale: "en-" + p.Country.Alpha2, Currency: p.Currency.Alpha,
		Exponent: int(p.Currency.Exponent), Tax: c.Taxes[p.Country.Alpha2],
	}
	if len(p.Languages) > 0 {
		m.Locale = p.Languages[0] + "-" + p.Country.Alpha2
	}
	return m
}

func (c *Catalogue) product(id string) (Product, bool) {
	for _, p := range c.Products {
		if p.ID == id {
			return p, true
		}
	}
	return Product{}, false
}
