package restrict

import (
	"bytes"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// Application Usage Control (9F07; Book 3, Annex C2).
const (
	domesticCash          = kernel.Bit(1<<8 | 0x80)
	internationalCash     = kernel.Bit(1<<8 | 0x40)
	domesticGoods         = kernel.Bit(1<<8 | 0x20)
	internationalGoods    = kernel.Bit(1<<8 | 0x10)
	domesticServices      = kernel.Bit(1<<8 | 0x08)
	internationalServices = kernel.Bit(1<<8 | 0x04)
	validAtATM            = kernel.Bit(1<<8 | 0x02)
	validElsewhere        = kernel.Bit(1<<8 | 0x01)
	domesticCashback      = kernel.Bit(2<<8 | 0x80)
	internationalCashback = kernel.Bit(2<<8 | 0x40)
)

// Additional Terminal Capabilities (9F40; Book 4, Annex A3).
const (
	terminalCash     = kernel.Bit(1<<8 | 0x80)
	terminalGoods    = kernel.Bit(1<<8 | 0x40)
	terminalServices = kernel.Bit(1<<8 | 0x20)
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
		{"restrict.cash", isCash, one(domesticCash), one(internationalCash)},
		{"restrict.goods", isGoods, one(domesticGoods), one(internationalGoods)},
		{"restrict.services", isServices, one(domesticServices), one(internationalServices)},
		{
			"restrict.purchase", isEither,
			[2]kernel.Bit{domesticGoods, domesticServices},
			[2]kernel.Bit{internationalGoods, internationalServices},
		},
		{"restrict.cashback", isCashback, one(domesticCashback), one(internationalCashback)},
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
	switch atm := isATM(d); {
	case atm && !validAtATM.In(auc):
		r.Mark(tvr.ServiceNotAllowed, "restrict.atm", ref)
	case !atm && !validElsewhere.In(auc):
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

// isATM reports whether the terminal is a cash machine: of type 14, 15 or 16, and able to give cash (Book 4, Annex A1).
func isATM(d *kernel.Data) bool {
	kind := d.Get(tagTerminalType)
	return len(kind) == 1 && kind[0] >= 0x14 && kind[0] <= 0x16 && terminalCash.In(d.Get(tagAdditional))
}

func typeOf(d *kernel.Data) kernel.TransactionType {
	if t := d.Get(tagType); len(t) == 1 {
		return kernel.TransactionType(t[0])
	}
	return kernel.Purchase
}

func isCash(d *kernel.Data) bool {
	t := typeOf(d)
	return t == kernel.Cash || t == kernel.CashDisbursement
}

func isPurchase(d *kernel.Data) bool {
	t := typeOf(d)
	return t == kernel.Purchase || t == kernel.PurchaseWithCashback
}

// isCashback reports whether there is a cashback amount. The type that asks for cashback counts as one whatever the
// amount.
func isCashback(d *kernel.Data) bool {
	if typeOf(d) == kernel.PurchaseWithCashback {
		return true
	}
	other, ok := kernel.BCD(d.Get(tagOther))
	return typeOf(d) == kernel.Purchase && ok && other > 0
}

func isGoods(d *kernel.Data) bool {
	offered := d.Get(tagAdditional)
	return isPurchase(d) && terminalGoods.In(offered) && !terminalServices.In(offered)
}

func isServices(d *kernel.Data) bool {
	offered := d.Get(tagAdditional)
	return isPurchase(d) && terminalServices.In(offered) && !terminalGoods.In(offered)
}

func isEither(d *kernel.Data) bool { return isPurchase(d) && !isGoods(d) && !isServices(d) }
