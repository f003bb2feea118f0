package profile

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/cardwright/emv/kernel"
)

// scheme is a brand with the applications that it has anywhere. What it says of contact is the same in all countries.
type scheme struct {
	Brand
	kernel   string // "" where it has no contactless kernel
	products []Application
}

// readSchemes reads the brands that a file defines.
func readSchemes(o *object) []scheme {
	var list []scheme
	for i, e := range o.objects("define") {
		s := readScheme(e)
		if slices.ContainsFunc(list, func(other scheme) bool { return other.Key == s.Key }) {
			o.Fault(fmt.Sprintf("define[%d].brand", i), CodeDuplicate, "defined twice")
		}
		list = append(list, s)
	}
	return list
}

func readScheme(o *object) scheme {
	s := scheme{Brand: Brand{
		Key: o.text("brand"), Name: o.text("name"), Marks: o.texts("marks"), Domestic: o.Flag("domestic"), iins: o.texts("iins"),
	}}
	o.sourced()
	o.text("about")
	o.Need("brand", "name", "applications")
	if !o.Has("marks") {
		s.Marks = []string{s.Name}
	}
	for i, iin := range s.iins {
		if !isIIN(iin) {
			o.Fault(fmt.Sprintf("iins[%d]", i), CodeValue, "must be digits, or two numbers of the same length with - between")
		}
	}
	if s.kernel = o.text("kernel"); s.kernel != "" && !slices.Contains(names, s.kernel) {
		o.Fault("kernel", CodeReference, "there is no such kernel")
	}
	var contact *Contact
	if c := o.object("contact"); c != nil {
		contact = readContact(c)
	}
	for _, e := range o.objects("applications") {
		s.products = append(s.products, s.readProduct(e, contact))
	}
	o.Done()
	return s
}

// readProduct reads an application of a scheme.
func (s *scheme) readProduct(o *object, contact *Contact) Application {
	a := Application{
		Brand: s.Key, Name: o.text("name"), Label: o.text("label"), Partial: o.Flag("partial"), Contact: contact,
	}
	o.Need("aid", "name", "label", "partial")
	o.text("about")
	if a.AID = o.bytes("aid", 5, 16); a.AID != nil {
		if rid := a.AID[:5]; !slices.ContainsFunc(s.RIDs, func(r []byte) bool { return bytes.Equal(r, rid) }) {
			s.RIDs = append(s.RIDs, rid)
		}
	}
	if slices.ContainsFunc(s.products, func(b Application) bool { return bytes.Equal(a.AID, b.AID) }) {
		o.Fault("aid", CodeDuplicate, "given twice")
	}
	if c := o.object("contact"); c != nil { // replaces that of the brand
		a.Contact = readContact(c)
	}
	o.Done()
	return a
}

func isIIN(s string) bool {
	low, high, two := bytes.Cut([]byte(s), []byte("-"))
	if len(low) == 0 || len(low) > 8 || !isLetters(string(low), '0', '9') {
		return false
	}
	return !two || len(high) == len(low) && isLetters(string(high), '0', '9') && string(high) >= string(low)
}

// readBrands reads what a country accepts: groups of applications of one brand with what they have in common.
func (p *Profile) readBrands(o *object, schemes []scheme) {
	for i := range schemes {
		if _, twice := find(p.known, schemes[i].Key); twice {
			o.Fault("define", CodeDuplicate, "%s is defined for all countries", schemes[i].Key)
		}
		p.known = append(p.known, schemes[i].Brand)
	}
	if !o.Need("brands") {
		return
	}
	for _, e := range o.objects("brands") {
		p.readGroup(e, schemes)
	}
	if len(p.Applications) == 0 {
		o.Fault("brands", CodeMissing, "there must be at least one application")
	}
}

func (p *Profile) readGroup(o *object, schemes []scheme) {
	key := o.text("brand")
	o.Need("brand", "applications")
	o.text("about")
	aids := o.aids("applications")
	onContact := !o.Has("contact") || o.Flag("contact")
	var tap *Contactless
	i := slices.IndexFunc(schemes, func(s scheme) bool { return s.Key == key })
	if i < 0 {
		o.Fault("brand", CodeReference, "there is no such brand")
	}
	if c := o.object("contactless"); c != nil && i >= 0 {
		if tap = readContactless(c, schemes[i].kernel); tap.Kernel == "" {
			o.Fault("contactless", CodeReference, "the brand has no contactless kernel")
		}
	}
	o.Done()
	if i < 0 {
		return
	}
	for j, aid := range aids {
		p.addApplication(o, fmt.Sprintf("applications[%d]", j), &schemes[i], aid, onContact, tap)
	}
	if _, ok := p.Accepts(key); !ok {
		p.accepted = append(p.accepted, schemes[i].Brand)
	}
}

func (p *Profile) addApplication(o *object, at string, s *scheme, aid kernel.AID, onContact bool, tap *Contactless) {
	k := slices.IndexFunc(s.products, func(a Application) bool { return bytes.Equal(a.AID, aid) })
	switch {
	case k < 0:
		o.Fault(at, CodeReference, "the brand has no such application")
		return
	case slices.ContainsFunc(p.Applications, func(a Application) bool { return bytes.Equal(a.AID, aid) }):
		o.Fault(at, CodeDuplicate, "accepted twice")
		return
	}
	a := s.products[k]
	a.Contactless = tap
	if !onContact {
		a.Contact = nil
	}
	if a.Contact == nil && a.Contactless == nil {
		o.Fault(at, CodeMissing, "is accepted on no interface")
		return
	}
	p.Applications = append(p.Applications, a)
}
