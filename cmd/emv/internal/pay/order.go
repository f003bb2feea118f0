package pay

import (
	"strings"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/iso"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/tlv"
)

// Order is what is to be paid, with which card, and how the world answers.
type Order struct {
	Card   string             // profile of the simulated card
	Faults []string           // what is wrong with it
	Set    map[tlv.Tag][]byte // what is changed in its data

	// From are real readers, whose cards take the place of the simulated one; none presents that. No two have the same
	// kind. Where several interfaces may be used they are armed at once, and the first card counts.
	From []driver.Reader

	// CAPKs are the keys that verify cards; nil takes those of test environments, which the simulated cards are made with.
	CAPKs *capk.Set

	// Capture takes transactions down: Report.Captures.
	Capture bool

	// Profile is how the terminal is set up.
	Profile *profile.Profile

	// Use are the interfaces that the customer may use, the first one first; the terminal may send them on to the others.
	// None lets the simulated card decide; a real reader needs some.
	Use []profile.Interface

	// PINs are what the customer does at the PIN pad, one a prompt, the last one again for all that follow: digits, or one
	// of PINWords. None enters the PIN of the simulated cards, and at a real reader leaves the PIN pad broken: wrong PINs
	// would block somebody's card.
	PINs []string

	Amount, Other uint64 // minor units, Other included in Amount
	Currency      iso.Currency
	Type          kernel.TransactionType
	FloorLimit    *uint64   // minor units: online above it; nil takes the profile's
	When          time.Time // zero takes the clock's; the seeded clock's if Seed is set
	Seed          *uint64   // random numbers and the clock come from it; nil takes the machine's

	ARC    [2]byte // the issuer's decision if the cryptogram is good
	Unable bool    // the issuer can't be reached
}

// Real reports whether real cards pay.
func (o *Order) Real() bool { return len(o.From) > 0 }

// Readers returns the names of the real readers, "" where there are none.
func (o *Order) Readers() string {
	names := make([]string, len(o.From))
	for i, r := range o.From {
		names[i] = r.Identity().Name
	}
	return strings.Join(names, ", ")
}

// readerOf returns the real reader that has an interface, nil where there is none.
func (o *Order) readerOf(on profile.Interface) driver.Reader {
	for _, r := range o.From {
		if r.Kinds().Has(KindOf(on)) {
			return r
		}
	}
	return nil
}

// SeededTime is where the clock of a seeded run begins, and stands.
var SeededTime = time.Date(2026, time.January, 15, 12, 0, 0, 0, time.UTC)

// types are the names and the texts of the transaction types.
var types = []struct {
	is         kernel.TransactionType
	name, text string
}{
	{kernel.Purchase, "purchase", "purchase"},
	{kernel.PurchaseWithCashback, "cashback", "purchase with cashback"},
	{kernel.Refund, "refund", "refund"},
	{kernel.Cash, "cash", "cash"},
}

// ParseType reads the name of a transaction type. The error's code is "input.type".
func ParseType(s string) (kernel.TransactionType, error) {
	for _, t := range types {
		if s == t.name {
			return t.is, nil
		}
	}
	return 0, &kernel.Error{Code: "input.type", Text: quote(s) + " is not one of purchase cashback refund cash"}
}

// TypeText returns a transaction type as people say it.
func TypeText(t kernel.TransactionType) string {
	for _, x := range types {
		if x.is == t {
			return x.text
		}
	}
	return ""
}
