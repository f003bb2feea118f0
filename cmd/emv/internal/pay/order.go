package pay

import (
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/iso"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/tlv"
)

// Order is what is to be paid, with which card, and how the world answers.
type Order struct {
	Card   string             // profile of the simulated card
	Faults []string           // what is wrong with it
	Set    map[tlv.Tag][]byte // what is changed in its data

	// Source gives cards in a real reader the place of the simulated one; nil presents that.
	Source Source
	Reader string // the reader's name

	// Capture takes transactions down: Report.Captures.
	Capture bool

	// Profile is how the terminal is set up.
	Profile *profile.Profile

	// Use are the interfaces that the customer may use, the first one first; the terminal may send them on to the others.
	// None lets the card decide.
	Use []profile.Interface

	// PINs are what the customer does at the PIN pad, one a prompt, the last one again for all that follow: digits, or one
	// of PINWords. None enters the PIN of the simulated cards.
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
