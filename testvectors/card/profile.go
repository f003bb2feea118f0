package card

import (
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/cardwright/emv/tlv"
)

// Profile is a kind of card that New makes.
type Profile struct {
	Name  string // for Config.Profile
	About string // one line
}

// Contact reports whether the card has contacts and no antenna: it answers Power, and has no PPSE.
func (p Profile) Contact() bool {
	found, err := findProfile(p.Name)
	_, ok := found.scheme.(*contactCard)
	return err == nil && ok
}

// Profiles lists the kinds of card, in the order of their schemes.
func Profiles() []Profile {
	var list []Profile
	for _, p := range profiles() {
		list = append(list, p.Profile)
	}
	return list
}

// profile is how a card is personalised.
type profile struct {
	Profile
	scheme    scheme  // how it behaves
	entries   []entry // its directory: the names it can be selected by
	data      []text  // its data objects
	authority byte    // which of the certification authorities certified its issuer
	icc       string  // its RSA key, "" where it has none
}

// entry is an entry of the directory (Book B, 3.3.2).
type entry struct {
	aid, label string // hexadecimal, text
	priority   byte
	kernel     string // Kernel Identifier in hexadecimal, "" for none
	data       []text // its own data objects, in the place of the profile's; contact cards only
}

// text is a data object as the profiles are written.
type text struct {
	tag tlv.Tag
	hex string
}

// scheme is what the cards of one payment scheme do their own way; its value holds the options of the profile.
type scheme interface {
	// initiate answers GET PROCESSING OPTIONS, for which the terminal's data are in c.tx.terminal.
	initiate(c *Card) (response, error)
	// command answers what the cards of all schemes don't know; false means that this one does not either.
	command(c *Card, cmd *command) (response, bool, error)
	// layout says where data objects are sent.
	layout() layout
}

// layout is where the data objects of an application stand. An object of Config.Set that it does not name joins the
// first signed record, or the answer to GET PROCESSING OPTIONS where there is none.
type layout struct {
	fci           []tlv.Tag // in the FCI Proprietary Template
	discretionary []tlv.Tag // in its FCI Issuer Discretionary Data
	options       []tlv.Tag // in the answer to GET PROCESSING OPTIONS
	records       []recordPlan
	internal      []tlv.Tag // never sent
}

// recordPlan is one record of a file. Signed records are Static Data to be Authenticated.
type recordPlan struct {
	sfi, number byte
	signed      bool
	tags        []tlv.Tag
}

// names reports whether the layout says where t goes.
func (l *layout) names(t tlv.Tag) bool {
	lists := [][]tlv.Tag{l.fci, l.discretionary, l.options, l.internal, {tagADFName, tagDFName}}
	for i := range l.records {
		lists = append(lists, l.records[i].tags)
	}
	for _, list := range lists {
		for _, tag := range list {
			if tag == t {
				return true
			}
		}
	}
	return false
}

// profiles lists the profiles of all schemes.
func profiles() []profile {
	return slices.Concat(
		visaProfiles(),
		visaWallets(),
		mastercardProfiles(),
		amexProfiles(),
		jcbProfiles(),
		discoverProfiles(),
		unionpayProfiles(),
		interacProfiles(),
		contactProfiles(),
	)
}

func findProfile(name string) (profile, error) {
	for _, p := range profiles() {
		if p.Name == name {
			return p, nil
		}
	}
	return profile{}, &Error{CodeProfile, fmt.Sprintf("no profile %q", name)}
}

// objects returns the profile's data objects.
func (p *profile) objects() (store, error) {
	var s store
	for _, o := range p.data {
		b, err := hex.DecodeString(o.hex)
		if err != nil {
			return nil, &Error{CodeData, p.Name + ": " + o.tag.String() + " is not hexadecimal"}
		}
		s.set(o.tag, b)
	}
	return s, nil
}
