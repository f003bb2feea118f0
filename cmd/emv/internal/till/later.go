package till

import (
	"context"
	"strconv"
	"strings"

	"github.com/cardwright/emv/cmd/emv/internal/iso"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// Later asks for what is done with an earlier payment.
type Later struct {
	Kind   wire.Kind `json:"kind"`   // refund, void, capture
	ID     string    `json:"id"`     // request id of the payment
	Amount int64     `json:"amount"` // 0 is all that is left
	Card   bool      `json:"card"`   // a refund asks for the card, as some brands want. P27

	// Seen is how many approved ones of the kind the cashier saw: a button that is pressed twice names the same.
	Seen int `json:"seen"`
}

// Row is a payment of the book, and what became of it.
type Row struct {
	RequestID string      `json:"request_id"`
	Order     string      `json:"order"`
	Kind      wire.Kind   `json:"kind"`
	Amount    int64       `json:"amount"`
	Currency  string      `json:"currency"`
	Exponent  int         `json:"exponent"`
	Terminal  string      `json:"terminal"`
	Reference string      `json:"reference,omitempty"`
	Time      int64       `json:"time"` // Unix milliseconds, from the request id
	Final     *wire.Final `json:"final,omitempty"`

	Late *wire.PaymentLate `json:"late,omitempty"` // not paid: the host has refused what the card had approved

	Refunded int64 `json:"refunded"`
	Refunds  int   `json:"refunds"`
	Voided   bool  `json:"voided"`
	Captured bool  `json:"captured"`

	CanRefund  int64 `json:"can_refund"` // how much
	CanVoid    bool  `json:"can_void"`
	CanCapture bool  `json:"can_capture"`
}

// Payments returns what the book has, the newest first.
func (t *Till) Payments() []Row {
	list := t.state.book.All()
	rows := make([]Row, 0, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		rows = append(rows, row(list[i], list))
	}
	return rows
}

// Payment returns a payment of the book.
func (t *Till) Payment(id string) (Row, bool) {
	e, ok := t.state.book.Find(id)
	if !ok {
		return Row{}, false
	}
	return row(e, t.state.book.All()), true
}

// row says what can still be done with a payment. The terminal decides; this is what the buttons are drawn by.
func row(e pos.Entry, all []pos.Entry) Row {
	q := &e.Request
	r := Row{
		RequestID: q.RequestID, Order: q.OrderRef, Kind: q.Kind, Amount: q.Amount, Currency: q.Currency, Exponent: 2,
		Terminal: e.Terminal, Reference: q.Reference, Time: made(q.RequestID), Final: e.Final,
		Late: e.Late,
	}
	if c, err := iso.ParseCurrency(q.Currency); err == nil {
		r.Exponent = int(c.Decimals())
	}
	under := false
	for i := range all {
		o := &all[i]
		switch {
		case o.Request.Reference != q.RequestID:
		case o.Final == nil:
			under = true
		case o.Final.Result != wire.Approved:
		case o.Request.Kind == wire.KindRefund:
			r.Refunded += o.Final.Total
			r.Refunds++
		case o.Request.Kind == wire.KindVoid:
			r.Voided = true
		case o.Request.Kind == wire.KindCapture:
			r.Captured = true
		}
	}
	if !e.Paid() || r.Voided || under {
		return r
	}
	switch q.Kind {
	case wire.KindSale, wire.KindCapture:
		r.CanRefund = max(0, e.Final.Total-r.Refunded)
		r.CanVoid = q.Kind == wire.KindSale && r.Refunds == 0
	case wire.KindPreauth:
		r.CanCapture, r.CanVoid = !r.Captured, !r.Captured
	default: // a refund, a void
	}
	return r
}

// made returns when a request id says that it was made.
func made(ulid string) int64 {
	var ms int64
	for i := range min(10, len(ulid)) {
		ms = ms<<5 | int64(strings.IndexByte("0123456789ABCDEFGHJKMNPQRSTVWXYZ", ulid[i])&31)
	}
	return ms
}

// Later begins a refund, a void or a capture, on the terminal that took the payment, and returns it.
func (t *Till) Later(l Later) (Payment, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	letter := map[wire.Kind]string{wire.KindRefund: "-R", wire.KindVoid: "-V", wire.KindCapture: "-C"}[l.Kind]
	if letter == "" || l.Amount < 0 || l.Seen < 0 || l.Seen > maxQty {
		return Payment{}, wire.Refuse(wire.CodeBadMessage, "kind: refund, void or capture")
	}
	r, ok := t.Payment(l.ID)
	if !ok || r.Final == nil || r.Final.Result != wire.Approved || r.Late != nil {
		return Payment{}, wire.Refuse("E_REFERENCE", "no approved payment of that id")
	}
	order := r.Order + letter + strconv.Itoa(l.Seen+1)
	if p, err := t.underWay(order); p != nil || err != nil {
		return asked(p), err
	}
	amount, left := l.Amount, r.CanRefund
	if l.Kind != wire.KindRefund {
		left = r.Final.Total
	}
	if amount == 0 || l.Kind == wire.KindVoid {
		amount = left
	}
	if e, ok := t.done(l.ID, order); ok { // asked for with what the cashier saw before
		return Payment{}, &wire.Error{Code: wire.CodeOrderHasOutcome, RequestID: e.RequestID, Final: e}
	}
	if amount == 0 || amount > left {
		return Payment{}, wire.Refuse("E_REMAINING", "%d of %d is left", left, r.Final.Total)
	}
	term, err := t.register.Terminal(r.Terminal)
	if err != nil {
		return Payment{}, err
	}
	if _, err := t.choose(r.Terminal, false); err != nil {
		return Payment{}, err
	}
	q := t.request(l.Kind, order, amount, r.Currency, false)
	q.Reference = l.ID
	if l.Card && l.Kind == wire.KindRefund {
		q.Entry = anyCard()
	}
	p, err := t.begin(term, q, nil)
	return asked(p), err
}

// done returns the approved outcome that an order of a reference has.
func (t *Till) done(reference, order string) (*wire.Final, bool) {
	for _, e := range t.state.book.All() {
		if e.Request.Reference == reference && e.Request.OrderRef == order && e.Final != nil && e.Final.Result == wire.Approved {
			return e.Final, true
		}
	}
	return nil, false
}

// Ask asks the terminal what became of a payment whose outcome the book does not have.
func (t *Till) Ask(ctx context.Context, id string) (*wire.PaymentState, error) {
	e, ok := t.state.book.Find(id)
	if !ok {
		return nil, wire.Refuse(wire.CodeNotFound, "not in the book")
	}
	if e.Final != nil {
		return &wire.PaymentState{RequestID: id, State: wire.StateAcked, Final: e.Final}, nil
	}
	term, err := t.register.Terminal(e.Terminal)
	if err != nil {
		return nil, err
	}
	return term.Status(ctx, id)
}
