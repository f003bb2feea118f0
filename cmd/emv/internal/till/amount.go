package till

import (
	"github.com/cardwright/emv/terminal/wire"
)

// Amount asks for a payment without a cart: what a command line has.
type Amount struct {
	Kind     wire.Kind // sale, preauth, refund
	Order    string    // "" makes one
	Amount   int64     // minor units
	Tip      bool
	Terminal string // "" leaves it to the default, or is CodeChoose
	Role     string // whose permission there is, for a refund without its payment

	Offline int64 // up to how much the card may approve a sale while the bank is away; 0 is never
}

// Pay begins a payment of an amount and returns it. The customer sees a cart of one line.
func (t *Till) Pay(a Amount) (Payment, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.Order == "" {
		a.Order = t.sale.Order
		if err := t.newSale(t.number()); err != nil {
			return Payment{}, err
		}
	}
	term, err := t.choose(a.Terminal, a.Offline > 0)
	if err != nil {
		return Payment{}, err
	}
	m := t.market()
	r := t.request(a.Kind, a.Order, a.Amount, m.Currency, a.Tip)
	r.Role = a.Role
	if a.Offline > 0 {
		r.Offline = wire.Offline{Mode: "allow", Max: a.Offline}
	}
	if !charges(a.Kind) {
		r.Entry = anyCard()
		p, err := t.begin(term, r, nil)
		return asked(p), err
	}
	// An order that is asked for again has a newer revision on the screen.
	rev := uint64(max(1, t.state.clock.Now().UnixMilli()))
	p, err := t.begin(term, r, &wire.CartSet{
		CartID: a.Order, Rev: rev, Currency: m.Currency, Exponent: m.Exponent, Subtotal: a.Amount, Total: a.Amount,
		Locale: m.Locale,
		Lines: []wire.CartLine{{
			ID: "l1", Name: "Order " + a.Order, Qty: "1", Unit: a.Amount, Amount: a.Amount,
		}},
	})
	return asked(p), err
}
