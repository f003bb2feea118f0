package profile

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// Forward are the caps of payments that a card approves while the host is away, and that are forwarded to it later. They
// allow nothing by themselves: a terminal is told to (PRODUCT 3.3: off by default).
type Forward struct {
	Max   uint64        // of one payment, in minor units
	Sum   uint64        // of all that wait
	Count int           // of those that wait
	Age   time.Duration // of the oldest that waits

	Entries []Interface // Insert and Tap, or one of them
	PIN     bool        // the card must have verified a PIN
	Never   []string    // brands that go online always, by their keys; interac is one of them
}

// The bounds of the caps.
const (
	maxForward = 999_999_999_999 // minor units: 9F02 has twelve digits
	maxWaiting = 1000
	maxAge     = 72 // hours
)

// alwaysOnline is the brand that has no approval without its host, whatever a file says.
const alwaysOnline = "interac"

// readForward reads the caps; a country without them has no such payments.
func (p *Profile) readForward(o *object) {
	if !o.Has("forward") {
		return
	}
	e := o.section("forward")
	if e == nil {
		return
	}
	f := &Forward{PIN: e.Flag("pin"), Never: e.texts("never")}
	for _, n := range []struct {
		key  string
		most uint64
		to   func(uint64)
	}{
		{"max", maxForward, func(v uint64) { f.Max = v }},
		{"sum", maxForward, func(v uint64) { f.Sum = v }},
		{"count", maxWaiting, func(v uint64) { f.Count = int(v) }},
		{"hours", maxAge, func(v uint64) { f.Age = time.Duration(v) * time.Hour }},
	} {
		if !e.Need(n.key) {
			continue
		}
		v := e.optional(n.key, n.most)
		if v != nil && *v == 0 {
			e.Fault(n.key, CodeValue, "must not be 0: without the section nothing is stored")
		}
		if v != nil {
			n.to(*v)
		}
	}
	if f.Sum < f.Max {
		e.Fault("sum", CodeValue, "is less than one payment")
	}
	for i, s := range e.texts("entries") {
		at := fmt.Sprintf("entries[%d]", i)
		switch on := Interface(s); {
		case on != Insert && on != Tap:
			e.Fault(at, CodeValue, "must be contact or contactless: a stripe has no cryptogram")
		case slices.Contains(f.Entries, on):
			e.Fault(at, CodeDuplicate, "given twice")
		default:
			f.Entries = append(f.Entries, on)
		}
	}
	if e.Need("entries") && len(f.Entries) == 0 {
		e.Fault("entries", CodeMissing, "there must be at least one")
	}
	for i, key := range f.Never {
		if _, ok := find(p.known, key); !ok {
			e.Fault(fmt.Sprintf("never[%d]", i), CodeReference, "there is no such brand")
		}
	}
	if !slices.Contains(f.Never, alwaysOnline) {
		f.Never = append(f.Never, alwaysOnline)
	}
	e.text("about")
	e.Done()
	p.Forward = f
}

// ContactlessAway and ContactAway are the configurations for a card that may approve a payment while the host is away: with
// the floor limits of Forward for the brands and entries that it has, and 0 for the others, which go online or nowhere.
// Without Forward they are Contactless and Contact.
func (p *Profile) ContactlessAway(given ...contactless.Kernel) contactless.Config {
	config := p.Contactless(given...)
	if p.Forward == nil {
		return config
	}
	for i := range config.Combinations {
		one := contactless.Config{Combinations: config.Combinations[i : i+1]}
		SetFloor(&one, p.Forward.floor(p, Tap, one.Combinations[0].AID))
	}
	return config
}

// ContactAway is described at ContactlessAway. A contact kernel takes its floor limit itself as too much (Book 3, 10.6.1).
func (p *Profile) ContactAway() contact.Config {
	config := p.Contact()
	if p.Forward == nil {
		return config
	}
	for i := range config.Applications {
		a := &config.Applications[i]
		var floor uint64
		if f := p.Forward.floor(p, Insert, a.AID); f > 0 {
			floor = f + 1
		}
		var data []byte
		for c := tlv.Read(a.Data); c.Next(); {
			v := c.Value()
			if c.Tag() == tagFloorLimit {
				v = binary.BigEndian.AppendUint32(nil, uint32(min(floor, 0xFFFFFFFF)))
			}
			data = tlv.Append(data, c.Tag(), v)
		}
		a.Data = data
	}
	return config
}

// ContactUnsure is ContactAway for while nobody knows that the host is away: every payment is selected to go online (Book 3,
// 10.6.2), and where the host is then not reached the default action codes decide. A transaction that is forced online, or
// above the floor limit, would be declined by most of them.
func (p *Profile) ContactUnsure() contact.Config {
	config := p.ContactAway()
	for i := range config.Applications {
		a := &config.Applications[i]
		a.Selection = risk.Selection{Target: 99, MaxTarget: 99}
		if len(a.Codes.Online) == 5 && !tvr.SelectedRandomly.In(a.Codes.Online) {
			a.Codes.Online = slices.Clone(a.Codes.Online)
			a.Codes.Online[3] |= 0x10 // Book 3, Annex C5
		}
	}
	return config
}

// floor is the highest amount that a card of an application may approve.
func (f *Forward) floor(p *Profile, on Interface, aid kernel.AID) uint64 {
	if !slices.Contains(f.Entries, on) {
		return 0
	}
	i := slices.IndexFunc(p.Applications, func(a Application) bool { return slices.Equal(a.AID, aid) })
	if i < 0 || slices.Contains(f.Never, p.Applications[i].Brand) {
		return 0
	}
	return f.Max
}
