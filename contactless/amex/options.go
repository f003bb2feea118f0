package amex

import (
	"fmt"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/tlv"
)

// Options are what Kernel 4 configures for one combination beside data objects; put a pointer to them into
// Combination.Options. The zero value takes every default.
type Options struct {
	// TAC are the Terminal Action Codes (C-4, 3.7). Those that are nil take the bits that Book 3, 10.7 recommends at least.
	TAC action.Codes

	// UNRange is the Unpredictable Number Range of mag-stripe mode (C-4, 3.8.1): how many months back the number may lie.
	// nil takes DefaultUNRange.
	UNRange *uint8

	// Limits are the dynamic reader limits (C-4, 3.4.2); nil switches them off, and the combination's limits count.
	Limits *LimitSets

	// Delayed makes these transactions ones that are authorised later (C-4, 3.4.5, 3.7 and 3.9.2): what the card agrees to
	// is approved at once, and the Data Record goes to the host when the terminal has time. 9F6E must say so too.
	Delayed bool

	// Line tells whether the terminal can go online now (C-4, 3.7); nil says that it can.
	Line *Line

	// SeePhone is how long the field stays off, and the message on, when a phone wants its owner (C-4, 3.5.4). 0 takes
	// DefaultSeePhone.
	SeePhone time.Duration

	// StopAtFailure has a CVM rule that fails end cardholder verification unless its b7 lets the next rule be applied (Book 3,
	// 10.5). Otherwise the next rule is applied always (C-4, 3.5.3).
	StopAtFailure bool
}

// Line is the terminal's way to its host, as the terminal last saw it. It is read when a transaction begins; one serves
// all combinations of a reader.
type Line struct {
	Down bool // the terminal can't go online
}

// LimitSets are the dynamic reader limits: a set for each value of b4 to b1 of byte 2 of 9F70, and the one that counts for
// all others. Of each set only Transaction, Floor and CVM are looked at; one that is nil is not tested.
type LimitSets struct {
	Default contactless.Limits
	Sets    [16]*contactless.Limits
}

// The defaults of options.
const (
	DefaultUNRange  = 60                      // months
	DefaultSeePhone = 1300 * time.Millisecond // as other kernels have it: no public text gives Kernel 4's
)

var noOptions Options

// optionsOf returns a combination's options; Faults has seen that they are of the right type.
func optionsOf(c *contactless.Combination) *Options {
	if o, ok := c.Options.(*Options); ok && o != nil {
		return o
	}
	return &noOptions
}

func (o *Options) unRange() uint8 {
	if o.UNRange == nil {
		return DefaultUNRange
	}
	return *o.UNRange
}

func (o *Options) seePhone() time.Duration {
	if o.SeePhone == 0 {
		return DefaultSeePhone
	}
	return o.SeePhone
}

// Faults checks what Kernel 4 needs of a combination's configuration.
func (kernel4) Faults(path string, c *contactless.Combination, terminal []byte) []kernel.Fault {
	var faults []kernel.Fault
	fault := func(field, code, text string) {
		faults = append(faults, kernel.Fault{Path: path + "." + field, Code: code, Text: text})
	}
	for _, need := range [...]struct {
		tag  tlv.Tag
		name string
	}{{tagCountry, "Terminal Country Code"}, {tagTermCap, "Terminal Capabilities"}, {tagTermType, "Terminal Type"}} {
		if contactless.Configured(need.tag, c.Data, terminal) == nil {
			fault("data."+need.tag.String(), "config.object_missing", need.name+" is required")
		}
	}
	reader := contactless.Configured(tagReader, c.Data, terminal)
	if len(reader) == 1 && reader[0]&readerMode != readerMagstripe && reader[0]&readerMode != readerBoth {
		fault("data.9F6D", "config.object_value", "b8 and b7 must be 01 or 11: the other readers are withdrawn")
	}
	enhanced := contactless.Configured(tagEnhanced, c.Data, terminal)
	if len(reader) == 1 && reader[0]&readerMode == readerMagstripe && enhanced != nil && !enhancedMagstripe.In(enhanced) {
		fault("data.9F6E", "config.no_mode", "neither EMV mode nor mag-stripe mode is supported")
	}
	switch o := c.Options.(type) {
	case nil:
	case *Options:
		if o != nil {
			faults = append(faults, o.faults(path, c, enhanced)...)
		}
	default:
		fault("options", "config.options", fmt.Sprintf("%T is not *amex.Options", o))
	}
	return faults
}

// faults checks the options that there are.
func (o *Options) faults(path string, c *contactless.Combination, enhanced []byte) []kernel.Fault {
	var faults []kernel.Fault
	fault := func(field, code, text string) {
		faults = append(faults, kernel.Fault{Path: path + "." + field, Code: code, Text: text})
	}
	for _, code := range [...]struct {
		name  string
		value []byte
	}{{"tac_denial", o.TAC.Denial}, {"tac_online", o.TAC.Online}, {"tac_default", o.TAC.Default}} {
		if code.value != nil && len(code.value) != 5 {
			fault(code.name, "config.object_length", fmt.Sprintf("%d bytes; an action code has 5", len(code.value)))
		}
	}
	if o.SeePhone < 0 {
		fault("see_phone", "config.time", "negative")
	}
	if o.Delayed && !enhancedDelayed.In(enhanced) {
		fault("delayed", "config.delayed", "9F6E byte 4 b7 does not say that the terminal is one of delayed authorisation")
	}
	if o.Limits == nil {
		return faults
	}
	faults = append(faults, o.Limits.Default.Faults(path+".drl")...)
	highest := o.Limits.Default.Transaction
	for i, set := range o.Limits.Sets {
		if set == nil {
			continue
		}
		faults = append(faults, set.Faults(fmt.Sprintf("%s.drl[%d]", path, i))...)
		if set.Transaction == nil || highest != nil && *set.Transaction > *highest {
			highest = set.Transaction
		}
	}
	// The entry point tests its limit before the card says which set is its own (C-4, 3.4.2).
	if l := c.Limits.Transaction; l != nil && (highest == nil || *highest > *l) {
		fault("contactless_limit", "config.limit", "is below that of a dynamic limit set, which would never count")
	}
	return faults
}
