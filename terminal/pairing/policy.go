package pairing

import (
	"crypto/x509"
	"net/netip"
	"slices"
	"time"

	"github.com/cardwright/emv/terminal/wire"
)

// DefaultMinApp is the least version of a till. S9.
var DefaultMinApp = wire.Version{Major: 8, Minor: 16}

// Policy says which tills a terminal takes. It holds when they pair and again whenever they connect.
type Policy struct {
	Protocol  wire.Range
	MinApp    wire.Version
	Platforms []string // nil takes every platform. S10

	Merchant string
	Location string
	Country  string // of the location, ISO 3166-1

	// StoreCountry is the country of the store. Both come with the configuration; one that contradicts itself pairs with
	// nobody. S7
	StoreCountry string

	// Roots are the merchant's; nil is stand-alone.
	Roots *x509.CertPool

	// SameNetwork says whether a till at remote, which has these networks, is on a network of this terminal's; nil takes
	// every till. Neighbours is the usual one. S12
	SameNetwork func(remote netip.Addr, networks []string) bool
}

// Claim is what a till says of itself, together with what TLS says.
type Claim struct {
	Protocol   wire.Range
	AppVersion wire.Version
	Platform   string
	PosID      string
	Merchant   string
	Location   string
	Country    string
	Networks   []string

	Cert    *x509.Certificate   // the till's, from TLS
	Between []*x509.Certificate // between it and the root
	Remote  netip.Addr

	// Adopts is set when a till pairs: a stand-alone till without a location takes over the terminal's.
	Adopts bool
}

// Check holds a claim against the policy in the order of PRODUCT 3.1, step 3: versions, platform, chain, merchant,
// location, country, network. The first that fails is the refusal; otherwise it returns the version to be spoken.
func (p *Policy) Check(c *Claim, now time.Time) (wire.Protocol, error) {
	v, ok := p.Protocol.Common(c.Protocol)
	if !ok {
		return v, wire.Refuse(wire.CodeProtocol, "terminal speaks %v to %v, till %v to %v",
			p.Protocol.Min, p.Protocol.Max, c.Protocol.Min, c.Protocol.Max)
	}
	if c.AppVersion.Compare(p.MinApp) < 0 {
		return v, &wire.Error{Code: wire.CodeAppTooOld, Detail: "till is " + c.AppVersion.String(), Least: p.MinApp.String()}
	}
	if p.Platforms != nil && !slices.Contains(p.Platforms, c.Platform) {
		return v, wire.Refuse(wire.CodePlatform, "platform %s", c.Platform)
	}
	merchant, location := c.Merchant, c.Location
	if p.Roots != nil {
		id, err := Verify(c.Cert, c.Between, p.Roots, now)
		if err != nil {
			return v, err
		}
		if id.Kind != Till || id.ID != c.PosID {
			return v, wire.Refuse(wire.CodeChain, "the certificate is of another device")
		}
		// Certificate and message must agree, with the terminal and with each other. S11
		if id.Merchant != p.Merchant {
			merchant = id.Merchant
		}
		if id.Location != p.Location {
			location = id.Location
		}
	} else if c.Adopts && merchant == "" && location == "" {
		merchant, location = p.Merchant, p.Location
	}
	switch {
	case merchant != p.Merchant:
		return v, wire.Refuse(wire.CodeMerchant, "the till is of another merchant")
	case location != p.Location:
		return v, wire.Refuse(wire.CodeLocation, "the till is of another location")
	case p.Country != p.StoreCountry:
		return v, wire.Refuse(wire.CodeCountry, "location %s, store %s", p.Country, p.StoreCountry)
	case c.Country != "" && c.Country != p.Country:
		return v, wire.Refuse(wire.CodeCountry, "location %s, till %s", p.Country, c.Country)
	case p.SameNetwork != nil && !p.SameNetwork(c.Remote, c.Networks):
		return v, wire.Refuse(wire.CodeNetwork, "the till comes from %v", c.Remote)
	}
	return v, nil
}

// Neighbours returns the usual SameNetwork: the till's address is in a network of the terminal's, so no router is between,
// and of the networks that the till says it has, if it says any, one overlaps with that. own is asked each time.
func Neighbours(own func() []netip.Prefix) func(netip.Addr, []string) bool {
	return func(remote netip.Addr, networks []string) bool {
		remote = remote.Unmap().WithZone("")
		if remote.IsLoopback() {
			return true // a till on the device itself
		}
		if remote.Is6() && remote.IsLinkLocalUnicast() {
			return true // no router passes that on. RFC 4291, 2.5.6
		}
		for _, p := range own() {
			if !p.Contains(remote) {
				continue
			}
			if len(networks) == 0 {
				return true
			}
			for _, n := range networks {
				if t, err := netip.ParsePrefix(n); err == nil && t.Overlaps(p) {
					return true
				}
			}
		}
		return false
	}
}
