package interac

import (
	"fmt"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/tlv"
)

// Options are what the kernel needs beside data objects, for one combination; put a pointer to them into
// Combination.Options. The zero value has no limits of its own and every switch off.
//
// The CVM Required Limit is that of Combination.Limits. Combination.Limits.Transaction is tested before any card is there,
// for cards, phones and refunds alike; Limit and LimitOnDevice tell them apart (Interac, A11).
type Options struct {
	Limit         *uint64 // purchases by card from this amount on, minor units, want the other interface; nil is no limit
	LimitOnDevice *uint64 // the same for phones

	TAC       action.Codes   // Terminal Action Codes; nil ones are those that Book 3, 10.7 recommends at least
	Selection risk.Selection // of random selection
	Log       risk.Log       // of earlier transactions, for the floor limit; nil is none

	// Retries is how often one transaction goes back to Start B because a card did not answer; 0 takes DefaultRetries. It
	// counts within Config.Restarts, which should not be less.
	Retries int

	CDAWithARQC bool // a combined signature is asked for with an ARQC too (Interac, A17)
	LegacyFloor bool // the floor limit is 9F1B as configured, not 9F5F (Interac, A14)

	RefuseCards   bool // Form Factor Indicator '00' to '02', or none: other interface (Interac, A10)
	RefuseDevices bool // Form Factor Indicator '03': other interface

	// CapabilitiesCVM are the Terminal Capabilities (9F33) where the amount asks for verification, CapabilitiesNoCVM those
	// where it does not, 3 bytes each; nil takes the configured 9F33 (Interac, A5).
	CapabilitiesCVM, CapabilitiesNoCVM []byte
}

// DefaultRetries is the Retries of options that set none.
const DefaultRetries = 3

var noOptions Options

// optionsOf returns a combination's options; Faults has seen that they are of the right type.
func optionsOf(c *contactless.Combination) *Options {
	if o, ok := c.Options.(*Options); ok && o != nil {
		return o
	}
	return &noOptions
}

func (o *Options) retries() int {
	if o.Retries == 0 {
		return DefaultRetries
	}
	return o.Retries
}

// defaults are the values of configuration data objects that are absent (Interac, A3). Terminal Transaction Information
// and the contactless floor limit follow from other configuration.
var defaults = [...]struct {
	tag   tlv.Tag
	value string
}{
	{tagVersion, "\x00\x02"},
	{tagAddCap, "\x00\x00\x00\x30\x00"},
	{tagMTI, "\x03"},
	{tagReceipt, "\x00\x00\x00\x00\x00\x00"},
	{tagTOS, "\xE0\x00"},
}

// Faults checks what the kernel needs of a combination's configuration (Interac, A3).
func (flash) Faults(path string, c *contactless.Combination, terminal []byte) []kernel.Fault {
	f := faults{path: path}
	get := func(t tlv.Tag) []byte { return contactless.Configured(t, c.Data, terminal) }
	for _, tag := range [...]tlv.Tag{tagCountry, tagTermCap, tagTermType} {
		if get(tag) == nil {
			f.add("data."+tag.String(), "config.object_missing", "is required")
		}
	}
	if v := get(tagTermType); len(v) == 1 && kernel.TerminalType(v[0]).OfflineOnly() {
		f.add("data.9F35", "config.terminal_type", "Interac wants a terminal that can go online")
	}
	if v := get(tagMTI); v != nil && (len(v) != 1 || v[0] < 1 || v[0] > 5) {
		f.add("data.9F58", "config.object_value", "merchant types are 01 to 05")
	}
	for _, tag := range [...]tlv.Tag{tagReceipt, tagTapFloor} {
		if _, ok := kernel.BCD(get(tag)); !ok {
			f.add("data."+tag.String(), "config.object_value", "not a decimal number")
		}
	}
	switch o := c.Options.(type) {
	case nil:
		f.checkPromises(get(tagTTI), get(tagTermCap))
	case *Options:
		if o == nil {
			o = &noOptions
		}
		f.checkOptions(o)
		for _, v := range [...][]byte{get(tagTermCap), o.CapabilitiesCVM, o.CapabilitiesNoCVM} {
			f.checkPromises(get(tagTTI), v)
		}
	default:
		f.add("options", "config.options", fmt.Sprintf("%T is not *interac.Options", o))
	}
	return f.list
}

type faults struct {
	path string
	list []kernel.Fault
}

func (f *faults) add(field, code, text string) {
	f.list = append(f.list, kernel.Fault{Path: f.path + "." + field, Code: code, Text: text})
}

// checkPromises sees that Terminal Transaction Information promises nothing that the Terminal Capabilities deny: a card that
// relies on it would be left without its signature or its PIN (Interac, A3).
func (f *faults) checkPromises(tti, capabilities []byte) {
	if len(tti) != 3 || len(capabilities) != 3 {
		return
	}
	if ttiCDA.In(tti) && !kernel.CapCDA.In(capabilities) {
		f.add("data.9F59", "config.tti", "9F59 has CDA and 9F33 has not")
	}
	if ttiOnlinePIN.In(tti) && !kernel.CapOnlinePIN.In(capabilities) {
		f.add("data.9F59", "config.tti", "9F59 has online PIN and 9F33 has not")
	}
}

func (f *faults) checkOptions(o *Options) {
	for _, l := range [...]struct {
		name  string
		limit *uint64
	}{{"limit", o.Limit}, {"limit_on_device", o.LimitOnDevice}} {
		if l.limit != nil && *l.limit > kernel.MaxAmount {
			f.add("options."+l.name, "config.limit", "more than twelve digits")
		}
	}
	for _, v := range [...]struct {
		name  string
		value []byte
		n     int
	}{
		{"tac_denial", o.TAC.Denial, 5},
		{"tac_online", o.TAC.Online, 5},
		{"tac_default", o.TAC.Default, 5},
		{"capabilities_cvm", o.CapabilitiesCVM, 3},
		{"capabilities_no_cvm", o.CapabilitiesNoCVM, 3},
	} {
		if v.value != nil && len(v.value) != v.n {
			f.add("options."+v.name, "config.object_length", fmt.Sprintf("%d bytes", len(v.value)))
		}
	}
	if s := o.Selection; s.Target > 99 || s.MaxTarget > 99 || s.Threshold > kernel.MaxAmount {
		f.add("options.selection", "config.selection", "percentages are 0 to 99, an amount has twelve digits")
	}
	if o.Retries < 0 {
		f.add("options.retries", "config.retries", "negative")
	}
}
