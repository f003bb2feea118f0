package till

import (
	"testing"

	"pgregory.net/rapid"
)

// Whatever is rung up: the sums hold, and what the terminal gets is a cart that it takes, or one that is too large.
func TestCartHolds(t *testing.T) {
	rapid.Check(t, func(q *rapid.T) {
		m := Market{Country: "US", Locale: "en-US", Currency: "USD", Exponent: 2, Tax: Tax{
			Name: "Tax", Rate: rapid.Int64Range(0, 30_000).Draw(q, "rate"), Included: rapid.Bool().Draw(q, "included"),
		}}
		s := Sale{Order: "A-1001", Rev: 1}
		q.Repeat(map[string]func(*rapid.T){
			"add": func(q *rapid.T) {
				product := rapid.SampledFrom([]string{"", "tea", "mug"}).Draw(q, "product")
				_ = s.add(Item{Product: product, Name: product, Unit: rapid.Int64Range(0, maxUnit).Draw(q, "unit")})
			},
			"quantity": func(q *rapid.T) {
				if len(s.Items) > 0 {
					line := rapid.SampledFrom(s.Items).Draw(q, "item").Line
					if err := s.quantity(line, rapid.Int64Range(0, maxQty).Draw(q, "qty")); err != nil {
						q.Fatal(err)
					}
				}
			},
			"discount": func(q *rapid.T) { s.Discount = rapid.Int64Range(0, 100).Draw(q, "percent") },
			"": func(q *rapid.T) {
				sum := int64(0)
				for _, i := range s.Items {
					sum += i.Unit * i.Qty
				}
				n := s.sums(m.Tax)
				net := n.Subtotal - n.Discount
				if n.Subtotal != sum || n.Discount < 0 || n.Discount > sum || n.Tax < 0 {
					q.Fatalf("%+v of %d", n, sum)
				}
				if m.Tax.Included {
					// net × rate / (100 % + rate), to the nearest: twice the remainder is at most the divisor.
					if d := 2 * (n.Tax*(100_000+m.Tax.Rate) - net*m.Tax.Rate); n.Total != net || d > 100_000+m.Tax.Rate || d < -100_000-m.Tax.Rate {
						q.Fatalf("%+v", n)
					}
				} else if d := 2 * (n.Tax*100_000 - net*m.Tax.Rate); n.Total != net+n.Tax || d > 100_000 || d < -100_000 {
					q.Fatalf("%+v", n)
				}
				if err := s.cart(m).Check(); err != nil && n.Total < 1_000_000_000 {
					q.Fatal(err)
				}
			},
		})
	})
}
