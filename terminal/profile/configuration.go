package profile

import (
	"encoding/binary"
	"slices"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/tlv"
)

const (
	tagFloorLimit tlv.Tag = 0x9F1B // Terminal Floor Limit
	tagVersion    tlv.Tag = 0x9F09 // Application Version Number (Terminal)
)

// Contactless returns the configuration of a reader with the kernels that are given: combinations of other kernels are
// left out. What is the merchant's (9F15, 9F16, 9F1C, 9F1E, 9F4E, 9F01) is for the caller to append to its Terminal.
func (p *Profile) Contactless(given ...contactless.Kernel) contactless.Config {
	config := contactless.Config{Terminal: slices.Concat(p.terminal, p.onTap)}
	for i := range p.Routings {
		if r := &p.Routings[i]; r.on(Tap) {
			config.Preferences = append(config.Preferences, contactless.Preference{Prefer: r.Prefer, Over: r.Over, Above: r.Above})
		}
	}
	b := &build{shared: map[string]any{}}
	for i := range p.Applications {
		a := &p.Applications[i]
		if a.Contactless == nil {
			continue
		}
		s := serving(a.Contactless.Kernel)
		if s == nil || !slices.ContainsFunc(given, func(k contactless.Kernel) bool { return k.ID() == s.kernel.ID() }) {
			continue
		}
		config.Combinations = append(config.Combinations, a.combination(s, b))
	}
	return config
}

// combination is an application as the entry point and a kernel want it.
func (a *Application) combination(s *served, b *build) contactless.Combination {
	l := a.Contactless
	c := contactless.Combination{
		AID: a.AID, Kernel: s.kernel.ID(), ExtendedSelection: l.ExtendedSelection, Data: slices.Clone(l.Data),
		Limits: contactless.Limits{StatusCheck: l.StatusCheck, ZeroAmount: l.ZeroAmount},
	}
	if l.TTQ != nil {
		c.TTQ = new(*l.TTQ)
	}
	l.Limits.entryPoint(&c.Limits)
	l.configure(b, &c, &l.Limits)
	return c
}

// Contact returns the configuration of a chip reader. What is the merchant's is for the caller to append to its Terminal.
func (p *Profile) Contact() contact.Config {
	config := contact.Config{
		Terminal: slices.Concat(p.terminal, p.onContact), CDAMode: contact.CDAMode(p.cdaMode),
	}
	for i := range p.Applications {
		a := &p.Applications[i]
		if a.Contact == nil {
			continue
		}
		floor := binary.BigEndian.AppendUint32(nil, uint32(min(a.Contact.Floor, 0xFFFFFFFF)))
		config.Applications = append(config.Applications, contact.Application{
			AID: a.AID, Partial: a.Partial, Codes: a.Contact.Codes, Selection: a.Contact.Selection,
			DDOL: a.Contact.DDOL, TDOL: a.Contact.TDOL,
			Data: tlv.Append(slices.Clone(a.Contact.Data), tagFloorLimit, floor),
		})
	}
	return config
}

// Swipe returns the data objects of a terminal that reads a stripe.
func (p *Profile) Swipe() []byte { return slices.Concat(p.terminal, p.onMagswipe) }
