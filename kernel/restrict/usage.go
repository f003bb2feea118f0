package restrict

import (
	"bytes"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// service is a row of the table of Book 3, 10.4.2: when it applies, and the bits of which one must be set in the
// issuer's country and outside it.
type service struct {
	code                    string
	asked                   func(*kernel.Data) bool
	domestic, international [2]kernel.Bit
}

// services is that table. Which of goods and services a purchase is, its type does not tell: a terminal that offers only
// one of them says so in 9F40, and otherwise one of the two bits is enough.
func services() [5]service {
	one := func(b kernel.Bit) [2]kernel.Bit { return [2]kernel.Bit{b, b} }
	return [...]service{
		{"restrict.cash", isCash, one(kernel.AUCDomesticCash), one(kernel.AUCInternationalCash)},
		{"restrict.goods", isGoods, one(kernel.AUCDomesticGoods), one(kernel.AUCInternationalGoods)},
		{"restrict.services", isServices, one(kernel.AUCDomesticServices), one(kernel.AUCInternationalServices)},
		{
			"restrict.purchase", isEither,
			[2]kernel.Bit{kernel.AUCDomesticGoods, kernel.AUCDomesticServices},
			[2]kernel.Bit{kernel.AUCInternationalGoods, kernel.AUCInternationalServices},
		},
		{"restrict.cashback", isCashback, one(kernel.AUCDomesticCashback), one(kernel.AUCInternationalCashback)},
	}
}

// checkUsage holds the transaction against the Application Usage Control (Book 3, 10.4.2). A card without one allows
// everything; one without Issuer Country Code is asked about the kind of terminal only.
func checkUsage(d *kernel.Data, r *tvr.Results) {
	const ref = "Book 3, 10.4.2"
	auc := d.Get(tagAUC)
	if auc == nil {
		return
	}
	switch atm := d.AtATM(); {
	case atm && !kernel.AUCATM.In(auc):
		r.Mark(tvr.ServiceNotAllowed, "restrict.atm", ref)
	case !atm && !kernel.AUCElsewhere.In(auc):
		r.Mark(tvr.ServiceNotAllowed, "restrict.not_atm", ref)
	}
	issuer := d.Get(tagIssuerCountry)
	if issuer == nil {
		return
	}
	home := bytes.Equal(issuer, d.Get(tagCountry))
	for _, s := range services() {
		bits := s.international
		if home {
			bits = s.domestic
		}
		if s.asked(d) && !bits[0].In(auc) && !bits[1].In(auc) {
			r.Mark(tvr.ServiceNotAllowed, s.code, ref)
		}
	}
}

// UsageAllowed is the same check for a kernel whose book refers to it and whose TVR is not to change: what forbids the
// transaction is reported, and that is all.
func UsageAllowed(env *kernel.Env, d *kernel.Data) bool {
	r := tvr.Load(env, d, stage, "Book 3, 10.4.2")
	r.TVR = [5]byte{}
	checkUsage(d, &r)
	return !tvr.ServiceNotAllowed.In(r.TVR[:])
}

func isCash(d *kernel.Data) bool { return d.TransactionType().IsCash() }

func isPurchase(d *kernel.Data) bool { return d.TransactionType().IsPurchase() }

// isCashback goes by the amount, as the table of Book 3, 10.4.2 does, whatever the type. A terminal that names the type and
// leaves Amount, Other out means one with cashback all the same.
func isCashback(d *kernel.Data) bool {
	if v := d.Get(tagOther); v != nil {
		other, ok := kernel.BCD(v)
		return !ok || other > 0
	}
	return d.WithCashback()
}

func isGoods(d *kernel.Data) bool {
	offered := d.Get(tagAdditional)
	return isPurchase(d) && kernel.AddCapGoods.In(offered) && !kernel.AddCapServices.In(offered)
}

func isServices(d *kernel.Data) bool {
	offered := d.Get(tagAdditional)
	return isPurchase(d) && kernel.AddCapServices.In(offered) && !kernel.AddCapGoods.In(offered)
}

func isEither(d *kernel.Data) bool { return isPurchase(d) && !isGoods(d) && !isServices(d) }
