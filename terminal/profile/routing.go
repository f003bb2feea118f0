package profile

import (
	"bytes"
	"slices"

	"github.com/cardwright/emv/kernel"
)

// Routing is a preference between two applications of one card that lead to the same account: the domestic network's and
// the international one's. Cardholders are not asked about the two.
type Routing struct {
	Prefer     []kernel.AID // the applications to use
	Over       []kernel.AID // those that are left out where the card has one of Prefer
	Above      uint64       // the rule holds for amounts above this one, in minor units
	Interfaces []Interface  // on which it holds; none means all
	Active     bool         // otherwise it is there for a merchant or an acquirer to switch on
}

// Interface is how a card is read.
type Interface string

// The interfaces.
const (
	Tap    Interface = "contactless"
	Insert Interface = "contact"
	Stripe Interface = "swipe"
)

// Keep tells which applications of a card stay in its candidate list, given by their names: all but those that a rule
// leaves out. Rules apply one after the other, and what is preferred stays, so that one name is left at least.
func (p *Profile) Keep(on Interface, amount uint64, names []kernel.AID) []bool {
	keep := make([]bool, len(names))
	for i := range keep {
		keep[i] = true
	}
	for i := range p.Routings {
		r := &p.Routings[i]
		if !r.on(on) || r.Above > 0 && amount <= r.Above {
			continue
		}
		there := false
		for j, name := range names {
			there = there || keep[j] && begins(name, r.Prefer)
		}
		for j, name := range names {
			if there && begins(name, r.Over) && !begins(name, r.Prefer) {
				keep[j] = false
			}
		}
	}
	return keep
}

// on reports whether the rule is in force on an interface.
func (r *Routing) on(i Interface) bool {
	return r.Active && (len(r.Interfaces) == 0 || slices.Contains(r.Interfaces, i))
}

func begins(name kernel.AID, with []kernel.AID) bool {
	return slices.ContainsFunc(with, func(a kernel.AID) bool { return bytes.HasPrefix(name, a) })
}
