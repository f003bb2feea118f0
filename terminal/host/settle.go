package host

import (
	"context"
	"fmt"
	"math"
)

// Totals are the sums of a period, in minor units of one currency: fields 74 to 77 and 86 to 89. A sale is a debit, since it
// debits the cardholder; a refund is a credit. ISO 8583:1987, 4.3.
type Totals struct {
	Debits, DebitAmount                 uint64
	ReversedDebits, ReversedDebitAmount uint64
	Credits, CreditAmount               uint64
	ReversedCredits, ReversedCredit     uint64
}

// Net returns what the merchant is to get: debits less credits, less what was reversed of them; and whether the merchant
// owes it instead.
func (t *Totals) Net() (amount uint64, owed bool) {
	in, out := t.DebitAmount+t.ReversedCredit, t.CreditAmount+t.ReversedDebitAmount
	if out > in {
		return out - in, true
	}
	return in - out, false
}

// fields returns the fields and where their values are.
func (t *Totals) fields() []struct {
	n, digits int
	value     *uint64
} {
	type f = struct {
		n, digits int
		value     *uint64
	}
	return []f{
		{74, 10, &t.Credits},
		{75, 10, &t.ReversedCredits},
		{76, 10, &t.Debits},
		{77, 10, &t.ReversedDebits},
		{86, 16, &t.CreditAmount},
		{87, 16, &t.ReversedCredit},
		{88, 16, &t.DebitAmount},
		{89, 16, &t.ReversedDebitAmount},
	}
}

const fieldNet = 97

// Settlement is what a host says to totals.
type Settlement struct {
	Balanced bool   // the host's totals are the same
	Host     Totals // its totals, as far as it sent them
	Answer   *Answer
}

// Settle compares the terminal's totals with the host's (0500) and begins a new period there. Totals that differ are no
// error: see Settlement. The errors are CodeField for totals that are too large, and those of Authorise.
func (c *Client) Settle(ctx context.Context, t Trace, currency uint16, totals Totals) (*Settlement, error) {
	m, err := c.dialect.Settlement(c.own, t, currency, totals)
	if err != nil {
		return nil, err
	}
	a, err := c.exchange(ctx, m)
	if err != nil {
		return nil, err
	}
	s := &Settlement{Answer: a}
	s.Balanced = a.Action == Approve && (!a.Message.Has(fieldBalance) || a.Message.Text(fieldBalance) == "1")
	for _, f := range s.Host.fields() {
		*f.value = number(a.Message.Text(f.n))
	}
	if s.Host != totals && a.Message.Has(76) {
		s.Balanced = false
	}
	return s, nil
}

// Settlement makes the message with a terminal's totals.
func (d *Dialect) Settlement(own map[int]string, t Trace, currency uint16, totals Totals) (*Message, error) {
	m, err := d.begin(OpSettle, false, own)
	if err != nil {
		return nil, err
	}
	if err := t.set(d, m); err != nil {
		return nil, err
	}
	d.put(m, fieldSettled, fmt.Sprintf("%03d", currency))
	for _, f := range totals.fields() {
		if *f.value > math.MaxInt64/100 {
			return nil, &Error{Code: CodeField, Field: f.n, Text: "too large"}
		}
		d.put(m, f.n, fmt.Sprintf("%0*d", f.digits, *f.value))
	}
	net, owed := totals.Net()
	sign := "D"
	if owed {
		sign = "C"
	}
	d.put(m, fieldNet, fmt.Sprintf("%s%016d", sign, net))
	return m, nil
}
