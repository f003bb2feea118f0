package terminal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// standalone is the merchant of a terminal that has none. PRODUCT 3.0
const standalone = "standalone"

// check says everything that is wrong with a configuration.
func (c *Config) check() error {
	var faults []error
	need := func(field string, is bool) {
		if !is {
			faults = append(faults, missing(field))
		}
	}
	need("State", c.State != "")
	need("Keys", c.Keys != nil)
	need("Env.Clock", c.Env.Clock != nil)
	need("Env.Rand", c.Env.Rand != nil)
	need("Host", c.Host != nil)
	need("Store", c.Store != nil)
	if c.Profile == nil {
		faults = append(faults, &Error{Code: CodeCountries, Field: "Profile", Text: "no profile of the country"})
	}
	var kinds driver.Kind
	for i, r := range c.Readers {
		if r == nil {
			faults = append(faults, missing("Readers["+strconv.Itoa(i)+"]"))
			continue
		}
		kinds |= r.Kinds()
	}
	if kinds == 0 { // S3
		faults = append(faults, &Error{Code: CodeNoReaders, Field: "Readers", Text: "no slot, no field and no magnetic head"})
	}
	if (c.Merchant == "") != (c.Location == "") {
		faults = append(faults, wrong("Location", "merchant and location come together"))
	}
	for _, l := range []struct{ field, text string }{{"Merchant", c.Merchant}, {"Location", c.Location}} {
		if l.text != "" && !isLabel(l.text) {
			faults = append(faults, wrong(l.field, "%q is not 1 to 63 of a-z, 0-9 and '-'", l.text))
		}
	}
	for _, l := range []struct{ field, text string }{{"Country", c.Country}, {"StoreCountry", c.StoreCountry}} {
		if l.text != "" && (len(l.text) != 2 || strings.Trim(l.text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
			faults = append(faults, wrong(l.field, "%q is not two capital letters", l.text))
		}
	}
	if len(c.Name) > wire.MaxID {
		faults = append(faults, wrong("Name", "more than %d bytes", wire.MaxID))
	}
	if c.Roots != nil && c.Certificate == nil {
		faults = append(faults, missing("Certificate"))
	}
	for _, p := range []struct{ field, address string }{
		{"Ports.Session", c.Ports.Session}, {"Ports.Plain", c.Ports.Plain}, {"Ports.Pairing", c.Ports.Pairing}, {"Ports.Presence", c.Ports.Presence},
	} {
		if p.address == "" {
			continue
		}
		if _, port, err := net.SplitHostPort(p.address); err != nil || !isPort(port) {
			faults = append(faults, wrong(p.field, "%q is not HOST:PORT", p.address))
		}
	}
	for language := range c.PostPayment {
		if len(language) > 8 {
			faults = append(faults, wrong("PostPayment", "%q is no language", language))
		}
	}
	t := &c.Times
	for _, d := range []time.Duration{t.Result, t.Paired, t.Echo, t.Retry, t.Watch, t.HostReply, t.Deadline, t.Unclaimed, t.SecondTap, t.Removal} {
		if d < 0 {
			faults = append(faults, wrong("Times", "%v is less than 0", d))
		}
	}
	return errors.Join(faults...)
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && strconv.FormatUint(n, 10) == s
}

// isLabel holds names to what an identity can have: one label of a host name.
func isLabel(s string) bool {
	return s != "" && len(s) <= 63 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && s[0] != '-' && s[len(s)-1] != '-'
}

// fill puts in what was left out.
func (c *Config) fill() {
	text := func(s *string, or string) {
		if *s == "" {
			*s = or
		}
	}
	text(&c.Name, "Terminal")
	text(&c.Country, c.Profile.Country.Alpha2)
	text(&c.StoreCountry, c.Profile.Country.Alpha2)
	text(&c.Label, "device")
	text(&c.Ports.Session, fmt.Sprintf(":%d", wire.PortSession))
	text(&c.Ports.Plain, fmt.Sprintf(":%d", wire.PortHello))
	text(&c.Ports.Pairing, fmt.Sprintf(":%d", wire.PortPairing))
	text(&c.Ports.Presence, fmt.Sprintf(":%d", wire.PortPresence))
	if c.Ports.Listen == nil {
		c.Ports.Listen = (&net.ListenConfig{}).Listen
	}
	if c.Ports.ListenPacket == nil {
		c.Ports.ListenPacket = (&net.ListenConfig{}).ListenPacket
	}
	if c.MinApp == (wire.Version{}) {
		c.MinApp = pairing.DefaultMinApp
	}
	if c.Dock == nil {
		c.Dock = always{}
	}
	if c.Interfaces == nil {
		at := c.Ports.Session
		c.Interfaces = func() []Interface { return machine(at) }
	}
	if c.SameNetwork == nil {
		c.SameNetwork = sameNetwork(c.Interfaces)
	}
	if c.Clock == nil {
		c.Clock = systemClock{}
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	look := &c.Appearance
	if look.Language == "" && len(c.Profile.Languages) > 0 {
		look.Language = c.Profile.Languages[0]
	}
	text(&look.Region, c.Profile.Country.Alpha2)
	if look.Brands == nil {
		look.Brands = c.Profile.Marks()
	}
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	t := &c.Times
	set(&t.Echo, time.Minute)
	set(&t.Retry, time.Second)
	set(&t.Watch, time.Second)
}
