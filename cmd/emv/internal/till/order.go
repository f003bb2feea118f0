package till

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/text"
	"github.com/cardwright/emv/terminal/wire"
)

// saleFile is the sale on the disk, and the number of the next one.
type saleFile struct {
	Next int  `json:"next"`
	Sale Sale `json:"sale"`
}

// loadSale takes up the sale of the last run, unless it was paid in the meantime.
func (t *Till) loadSale() error {
	b, err := readFile(t.state.path("sale.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return t.newSale(1)
	}
	var f saleFile
	if err != nil || json.Unmarshal(b, &f) != nil || f.Next < 1 || !f.Sale.valid() {
		return fault("sale.json is damaged", err)
	}
	t.sale = f.Sale
	if _, paid := t.paid(f.Sale.Order); paid {
		return t.newSale(f.Next)
	}
	return nil
}

// paid returns the payment that an order has.
func (t *Till) paid(order string) (pos.Entry, bool) {
	for _, e := range t.state.book.All() {
		if e.Paid() && e.Final.OrderRef == order && charges(e.Final.Kind) {
			return e, true
		}
	}
	return pos.Entry{}, false
}

func charges(k wire.Kind) bool { return k == wire.KindSale || k == wire.KindPreauth }

// newSale begins the order of that number. Orders of two tills must differ, for a terminal knows payments by order: the
// till's name for itself is in it. A number that the book has a payment of is left out: where sale.json was lost the count
// begins anew, and an order that was paid would be refused as that.
func (t *Till) newSale(number int) error {
	id := strings.TrimPrefix(t.state.settings.PosID, "till-")
	order := func() string { return strings.ToUpper(id[:min(6, len(id))]) + "-" + strconv.Itoa(1000+number) }
	taken := map[string]bool{}
	for _, e := range t.state.book.All() {
		taken[e.Request.OrderRef] = true
	}
	for taken[order()] {
		number++
	}
	s := Sale{Order: order(), Rev: 1, Items: []Item{}}
	if err := t.state.write("sale.json", saleFile{Next: number + 1, Sale: s}); err != nil {
		return err
	}
	t.sale = s
	return nil
}

// number returns that of the order after this one.
func (t *Till) number() int {
	_, digits, _ := strings.Cut(t.sale.Order, "-")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1000 {
		return 1
	}
	return n - 1000 + 1
}

// closeSale ends the order that was paid and begins the next one. The terminal takes a cart off its screen that it was paid
// for; otherwise an empty one does.
func (t *Till) closeSale(order string, byCard bool) {
	if t.sale.Order != order {
		return
	}
	if err := t.newSale(t.number()); err != nil {
		// The disk is full. The order stays on the screen; it can't be paid twice, for the book has its payment.
		t.notice = wire.Refuse(wire.CodeInternal, "the next order can't be written: %v", err)
		return
	}
	if !byCard {
		t.showCart()
	}
}

// skipPaid goes on to the next order where this one is paid and nobody follows its payment: the outcome came late, or the disk
// was full then.
func (t *Till) skipPaid() {
	if p := t.active; p != nil && !p.Done && p.Order == t.sale.Order {
		return
	}
	if _, paid := t.paid(t.sale.Order); paid {
		t.closeSale(t.sale.Order, true)
	}
}

// change changes the sale, writes it to the disk and shows it. A sale that is being paid for can't be changed.
func (t *Till) change(f func(*Sale) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.active; p != nil && !p.Done && p.Order == t.sale.Order {
		return &wire.Error{Code: wire.CodeOrderOpen, RequestID: p.RequestID}
	}
	t.skipPaid()
	n := t.sale
	n.Items = append([]Item{}, t.sale.Items...)
	if err := f(&n); err != nil {
		return err
	}
	n.Rev++
	if err := n.cart(t.market()).Check(); err != nil {
		return err
	}
	if err := t.state.write("sale.json", saleFile{Next: t.number(), Sale: n}); err != nil {
		return &wire.Error{Code: wire.CodeInternal, Detail: "the order can't be written", Err: err}
	}
	t.sale = n
	t.notice = nil
	if p := t.active; p != nil && p.Done {
		t.active = nil // the cashier has gone on
	}
	t.showCart()
	t.changed()
	return nil
}

// showCart sends the sale to the terminal that it will be paid on. It never waits.
func (t *Till) showCart() {
	id := t.chosen
	term, err := t.register.Terminal(id)
	if err != nil {
		return // none is paired
	}
	if err := term.SendCart(t.sale.cart(t.market())); err != nil {
		var e *wire.Error
		if errors.As(err, &e) {
			t.notice = e
		}
	}
}

// Add rings a product up.
func (t *Till) Add(product string) error {
	p, ok := t.catalogue.product(product)
	if !ok {
		return wire.Refuse(wire.CodeBadMessage, "no such product")
	}
	return t.change(func(s *Sale) error { return s.add(Item{Product: p.ID, Name: p.Name, Unit: p.Price}) })
}

// AddAmount rings up an amount that was typed in.
func (t *Till) AddAmount(name string, unit int64) error {
	if name = text.Clean(name, maxName+1); unit < 1 || unit > maxUnit || name == "" || text.Graphemes(name) > maxName || len(name) > wire.MaxText {
		return wire.Refuse(wire.CodeBadMessage, "a name of 1 to %d characters, and an amount", maxName)
	}
	return t.change(func(s *Sale) error { return s.add(Item{Name: name, Unit: unit}) })
}

// Quantity changes a line; 0 takes it out.
func (t *Till) Quantity(line string, qty int64) error {
	return t.change(func(s *Sale) error { return s.quantity(line, qty) })
}

// Discount takes some per cent off the sale.
func (t *Till) Discount(percent int64) error {
	if percent < 0 || percent > 100 {
		return wire.Refuse(wire.CodeBadMessage, "discount: 0 to 100")
	}
	return t.change(func(s *Sale) error {
		s.Discount = percent
		return nil
	})
}

// Clear empties the sale.
func (t *Till) Clear() error {
	return t.change(func(s *Sale) error {
		s.Items, s.Discount = []Item{}, 0
		return nil
	})
}
