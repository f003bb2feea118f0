package dict

import "github.com/cardwright/emv/tlv"

// ID is the position of a tag among all tags of the dictionary, 0 to Tags-1. A store of data objects can be an array
// over it. IDs are not stable between versions of this module: they are never written down.
type ID uint16

// none marks a tag that no scope knows.
const none ID = 0xFFFF

// Tags returns how many different tags the dictionary knows.
func Tags() int { return len(index.first) }

// IDOf returns the position of a tag, or false when no scope knows it. It does not allocate.
func IDOf(t tlv.Tag) (ID, bool) {
	id := index.find(t)
	return id, id != none
}

// TagOf returns the tag with that position.
func TagOf(id ID) tlv.Tag { return table[index.first[id]].Tag }

// Lookup returns what t means to scope, or nil when neither the scope nor the common books know it. The entry belongs
// to the dictionary and is not to be changed.
func Lookup(t tlv.Tag, scope Scope) *Entry {
	id := index.find(t)
	if id == none {
		return nil
	}
	return At(id, scope)
}

// At returns what the tag with that position means to scope, or nil.
func At(id ID, scope Scope) *Entry {
	return index.meaning[scope][id]
}

// Rule is what a store of data objects needs to know of a tag in nearly all cases, small enough to be looked up for every
// object of a card.
type Rule struct {
	Update   Party  // who may write it; nobody where the tag means nothing to the scope or is that of a template
	min, max uint16 // lengths that are allowed without looking further
}

// Admits reports whether a value of n bytes may be written by from. False means that there is more to it: see the Entry.
func (r Rule) Admits(from Party, n int) bool {
	return r.Update&from != 0 && n >= int(r.min) && n <= int(r.max)
}

// RulesOf returns the rules of a scope, by ID. They are the dictionary's own and are not to be changed.
func RulesOf(scope Scope) []Rule { return index.rules[scope] }

// All calls yield for every entry, in the order of tags and then of scopes.
func All(yield func(*Entry) bool) {
	for i := range table {
		if !yield(&table[i]) {
			return
		}
	}
}

// index finds the position of a tag in constant time for the forms that EMV uses: one byte, two bytes that begin with
// 5F, 7F, 9F, BF or DF, three bytes that begin with DF81 or FF81. The few others are searched for.
var index = *makeIndex()

type tagIndex struct {
	first   []uint16         // by ID: position in table of the tag's first entry
	meaning [Scopes][]*Entry // by scope and ID
	rules   [Scopes][]Rule   // by scope and ID

	one   [0x100]ID
	two   [8][0x80]ID // by the top three bits of the first byte, whose low five are all 1
	df81  [0x80]ID
	ff81  [0x80]ID
	other []otherTag
}

type otherTag struct {
	tag tlv.Tag
	id  ID
}

func (x *tagIndex) find(t tlv.Tag) ID {
	switch {
	case t <= 0xFF:
		return x.one[t]
	case t <= 0xFFFF:
		if t&0x1F80 == 0x1F00 {
			return x.two[t>>13][t&0x7F]
		}
	case t&^0x7F == 0xDF8100:
		return x.df81[t&0x7F]
	case t&^0x7F == 0xFF8100:
		return x.ff81[t&0x7F]
	}
	for _, o := range x.other {
		if o.tag == t {
			return o.id
		}
	}
	return none
}

func makeIndex() *tagIndex {
	x := new(tagIndex)
	fill := func(ids []ID) {
		for i := range ids {
			ids[i] = none
		}
	}
	fill(x.one[:])
	fill(x.df81[:])
	fill(x.ff81[:])
	for i := range x.two {
		fill(x.two[i][:])
	}
	for i := range table {
		t := table[i].Tag
		if i > 0 && table[i-1].Tag == t {
			continue
		}
		id := ID(len(x.first))
		x.first = append(x.first, uint16(i))
		switch {
		case t <= 0xFF:
			x.one[t] = id
		case t <= 0xFFFF && t&0x1F80 == 0x1F00:
			x.two[t>>13][t&0x7F] = id
		case t&^0x7F == 0xDF8100:
			x.df81[t&0x7F] = id
		case t&^0x7F == 0xFF8100:
			x.ff81[t&0x7F] = id
		default:
			x.other = append(x.other, otherTag{t, id})
		}
	}
	for s := range x.meaning {
		x.meaning[s], x.rules[s] = make([]*Entry, len(x.first)), make([]Rule, len(x.first))
	}
	// A tag's common entry stands before those of the other scopes, which replace it.
	for i := range table {
		e := &table[i]
		id := x.find(e.Tag)
		for s := range x.meaning {
			if e.Scope == Common || e.Scope == Scope(s) {
				x.meaning[s][id], x.rules[s][id] = e, ruleOf(e)
			}
		}
	}
	return x
}

// ruleOf makes an entry's rule. A template admits nothing, and single lengths admit none of themselves.
func ruleOf(e *Entry) Rule {
	switch {
	case e.Tag.Constructed():
		return Rule{}
	case e.Lengths != nil:
		return Rule{Update: e.Update, min: 1}
	}
	return Rule{Update: e.Update, min: e.Min, max: e.Max}
}
