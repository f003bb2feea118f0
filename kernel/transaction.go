package kernel

import "time"

// Transaction is what the terminal asks for.
type Transaction struct {
	Amount   uint64 // Amount, Authorised (9F02) in minor units, the other amount included; at most MaxAmount
	Other    uint64 // Amount, Other (9F03): cashback
	Type     TransactionType
	Currency uint16    // Transaction Currency Code (5F2A), ISO 4217 numeric: 840
	Exponent *uint8    // Transaction Currency Exponent (5F36); nil takes the currency's own
	Time     time.Time // Transaction Date and Time (9A, 9F21) as the place of sale has it; zero takes Env.Clock's
	Sequence uint32    // Transaction Sequence Counter (9F41), at most 99999999; 0 leaves it out
	Online   bool      // the merchant forces the transaction online
	Account  byte      // Account Type (5F57); 0 is the default account
}

// MaxAmount is the most that twelve digits hold.
const MaxAmount = 999_999_999_999

// TransactionType is the Transaction Type (9C): the first two digits of the ISO 8583 processing code.
type TransactionType byte

// The transaction types that the books name.
const (
	Purchase             TransactionType = 0x00
	Cash                 TransactionType = 0x01
	PurchaseWithCashback TransactionType = 0x09
	CashDisbursement     TransactionType = 0x17
	Refund               TransactionType = 0x20
)

// CurrencyExponent returns how many decimals the transaction's amounts have.
func (t *Transaction) CurrencyExponent() uint8 {
	if t.Exponent != nil {
		return *t.Exponent
	}
	return CurrencyExponent(t.Currency)
}

// Faults returns what is wrong with the transaction, each with its path below the given one.
func (t *Transaction) Faults() []Fault {
	var f []Fault
	if t.Amount > MaxAmount {
		f = append(f, Fault{"transaction.amount", "transaction.amount", "more than twelve digits"})
	}
	if t.Other > MaxAmount {
		f = append(f, Fault{"transaction.other", "transaction.other", "more than twelve digits"})
	}
	if t.Other > t.Amount {
		f = append(f, Fault{"transaction.other", "transaction.other", "exceeds the amount, which includes it"})
	}
	if t.Currency == 0 || t.Currency > 999 {
		f = append(f, Fault{"transaction.currency", "transaction.currency", "not a numeric code of ISO 4217"})
	}
	if t.Sequence > 99_999_999 {
		f = append(f, Fault{"transaction.sequence", "transaction.sequence", "more than eight digits"})
	}
	return f
}

// CurrencyExponent returns the number of decimals of a currency by its ISO 4217 numeric code. A currency that is not in
// the list of exceptions has two.
func CurrencyExponent(currency uint16) uint8 {
	switch currency {
	// BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF, and UYI
	case 108, 152, 262, 324, 352, 392, 174, 410, 600, 646, 800, 704, 548, 950, 952, 953, 940:
		return 0
	case 48, 368, 400, 414, 434, 512, 788: // BHD IQD JOD KWD LYD OMR TND
		return 3
	case 927, 990: // UYW CLF
		return 4
	}
	return 2
}

// IsCash reports whether the type is one of those for cash.
func (t TransactionType) IsCash() bool { return t == Cash || t == CashDisbursement }

// IsPurchase reports whether goods or services are bought, with cashback or without.
func (t TransactionType) IsPurchase() bool { return t == Purchase || t == PurchaseWithCashback }

const (
	tagType  = 0x9C
	tagOther = 0x9F03
)

// TransactionType returns the Transaction Type (9C), that of a purchase where there is none.
func (d *Data) TransactionType() TransactionType {
	if t := d.Get(tagType); len(t) == 1 {
		return TransactionType(t[0])
	}
	return Purchase
}

// WithCashback reports whether the transaction is a purchase with cashback: of that type whatever the amount, or with an
// amount for it.
func (d *Data) WithCashback() bool {
	switch d.TransactionType() {
	case PurchaseWithCashback:
		return true
	case Purchase:
		other, ok := BCD(d.Get(tagOther))
		return ok && other > 0
	default:
		return false
	}
}
