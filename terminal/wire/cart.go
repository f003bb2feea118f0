package wire

import "strings"

// CartSet is the whole cart, as the till has it. The terminal is a view. PRODUCT 3.2.
type CartSet struct {
	CartID    string     `json:"cart_id"`
	Rev       uint64     `json:"rev"`      // grows with every change; the terminal shows the newest it has seen
	Currency  string     `json:"currency"` // ISO 4217, letters
	Exponent  int        `json:"exponent"` // digits of the minor unit: JPY 0, USD 2, KWD 3
	Lines     []CartLine `json:"lines"`
	Subtotal  int64      `json:"subtotal"`
	Taxes     []CartPart `json:"taxes,omitempty"`
	Discounts []CartPart `json:"discounts,omitempty"` // positive: what is taken off
	Total     int64      `json:"total"`
	Locale    string     `json:"locale"` // BCP 47
}

// CartLine is one line. Qty is a decimal number as text, "2" or "0.350": a scale's weight is no float. Unit is the price of
// one; Amount is what counts.
type CartLine struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Qty    string `json:"qty"`
	Unit   int64  `json:"unit"`
	Amount int64  `json:"amount"`
	Note   string `json:"note,omitempty"`
}

// CartPart is a tax or a discount.
type CartPart struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"`
}

// Check refuses what is outside the schema with CodeBadMessage, and a cart whose parts do not make its total with
// CodeCartSum: lines make the subtotal; subtotal, plus taxes, less discounts, makes the total.
func (c *CartSet) Check() error {
	if c.Rev == 0 || c.Rev > MaxSeq {
		return bad("rev: 1 to 2^53-1")
	}
	if c.Exponent < 0 || c.Exponent > 4 {
		return bad("exponent: 0 to 4")
	}
	err := first(identifier("cart_id", c.CartID), currency("currency", c.Currency), count("lines", len(c.Lines), MaxLines),
		count("taxes", len(c.Taxes), MaxList), count("discounts", len(c.Discounts), MaxList), signed("subtotal", c.Subtotal),
		signed("total", c.Total), locale(c.Locale))
	if err != nil {
		return err
	}
	// No sum overflows: at most 1,000 lines and 128 parts of at most 10^12.
	seen := make(map[string]bool, len(c.Lines))
	var lines int64
	for i := range c.Lines {
		l := &c.Lines[i]
		if err := l.Check(); err != nil {
			return err
		}
		if seen[l.ID] {
			return bad("lines: an id twice")
		}
		seen[l.ID] = true
		lines += l.Amount
	}
	taxes, err := parts("taxes", c.Taxes)
	if err != nil {
		return err
	}
	discounts, err := parts("discounts", c.Discounts)
	if err != nil {
		return err
	}
	if lines != c.Subtotal {
		return Refuse(CodeCartSum, "lines make %d, subtotal says %d", lines, c.Subtotal)
	}
	if c.Subtotal+taxes-discounts != c.Total {
		return Refuse(CodeCartSum, "subtotal, taxes and discounts make %d, total says %d", c.Subtotal+taxes-discounts, c.Total)
	}
	return nil
}

// Check refuses what is outside the schema.
func (l *CartLine) Check() error {
	return first(identifier("lines.id", l.ID), text("lines.name", l.Name), quantity(l.Qty), signed("lines.unit", l.Unit),
		signed("lines.amount", l.Amount), text("lines.note", l.Note))
}

func parts(where string, list []CartPart) (sum int64, err error) {
	for _, p := range list {
		if err := first(text(where, p.Name), amount(where, p.Amount)); err != nil {
			return 0, err
		}
		sum += p.Amount
	}
	return sum, nil
}

func quantity(s string) error {
	whole, part, dot := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	const digits = "0123456789"
	if whole == "" || len(whole) > 9 || strings.Trim(whole, digits) != "" || dot && (part == "" || len(part) > 3 || strings.Trim(part, digits) != "") {
		return bad("lines.qty: a decimal number of at most nine and three digits")
	}
	return nil
}

func locale(s string) error {
	if len(s) < 2 || len(s) > 35 || strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return bad("locale: not a language tag")
	}
	return nil
}

// CartPatch turns revision Base of a cart into revision Rev. A terminal that does not show Base asks for the whole cart.
type CartPatch struct {
	CartID string `json:"cart_id"`
	Base   uint64 `json:"base_rev"`
	Rev    uint64 `json:"rev"`
	Ops    []Op   `json:"ops"`

	// What the cart's sums are afterwards. Taxes and discounts are few: they come whole.
	Subtotal  int64      `json:"subtotal"`
	Taxes     []CartPart `json:"taxes,omitempty"`
	Discounts []CartPart `json:"discounts,omitempty"`
	Total     int64      `json:"total"`
}

// Op is one change of the lines: "put" replaces the line of that id or appends it, "remove" takes it out.
type Op struct {
	Op   string    `json:"op"`
	Line *CartLine `json:"line,omitempty"` // put
	ID   string    `json:"id,omitempty"`   // remove
}

// Check refuses what is outside the schema. Whether the sums hold shows when the patch is applied.
func (p *CartPatch) Check() error {
	if p.Base == 0 || p.Rev <= p.Base || p.Rev > MaxSeq {
		return bad("rev: above base_rev, which is at least 1")
	}
	for _, o := range p.Ops {
		switch {
		case o.Op == "put" && o.Line != nil && o.ID == "":
			if err := o.Line.Check(); err != nil {
				return err
			}
		case o.Op == "remove" && o.Line == nil:
			if err := identifier("ops.id", o.ID); err != nil {
				return err
			}
		default:
			return bad("ops: put with a line, or remove with an id")
		}
	}
	if _, err := parts("taxes", p.Taxes); err != nil {
		return err
	}
	_, err := parts("discounts", p.Discounts)
	return first(err, identifier("cart_id", p.CartID), count("ops", len(p.Ops), MaxLines), count("taxes", len(p.Taxes), MaxList),
		count("discounts", len(p.Discounts), MaxList), signed("subtotal", p.Subtotal), signed("total", p.Total))
}

// Apply returns the cart that a patch makes of c, checked; c stays as it is. A patch of another cart or revision is
// CodeCartResync: ask for the whole.
func (p *CartPatch) Apply(c *CartSet) (*CartSet, error) {
	if c == nil || c.CartID != p.CartID || c.Rev != p.Base {
		return nil, Refuse(CodeCartResync, "a patch of a revision that is not here")
	}
	n := *c
	n.Rev, n.Subtotal, n.Taxes, n.Discounts, n.Total = p.Rev, p.Subtotal, p.Taxes, p.Discounts, p.Total
	n.Lines = append([]CartLine(nil), c.Lines...)
	at := make(map[string]int, len(n.Lines))
	for i := range n.Lines {
		at[n.Lines[i].ID] = i
	}
	gone := map[int]bool{}
	for _, o := range p.Ops {
		id := o.ID
		if o.Line != nil {
			id = o.Line.ID
		}
		i, there := at[id]
		switch {
		case o.Op == "put" && there:
			n.Lines[i] = *o.Line
		case o.Op == "put":
			at[id] = len(n.Lines)
			n.Lines = append(n.Lines, *o.Line)
		case there:
			gone[i] = true
			delete(at, id)
		default:
			return nil, Refuse(CodeBadMessage, "ops: remove of a line that is not there")
		}
	}
	kept := n.Lines[:0]
	for i, l := range n.Lines {
		if !gone[i] {
			kept = append(kept, l)
		}
	}
	n.Lines = kept
	if err := n.Check(); err != nil {
		return nil, err
	}
	return &n, nil
}

// CartResync asks for the whole cart.
type CartResync struct {
	CartID string `json:"cart_id,omitempty"`
}

// Check refuses what is outside the schema.
func (r *CartResync) Check() error { return optional(identifier, "cart_id", r.CartID) }

// CartShown says what is on the screen. Hash is the SHA-256 of the cart's canonical JSON (RFC 8785): a payment request
// for this cart carries the same.
type CartShown struct {
	CartID string `json:"cart_id"`
	Rev    uint64 `json:"rev"`
	Hash   Bytes  `json:"hash"`
}

// Check refuses what is outside the schema.
func (s *CartShown) Check() error {
	return first(identifier("cart_id", s.CartID), length("hash", s.Hash, 32), (&SessionMove{s.Rev}).Check())
}
