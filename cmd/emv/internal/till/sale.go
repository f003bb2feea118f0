package till

import (
	"strconv"

	"github.com/cardwright/emv/terminal/wire"
)

// Item is a line of the cart.
type Item struct {
	Line    string `json:"line"`
	Product string `json:"product,omitempty"` // "" for an amount that was typed in
	Name    string `json:"name"`
	Unit    int64  `json:"unit"` // minor units
	Qty     int64  `json:"qty"`
}

// Sale is the order that is being rung up.
type Sale struct {
	Order    string `json:"order"` // also the cart's id on the terminal
	Rev      uint64 `json:"rev"`   // grows with every change
	Items    []Item `json:"items"`
	Discount int64  `json:"discount"` // per cent
	Lines    int    `json:"lines"`    // that there were so far: a line's id is not used again
}

const (
	maxItems = wire.MaxLines
	maxQty   = 999
	maxUnit  = 99_999_999
	maxName  = 80
)

// share returns part of an amount, rounded half up: rate is in thousandths of a per cent. Both are bounded: no overflow.
func share(amount, rate int64) int64 { return (amount*rate + 50_000) / 100_000 }

// Sums are what a sale comes to.
type Sums struct {
	Subtotal int64 `json:"subtotal"`
	Discount int64 `json:"discount"`
	Tax      int64 `json:"tax"` // added, or contained where the market's prices include it
	Total    int64 `json:"total"`
}

// sums computes a sale. A tax that prices include is the part of what is paid that makes net plus rate.
func (s *Sale) sums(t Tax) Sums {
	var n Sums
	for _, i := range s.Items {
		n.Subtotal += i.Unit * i.Qty
	}
	n.Discount = share(n.Subtotal, s.Discount*1000)
	n.Total = n.Subtotal - n.Discount
	if t.Included {
		n.Tax = (n.Total*t.Rate + (100_000+t.Rate)/2) / (100_000 + t.Rate)
		return n
	}
	n.Tax = share(n.Total, t.Rate)
	n.Total += n.Tax
	return n
}

// cart is the sale as terminals show it. An empty one takes the last cart off their screens.
func (s *Sale) cart(m Market) *wire.CartSet {
	n := s.sums(m.Tax)
	c := &wire.CartSet{
		CartID: s.Order, Rev: s.Rev, Currency: m.Currency, Exponent: m.Exponent, Lines: []wire.CartLine{}, Subtotal: n.Subtotal,
		Total: n.Total, Locale: m.Locale,
	}
	for _, i := range s.Items {
		c.Lines = append(c.Lines, wire.CartLine{
			ID: i.Line, Name: i.Name, Qty: strconv.FormatInt(i.Qty, 10), Unit: i.Unit, Amount: i.Unit * i.Qty,
		})
	}
	if n.Discount > 0 {
		c.Discounts = []wire.CartPart{{Name: "−" + strconv.FormatInt(s.Discount, 10) + " %", Amount: n.Discount}} // in every language
	}
	if !m.Tax.Included && n.Tax > 0 {
		c.Taxes = []wire.CartPart{{Name: m.Tax.Name, Amount: n.Tax}}
	}
	return c
}

// add rings an item up: the same product again is one more of it.
func (s *Sale) add(i Item) error {
	for k := range s.Items {
		if l := &s.Items[k]; i.Product != "" && l.Product == i.Product && l.Unit == i.Unit {
			if l.Qty >= maxQty {
				return wire.Refuse(wire.CodeTooLarge, "more than %d of one", maxQty)
			}
			l.Qty++
			return nil
		}
	}
	if len(s.Items) >= maxItems {
		return wire.Refuse(wire.CodeTooLarge, "more than %d lines", maxItems)
	}
	s.Lines++
	i.Line, i.Qty = "l"+strconv.Itoa(s.Lines), 1
	s.Items = append(s.Items, i)
	return nil
}

// quantity changes a line; 0 takes it out.
func (s *Sale) quantity(line string, qty int64) error {
	if qty < 0 || qty > maxQty {
		return wire.Refuse(wire.CodeBadMessage, "qty: 0 to %d", maxQty)
	}
	for k := range s.Items {
		if s.Items[k].Line != line {
			continue
		}
		if qty == 0 {
			s.Items = append(s.Items[:k:k], s.Items[k+1:]...)
		} else {
			s.Items[k].Qty = qty
		}
		return nil
	}
	return wire.Refuse(wire.CodeBadMessage, "line: not in the cart")
}

// valid reports whether a sale that was read from the disk is one.
func (s *Sale) valid() bool {
	if s.Order == "" || s.Rev == 0 || len(s.Items) > maxItems || s.Discount < 0 || s.Discount > 100 {
		return false
	}
	for _, i := range s.Items {
		if i.Qty < 1 || i.Qty > maxQty || i.Unit < 0 || i.Unit > maxUnit {
			return false
		}
	}
	return s.cart(Market{Currency: "GBP", Exponent: 2, Locale: "en"}).Check() == nil
}
