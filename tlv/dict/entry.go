// Package dict is the data dictionary: what every data object of EMV 4.4 Book 3 Annex A, of Contactless Books A, B and
// C-2 to C-8 and of Interac is called, how it is written, how long it may be, where it comes from, who may change it,
// how confidential it is and what its bits mean.
//
// It is data, in tables; the code beside the tables finds an entry (Lookup), says what a value means (Explain) and hides
// what may not be shown of it (Mask). A tag can mean different things to different kernels ('9F6E' is the Form Factor
// Indicator to Kernel 3 and Third Party Data to Kernel 2), so a look-up names the kernel that asks.
package dict

import "github.com/cardwright/emv/tlv"

// Scope says whose book an entry is from. A kernel sees its own entries first, then those of the common scope.
type Scope uint8

// The scopes. Common is EMV Books 1 to 4 and Contactless Books A and B.
const (
	Common  Scope = iota
	C2            // Mastercard
	C3            // Visa
	C4            // American Express
	C5            // JCB
	C6            // Discover, Diners Club
	C7            // UnionPay
	C8            // the EMVCo contactless kernel
	Interac       // Interac Flash

	Scopes = iota // how many scopes there are
)

var scopeNames = [Scopes]string{"EMV", "C-2", "C-3", "C-4", "C-5", "C-6", "C-7", "C-8", "Interac"}

// String returns the book's short name: "EMV", "C-2" … "C-8", "Interac".
func (s Scope) String() string {
	if int(s) < len(scopeNames) {
		return scopeNames[s]
	}
	return "unknown"
}

// Party is a set of those who give a data object or may write it.
type Party uint8

// The parties. Kernel is the software that runs the transaction, Terminal its configuration and the transaction that
// it is given, Issuer what arrives in the answer to an online request.
const (
	Card Party = 1 << iota
	Terminal
	Issuer
	Kernel
)

// Has reports whether all of q are in p.
func (p Party) Has(q Party) bool { return p&q == q }

// Sensitivity says how a value is treated wherever it could be read by people.
type Sensitivity uint8

// The classes, from free to never shown. Masking follows PCI DSS v4, 3.4 and 3.5.
const (
	Public     Sensitivity = iota
	PAN                    // a card number: first six and last four digits stay
	Track                  // track data or its equivalent: as PAN, all behind the separator hidden
	Cardholder             // a name or another text about the person: hidden
	Secret                 // PIN blocks, keys and what opens them: never shown, not even when unmasked
)

// Entry describes one data object as one scope sees it.
type Entry struct {
	Tag       tlv.Tag
	Min, Max  uint16 // length of the value in bytes, both included; a book that gives single lengths is narrowed by Lengths
	Scope     Scope
	Format    tlv.Format
	Source    Party // who gives it
	Update    Party // who may write it during a transaction: a card is not believed when it sends another party's object
	Sensitive Sensitivity
	Lengths   []uint16
	Templates []tlv.Tag // the templates it is found in; nil if none is named
	Bits      []Field   // what its bits mean; nil if it has none
	Name      string    // as the book prints it
	Ref       string    // where it is defined: "Book 3, Annex A"
}

// ValidLength reports whether a value of n bytes has a length that the book allows.
func (e *Entry) ValidLength(n int) bool {
	if n < int(e.Min) || n > int(e.Max) {
		return false
	}
	if e.Lengths == nil {
		return true
	}
	for _, l := range e.Lengths {
		if int(l) == n {
			return true
		}
	}
	return false
}

// Field names what one bit or a group of bits of one byte means. Mask holds the bits; where Value is not nil the field
// is coded, and the meaning is that of the value under the mask, shifted down. Byte counts from 1, as the books do.
type Field struct {
	Byte   uint8
	Mask   uint8
	Name   string
	Values []Value // for a coded field: what each value means; nil for a single bit
}

// Value is one meaning of a coded field.
type Value struct {
	Is   uint8 // the bits under the mask, shifted down to b1
	Name string
}
