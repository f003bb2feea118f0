package mastercard

import (
	"context"
	"fmt"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// Options are what Kernel 2 needs beside data objects; put a pointer to them into Combination.Options. Everything else is
// configured by the data objects of C-2 in Combination.Data and Config.Terminal, with the book's defaults for those that
// are absent.
type Options struct {
	// TornLog keeps the transactions that a card left before they were complete (C-2, S9, S10 and S11). One log serves all
	// combinations of a reader. nil is the same as Max Number of Torn Transaction Log Records (DF811D) 0.
	TornLog TornLog

	// Exchange is the terminal's side of data exchange (C-2, DEK and DET); nil is a terminal without. Tags To Read
	// (DF8112), Tags To Write Before and After Gen AC (FF8102, FF8103), Proceed To First Write Flag (DF8110) and the
	// objects of data storage stand in Combination.Data, with length zero where DET will tell them.
	Exchange DataExchange

	// Backoff slows a card down that guesses in mag-stripe mode (C-2, S13); nil does not.
	Backoff *Backoff
}

// Backoff is Failed MS Cntr, with the wait that it asks for (C-2, S13 and S14): 300 ms, doubled with each transaction in
// mag-stripe mode that failed, up to 9.6 s. One serves all combinations of a reader.
type Backoff struct {
	Failed uint8                                            // transactions that failed in a row, at most 5
	Wait   func(ctx context.Context, d time.Duration) error // returns ctx's error when ctx ends it
}

var noOptions Options

// optionsOf returns a combination's options; Faults has seen that they are of the right type.
func optionsOf(c *contactless.Combination) *Options {
	if o, ok := c.Options.(*Options); ok && o != nil {
		return o
	}
	return &noOptions
}

// object is a data object with the value that it has where a configuration has none.
type object struct {
	tag   tlv.Tag
	value string
}

// defaults are the values of C-2, Annex A, for configuration data objects that are absent. Terminal Country Code and
// Terminal Type have none that could be right.
var defaults = [...]object{
	{tagAddCap, "\x00\x00\x00\x00\x00"},
	{tagVersionReader, "\x00\x02"},
	{tagMSVersion, "\x00\x01"},
	{tagTRMD, "\x00\x00\x00\x00\x00\x00\x00\x00"},
	{tagMobileSupport, "\x01"},
	{tagKernelID, "\x02"},
	{tagInputCap, "\x00"},
	{tagCVMRequired, "\x00"},
	{tagCVMNot, "\x00"},
	{tagDefaultUDOL, "\x9F\x6A\x04"},
	{tagKernelConfig, "\x00"},
	{tagTornLifetime, "\x01\x2C"},
	{tagTornRecords, "\x00"},
	{tagMSCVMRequired, "\xF0"},
	{tagSecurityCap, "\x00"},
	{tagTACDefault, "\x84\x00\x00\x00\x0C"},
	{tagTACDenial, "\x84\x00\x00\x00\x0C"},
	{tagTACOnline, "\x84\x00\x00\x00\x0C"},
	{tagFloorLimit, "\x00\x00\x00\x00\x00\x00"},
	{tagLimit, "\x00\x00\x00\x00\x00\x00"},
	{tagLimitDevice, "\x00\x00\x00\x00\x00\x00"},
	{tagCVMLimit, "\x00\x00\x00\x00\x00\x00"},
	{tagTimeOut, "\x01\xF4"},
	{tagMSCVMNot, "\xF0"},
	{tagMessageHold, "\x00\x00\x13"},
	{tagHoldTime, "\x0D"},
	{tagPhoneMessages, phoneMessages},
	{tagGraceMin, "\x00\x14"},
	{tagGraceMax, "\x00\x32"},
	{tagTermCAPDU, "\x00\x12"},
	{tagTermRAPDU, "\x00\x18"},
	{tagAccuracy, "\x01\x2C"},
	{tagMismatch, "\x32"},
}

// phoneMessages is the default Phone Message Table: "see phone" for whatever the device wants, "not authorised" otherwise.
const phoneMessages = "\x00\x00\x01\x00\x00\x01\x20\x00" + "\x00\x08\x00\x00\x08\x00\x20\x00" +
	"\x00\x04\x00\x00\x04\x00\x20\x00" + "\x00\x01\x00\x00\x01\x00\x20\x00" + "\x00\x02\x00\x00\x02\x00\x20\x00" +
	"\x00\x00\x00\x00\x00\x00\x07\x00"

// loadDefaults sets the configuration data objects that are absent.
func (t *transaction) loadDefaults() {
	var value [48]byte
	for i := range defaults {
		if d := &defaults[i]; t.Data.From(d.tag) == 0 {
			t.set(d.tag, value[:copy(value[:], d.value)])
		}
	}
}

// Faults checks what Kernel 2 needs of a combination's configuration.
func (kernel2) Faults(path string, c *contactless.Combination, terminal []byte) []kernel.Fault {
	var faults []kernel.Fault
	fault := func(field, code, text string) {
		faults = append(faults, kernel.Fault{Path: path + "." + field, Code: code, Text: text})
	}
	if contactless.Configured(tagCountry, c.Data, terminal) == nil {
		fault("data.9F1A", "config.object_missing", "Terminal Country Code is required")
	}
	if contactless.Configured(tagTermType, c.Data, terminal) == nil {
		fault("data.9F35", "config.object_missing", "Terminal Type is required")
	}
	config := contactless.Configured(tagKernelConfig, c.Data, terminal)
	if configNoMagstripe.In(config) && configNoEMVMode.In(config) {
		fault("data.DF811B", "config.no_mode", "neither EMV mode nor mag-stripe mode is supported")
	}
	for _, tag := range [...]tlv.Tag{tagFloorLimit, tagLimit, tagLimitDevice, tagCVMLimit, tagMessageHold} {
		if _, ok := kernel.BCD(contactless.Configured(tag, c.Data, terminal)); !ok {
			fault("data."+tag.String(), "config.object_value", "not a decimal number")
		}
	}
	if len(contactless.Configured(tagPhoneMessages, c.Data, terminal))%8 != 0 {
		fault("data.DF8131", "config.object_value", "entries of the Phone Message Table have 8 bytes")
	}
	if optionsOf(c).Exchange == nil && holdsFirstWrite(c.Data, terminal) {
		fault("data.DF8110", "config.no_exchange", "nobody would let the kernel proceed to the first write: there is no Options.Exchange")
	}
	switch c.Options.(type) {
	case nil, *Options:
	default:
		fault("options", "config.options", fmt.Sprintf("%T is not *mastercard.Options", c.Options))
	}
	return faults
}

// holdsFirstWrite reports whether a configuration has the kernel wait for the terminal before it writes.
func holdsFirstWrite(in ...[]byte) bool {
	for _, objects := range in {
		if v, ok := tlv.Find(objects, tagProceed); ok {
			return len(v) == 0 || v[0] == 0
		}
	}
	return false
}
