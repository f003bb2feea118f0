package jcb

import (
	"fmt"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
)

// Options are what Kernel 5 needs beside data objects, for one combination; put a pointer to them into Combination.Options.
// The zero value is the usual reader, without limits of its own and without recovery.
//
// Terminal Interchange Profile (9F53) is a data object of the configuration: its dynamic bit is the kernel's. Where it is
// absent it follows from Terminal Capabilities (9F33). Floor limit, CVM limit and status check are those of
// Combination.Limits.
type Options struct {
	Combination *CombinationOptions // nil is DefaultCombination

	// Combination.Limits.Transaction is tested before any card is there and again by the kernel: with two limits it must be
	// the higher one. These two tell cards and devices apart once the card has chosen its CVM (C-5, 3.8.9): refused from
	// the amount on, minor units; nil is no limit.
	Limit         *uint64
	LimitOnDevice *uint64

	TAC       action.Codes   // Terminal Action Codes; each that is nil is DefaultTAC's
	Selection risk.Selection // of random selection

	Torn         *TornLog      // recovery of torn transactions (C-5, 3.14); nil is none
	TornLifetime time.Duration // 0 takes DefaultTornLifetime

	MessageHold    time.Duration // of messages that ask for another tap; 0 takes DefaultMessageHold
	RemovalTimeout time.Duration // of present and hold; 0 sets none
	ShowBalance    bool          // Offline Balance (9F5F) is shown with the result
}

// CombinationOptions say what is done for a combination (C-5, Annex A). They have no tag of EMVCo's.
type CombinationOptions [2]byte

// The bits of Combination Options.
const (
	CombinationStatusCheck   = kernel.Bit(1<<8 | 0x40) // one more way to Combination.Limits.StatusCheck
	CombinationODA           = kernel.Bit(1<<8 | 0x20) // offline data authentication
	CombinationExceptionFile = kernel.Bit(1<<8 | 0x10) // where Env.Exceptions is there
	CombinationRandom        = kernel.Bit(1<<8 | 0x08) // random transaction selection
	CombinationMagstripe     = kernel.Bit(1<<8 | 0x04)
	CombinationEMV           = kernel.Bit(1<<8 | 0x02)
	CombinationLegacy        = kernel.Bit(1<<8 | 0x01)
)

// defaultCombination is the first byte of DefaultCombination.
const defaultCombination = 0x3B

// DefaultCombination returns the Combination Options of options without them: all but Mag-stripe mode, which the book no
// longer has, and the status check, which is Combination.Limits.StatusCheck.
func DefaultCombination() CombinationOptions { return CombinationOptions{defaultCombination, 0x00} }

// The defaults of vendors (C-5, Annex A).
const (
	DefaultTornLifetime = 60 * time.Second
	DefaultMessageHold  = 1300 * time.Millisecond
)

// The Terminal Action Codes of a reader without its own. Denial: CDA failed, service not allowed. Online: authentication
// not performed, exception file, expired, not yet effective, over floor limit, selected. Default: authentication not
// performed, exception file, expired, over floor limit.
var (
	tacDenial  = [5]byte{0x04, 0x10, 0x00, 0x00, 0x00}
	tacOnline  = [5]byte{0x90, 0x60, 0x00, 0x90, 0x00}
	tacDefault = [5]byte{0x90, 0x40, 0x00, 0x80, 0x00}
)

// DefaultTAC returns the Terminal Action Codes of options without them.
func DefaultTAC() action.Codes {
	denial, online, def := tacDenial, tacOnline, tacDefault
	return action.Codes{Denial: denial[:], Online: online[:], Default: def[:]}
}

var noOptions Options

// optionsOf returns a combination's options; Faults has seen that they are of the right type.
func optionsOf(c *contactless.Combination) *Options {
	if o, ok := c.Options.(*Options); ok && o != nil {
		return o
	}
	return &noOptions
}

// does reports whether a bit of the Combination Options is set.
func (o *Options) does(b kernel.Bit) bool {
	c := CombinationOptions{defaultCombination, 0x00}
	if o.Combination != nil {
		c = *o.Combination
	}
	return b.In(c[:])
}

func (o *Options) hold() time.Duration {
	if o.MessageHold == 0 {
		return DefaultMessageHold
	}
	return o.MessageHold
}

func (o *Options) tornLifetime() time.Duration {
	if o.TornLifetime == 0 {
		return DefaultTornLifetime
	}
	return o.TornLifetime
}

// Faults checks what Kernel 5 needs of a combination's configuration.
func (kernel5) Faults(path string, c *contactless.Combination, terminal []byte) []kernel.Fault {
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
	if v := contactless.Configured(tagTIP, c.Data, terminal); v != nil && len(v) != 3 {
		fault("data.9F53", "config.object_length", fmt.Sprintf("%d bytes; Terminal Interchange Profile has 3", len(v)))
	}
	o, ok := c.Options.(*Options)
	switch {
	case c.Options == nil, ok && o == nil:
	case !ok:
		fault("options", "config.options", fmt.Sprintf("%T is not *jcb.Options", c.Options))
	default:
		faults = append(faults, o.faults(path+".options")...)
	}
	return faults
}

// faults returns what is wrong with the options.
func (o *Options) faults(path string) []kernel.Fault {
	var faults []kernel.Fault
	fault := func(field, code, text string) {
		faults = append(faults, kernel.Fault{Path: path + "." + field, Code: code, Text: text})
	}
	if !o.does(CombinationEMV) && !o.does(CombinationLegacy) && !o.does(CombinationMagstripe) {
		fault("combination", "config.no_mode", "none of the three modes is supported")
	}
	for _, l := range [...]struct {
		name  string
		limit *uint64
	}{{"limit", o.Limit}, {"limit_on_device", o.LimitOnDevice}} {
		if l.limit != nil && *l.limit > kernel.MaxAmount {
			fault(l.name, "config.limit", "more than twelve digits")
		}
	}
	for _, v := range [...]struct {
		name  string
		value []byte
	}{{"tac_denial", o.TAC.Denial}, {"tac_online", o.TAC.Online}, {"tac_default", o.TAC.Default}} {
		if v.value != nil && len(v.value) != 5 {
			fault(v.name, "config.object_length", fmt.Sprintf("%d bytes; an action code has 5", len(v.value)))
		}
	}
	if s := o.Selection; s.Target > 99 || s.MaxTarget > 99 || s.Threshold > kernel.MaxAmount {
		fault("selection", "config.selection", "percentages are 0 to 99, an amount has twelve digits")
	}
	if o.TornLifetime < 0 || o.MessageHold < 0 || o.RemovalTimeout < 0 {
		fault("times", "config.time", "negative")
	}
	return faults
}
