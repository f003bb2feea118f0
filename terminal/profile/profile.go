package profile

import (
	"slices"
	"strings"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/magstripe"
)

// Profile is how terminals of one country are set up. It is not changed after Load; copies share their parts.
type Profile struct {
	About     string
	Country   Country
	Currency  Currency
	Languages []string // of the cardholder's screens, two letters each, the terminal's own first (5F2D)

	CVM      CVM
	Tips     Tips
	Routings []Routing
	Forward  *Forward // nil where nothing is stored to be forwarded

	// Applications are the AIDs that are accepted, in the order in which they are tried.
	Applications []Application

	accepted []Brand
	known    []Brand
	fallback magstripe.Profile

	terminal                     []byte // data objects of all interfaces
	onContact, onTap, onMagswipe []byte // and of one
	cdaMode                      uint8
}

// Country is one of ISO 3166.
type Country struct {
	Alpha2, Alpha3 string
	Numeric        uint16
	Name           string
}

// Currency is one of ISO 4217.
type Currency struct {
	Alpha        string
	Numeric      uint16
	Exponent     uint8
	CashRounding uint64 // the smallest coin in minor units, for cash only: card amounts are exact
}

// CVM are the rules of cardholder verification that no tag of EMV holds.
type CVM struct {
	OnlinePIN  bool   // the PIN pad sends PINs to issuers
	OfflinePIN bool   // the PIN pad has cards check PINs
	Bypass     bool   // the cardholder may leave the PIN out (Book 4, 6.3.4.3)
	Signature  string // "required" where a card asks for it, or "optional": the merchant decides
	Swipe      string // for a swipe without PIN: "signature" or "no-cvm"
}

// Tips are what is offered before the card is asked for.
type Tips struct {
	Ask     bool     // the screen is shown
	Percent []uint64 // of the amount
	Custom  bool     // the customer may enter an amount
	Adjust  bool     // the merchant may add a tip after an authorisation without PIN
}

// Brand is a scheme as customers know it.
type Brand struct {
	Key      string   // "visa", as in the files
	Name     string   // "Visa"
	Marks    []string // what is shown on a standby screen: "Discover", "Diners Club"
	Domestic bool     // debit of one country: its chip cards are never swiped
	RIDs     [][]byte // the first five bytes of its AIDs

	iins []string // how its card numbers begin
}

// Application is an AID with how each interface treats it.
type Application struct {
	AID     kernel.AID
	Brand   string // Brand.Key
	Name    string // of the product
	Label   string // to show where the card names none (Book 4, 11.3)
	Partial bool   // names that begin with the AID are accepted on contact, too (Book 1, 12.3.1)

	Contact     *Contact     // nil where it is not accepted by contacts
	Contactless *Contactless // nil where it is not accepted by tap
}

// Contact is an application's configuration for contact.
type Contact struct {
	Codes     action.Codes   // Terminal Action Codes
	Selection risk.Selection // of transactions to go online at random
	Floor     uint64         // Terminal Floor Limit (9F1B) in minor units
	DDOL      []byte
	TDOL      []byte
	Data      []byte // further data objects; 9F09 and 9F1B are among them
}

// Contactless is an application's configuration for taps.
type Contactless struct {
	Kernel            string // a name of the files: "visa"
	TTQ               *contactless.TTQ
	Limits            Limits
	StatusCheck       bool
	ZeroAmount        *bool // nil leaves it open
	ExtendedSelection bool
	Data              []byte // data objects; they replace those of the terminal

	configure configure
}

// Limits are amounts in minor units as a market states them: the highest that is still on the near side. nil is no limit.
type Limits struct {
	CVM         *uint64 // the highest amount without cardholder verification
	Transaction *uint64 // the highest amount of a card's tap
	OnDevice    *uint64 // the highest amount of a tap that the device verified
	Floor       *uint64 // the highest amount that may be approved offline; nil is 0
}

// entryPoint puts the limits into those of pre-processing, which refuses or requires from its figure on, and not above it
// (Book B, 3.1.1.5 and 3.1.1.8). Which limit on the amount counts is known only when the device has spoken, so the entry
// point has the higher of the two.
func (l *Limits) entryPoint(to *contactless.Limits) {
	if l.CVM != nil {
		to.CVM = new(*l.CVM + 1)
	}
	if l.Transaction != nil && l.OnDevice != nil {
		to.Transaction = new(max(*l.Transaction, *l.OnDevice) + 1)
	}
	to.Floor = new(uint64(0)) // Book B, 3.1.1.6: above it, so the figure is the same
	if l.Floor != nil {
		*to.Floor = *l.Floor
	}
}

// Fallback returns the rules for a chip card that is swiped.
func (p *Profile) Fallback() magstripe.Profile { return p.fallback }

// Brands returns the brands that are accepted, in the order of the file.
func (p *Profile) Brands() []Brand { return slices.Clone(p.accepted) }

// Marks returns what a standby screen shows of the brands that are accepted.
func (p *Profile) Marks() []string {
	var marks []string
	for _, b := range p.accepted {
		for _, m := range b.Marks {
			if !slices.Contains(marks, m) {
				marks = append(marks, m)
			}
		}
	}
	return marks
}

// Accepts returns the accepted brand with a key.
func (p *Profile) Accepts(key string) (Brand, bool) { return find(p.accepted, key) }

func find(list []Brand, key string) (Brand, bool) {
	i := slices.IndexFunc(list, func(b Brand) bool { return b.Key == key })
	if i < 0 {
		return Brand{}, false
	}
	return list[i], true
}

// BrandOf returns the brand of a card's application, accepted or not, by the RID of its name.
func (p *Profile) BrandOf(name kernel.AID) (Brand, bool) {
	if len(name) < 5 {
		return Brand{}, false
	}
	i := slices.IndexFunc(p.known, func(b Brand) bool {
		return slices.ContainsFunc(b.RIDs, func(rid []byte) bool { return string(rid) == string(name[:5]) })
	})
	if i < 0 {
		return Brand{}, false
	}
	return p.known[i], true
}

// BrandOfNumber returns the brand of a card number, accepted or not, by the longest beginning that fits.
func (p *Profile) BrandOfNumber(pan magstripe.PAN) (Brand, bool) {
	digits, best, length := pan.Unmasked(), -1, 0
	for i := range p.known {
		for _, iin := range p.known[i].iins {
			if n := matched(iin, digits); n > length {
				best, length = i, n
			}
		}
	}
	if best < 0 {
		return Brand{}, false
	}
	return p.known[best], true
}

// matched returns how many digits of a number an entry such as "4" or "2221-2720" covers, 0 where it is of others.
func matched(iin, digits string) int {
	low, high, _ := strings.Cut(iin, "-")
	if high == "" {
		high = low
	}
	if n := len(low); len(digits) >= n && digits[:n] >= low && digits[:n] <= high {
		return n
	}
	return 0
}

// The codes of a card that is not taken.
const (
	CodeUnnamed   = "profile.brand_unknown"          // a brand that no profile knows
	CodeBrand     = "profile.brand_not_accepted"     // the brand is not accepted in the country
	CodeProduct   = "profile.aid_not_accepted"       // the brand is, this application of it is not
	CodeInterface = "profile.interface_not_accepted" // the application is, on another interface
	CodeKernel    = "profile.no_kernel"              // this build has no kernel for it
)

// WhyNot says why an application of a card, by its name, is not accepted on an interface, contact or contactless: an error
// with one of the codes above, or nil where it is.
func (p *Profile) WhyNot(on Interface, name kernel.AID) error {
	b, ok := p.BrandOf(name)
	if !ok {
		return &kernel.Error{Code: CodeUnnamed, Text: "the brand of application " + name.String() + " is not known"}
	}
	if err := p.WhyNotBrand(b); err != nil {
		return err
	}
	err := &kernel.Error{Code: CodeProduct, Text: "the " + b.Name + " application " + name.String() + p.notHere()}
	for i := range p.Applications {
		a := &p.Applications[i]
		if !strings.HasPrefix(string(name), string(a.AID)) {
			continue
		}
		switch {
		case on == Insert && a.Contact != nil:
			return nil
		case on == Tap && a.Contactless != nil && serving(a.Contactless.Kernel) != nil:
			return nil
		case on == Tap && a.Contactless != nil:
			err = &kernel.Error{
				Code: CodeKernel, Text: "this build has no " + a.Contactless.Kernel + " kernel, which " + b.Name + " needs for a tap",
			}
		default:
			err = &kernel.Error{Code: CodeInterface, Text: b.Name + " is accepted by another interface than " + string(on)}
		}
	}
	return err
}

// WhyNotBrand says why a brand is not accepted, and nil where it is.
func (p *Profile) WhyNotBrand(b Brand) error {
	if _, ok := p.Accepts(b.Key); ok {
		return nil
	}
	return &kernel.Error{Code: CodeBrand, Text: b.Name + p.notHere()}
}

func (p *Profile) notHere() string { return " is not accepted here (" + p.Country.Name + ")" }
