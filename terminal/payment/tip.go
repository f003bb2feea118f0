package payment

import (
	"slices"

	"github.com/cardwright/emv/kernel"
)

// TipPolicy says whether and how the customer is asked for a tip. The tip is a part of the amount that is committed.
type TipPolicy struct {
	Ask     bool      `json:"ask,omitempty"`
	Percent []uint32  `json:"percent,omitempty"` // what is offered, of the amount; at most six
	Custom  bool      `json:"custom,omitempty"`  // the customer may enter an amount
	Smart   *SmartTip `json:"smart,omitempty"`   // fixed amounts in place of percentages where the amount is small
}

// SmartTip offers fixed amounts below a threshold: 15 % of a coffee is a strange coin.
type SmartTip struct {
	Below   uint64   `json:"below"`   // minor units
	Amounts []uint64 `json:"amounts"` // minor units; at most six
}

// TipOption is one of the tips that are offered.
type TipOption struct {
	Percent uint32 `json:"percent,omitempty"` // 0 for a fixed amount
	Amount  uint64 `json:"amount"`            // minor units
}

const (
	maxOptions = 6
	maxPercent = 100
)

func (p *TipPolicy) empty() bool {
	return !p.Ask && len(p.Percent) == 0 && !p.Custom && p.Smart == nil
}

func (p *TipPolicy) check() *Refusal {
	tooMuch := func(percent uint32) bool { return percent == 0 || percent > maxPercent }
	switch {
	case len(p.Percent) > maxOptions || slices.ContainsFunc(p.Percent, tooMuch):
		return invalid("tip_policy.percent", "at most six, of 1 to 100")
	case p.Smart != nil && (p.Smart.Below > kernel.MaxAmount || len(p.Smart.Amounts) == 0 || len(p.Smart.Amounts) > maxOptions ||
		slices.ContainsFunc(p.Smart.Amounts, func(a uint64) bool { return a == 0 || a > kernel.MaxAmount })):
		return invalid("tip_policy.smart", "one to six amounts")
	case p.Ask && len(p.Percent) == 0 && p.Smart == nil && !p.Custom:
		return invalid("tip_policy", "nothing is offered")
	}
	return nil
}

// Options returns what is offered for an amount. Percentages are rounded to the nearest minor unit, halves up: a currency's
// smallest coin is for cash, and its exponent is in the minor unit already (JPY 1, KWD 0.001).
func (p *TipPolicy) Options(amount uint64) []TipOption {
	var list []TipOption
	if p.Smart != nil && amount < p.Smart.Below {
		for _, a := range p.Smart.Amounts {
			list = append(list, TipOption{Amount: a})
		}
		return list
	}
	for _, percent := range p.Percent {
		list = append(list, TipOption{percent, part(amount, uint64(percent), 100)})
	}
	return list
}

// allows reports whether the customer may have chosen this tip: one that was offered, none, or an own one of no more than
// the amount.
func (p *TipPolicy) allows(amount, tip uint64) bool {
	return tip == 0 || p.Custom && tip <= amount ||
		slices.ContainsFunc(p.Options(amount), func(o TipOption) bool { return o.Amount == tip })
}

// part returns share/of of an amount of at most twelve digits, rounded half up.
func part(amount, share, of uint64) uint64 { return (amount*share + of/2) / of }

// Amounts are what a payment comes to, in minor units.
type Amounts struct {
	Amount    uint64 `json:"amount"`
	Tip       uint64 `json:"tip,omitempty"`
	Surcharge uint64 `json:"surcharge,omitempty"`
	Total     uint64 `json:"total"`
}

// amounts adds everything up.
func (r *Request) amounts(tip uint64) Amounts {
	a := Amounts{Amount: r.Amount, Tip: tip, Surcharge: r.Surcharge.Fixed}
	a.Surcharge += part(r.Amount, uint64(r.Surcharge.BasisPoints), maxSurcharge)
	if r.Surcharge.Max != 0 {
		a.Surcharge = min(a.Surcharge, r.Surcharge.Max)
	}
	a.Total = a.Amount + a.Tip + a.Surcharge
	return a
}
