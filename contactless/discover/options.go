package discover

import (
	"bytes"
	"fmt"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// Options are the implementer options of C-6 for one combination; put a pointer to them into Combination.Options. The zero
// value has every option off.
//
// Others have no flag of their own. The exception file is checked when Env.Exceptions is there. Issuer update processing,
// consumer device CVM and the mag-stripe modes are on when the TTQ says so. Extended Logging Data (DF3C) go to cards whose
// PDOL asks for them when they are configured. Of the terminal's data objects 9F1A must be there; 9F09, 9F33 and 9F35 have
// defaults: 0001, 000808, 22.
type Options struct {
	// PIDLimit lets a loyalty transaction be approved: the card declines with an AAC, says that its PID limit is reached,
	// and signs for it (C-6, 3.7.1). Without the option such an AAC declines as any other.
	PIDLimit bool

	ShowBalance bool // Offline Balance (D1) is shown with the result (C-6, 3.8.1)
}

var noOptions Options

// defaults are the configuration data objects that a terminal need not set, with the values that vendors deliver (C-6, 3.1.4).
var defaults = [...]struct {
	tag   tlv.Tag
	value string
}{
	{tagTermVer, "\x00\x01"},     // Application Version Number
	{tagTermCap, "\x00\x08\x08"}, // Terminal Capabilities: No CVM, CDA
	{tagTermType, "\x22"},        // Terminal Type: attended, of a merchant, offline with online capability
}

// optionsOf returns a combination's options; Faults has seen that they are of the right type.
func optionsOf(c *contactless.Combination) *Options {
	if o, ok := c.Options.(*Options); ok && o != nil {
		return o
	}
	return &noOptions
}

// Faults checks what Kernel 6 needs of a combination's configuration.
func (kernel6) Faults(path string, c *contactless.Combination, terminal []byte) []kernel.Fault {
	var faults []kernel.Fault
	fault := func(field, code, text string) {
		faults = append(faults, kernel.Fault{Path: path + "." + field, Code: code, Text: text})
	}
	switch {
	case c.TTQ == nil:
		fault("ttq", "config.ttq_missing", "Kernel 6 needs the Terminal Transaction Qualifiers")
	case !contactless.TTQEMVMode.In(c.TTQ[:]) && !contactless.TTQMagstripe.In(c.TTQ[:]):
		fault("ttq", "config.no_mode", "byte 1 b6 (EMV mode) or b8 (mag-stripe mode) must be set")
	case bytes.HasPrefix(c.AID, zipRID[:]) && !contactless.TTQMagstripe.In(c.TTQ[:]):
		fault("ttq", "config.ttq_magstripe", "byte 1 b8 must be set: the application knows no other mode")
	}
	// C-6, 3.1.2: what the reader must have. Amounts, date, type, currency and UN come with the transaction.
	if contactless.Configured(tagCountry, c.Data, terminal) == nil {
		fault("data.9F1A", "config.object_missing", "Terminal Country Code is required")
	}
	switch c.Options.(type) {
	case nil, *Options:
	default:
		fault("options", "config.options", fmt.Sprintf("%T is not *discover.Options", c.Options))
	}
	return faults
}
