package visa

import (
	"fmt"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
)

// Options are the implementer options of C-3 for one combination; put a pointer to them into Combination.Options. The
// zero value has every option off.
//
// Two more options have no flag of their own. The exception file is checked when Env.Exceptions is there. Offline data
// authentication for online authorisations is on when TTQ byte 1 b1 says so, since card and reader must agree.
type Options struct {
	CheckCash     bool // Application Usage Control is checked for manual cash (C-3, 5.5.1.3)
	CheckCashback bool // Application Usage Control is checked for cashback (C-3, 5.5.1.4)
	CheckATM      bool // Application Usage Control is checked at an offline ATM (C-3, 5.5.1.5)
	ShowBalance   bool // Available Offline Spending Amount (9F5D) is shown with the result (C-3, 4.3.1.1)

	// Limits are the dynamic reader limits by Application Program ID (C-3, 5.2.1.2); none switches them off.
	Limits []contactless.LimitSet
}

var noOptions Options

// optionsOf returns a combination's options; Faults has seen that they are of the right type.
func optionsOf(c *contactless.Combination) *Options {
	if o, ok := c.Options.(*Options); ok && o != nil {
		return o
	}
	return &noOptions
}

// Faults checks what Kernel 3 needs of a combination's configuration.
func (kernel3) Faults(path string, c *contactless.Combination, terminal []byte) []kernel.Fault {
	var faults []kernel.Fault
	fault := func(field, code, text string) {
		faults = append(faults, kernel.Fault{Path: path + "." + field, Code: code, Text: text})
	}
	switch {
	case c.TTQ == nil:
		fault("ttq", "config.ttq_missing", "Kernel 3 needs the Terminal Transaction Qualifiers")
	case !contactless.TTQEMVMode.In(c.TTQ[:]):
		fault("ttq", "config.ttq_emv_mode", "byte 1 b6 must be set: EMV mode is the only one of Kernel 3")
	}
	// C-3, 5.4.2.1: what the reader must have. Amounts, date, type, currency and UN come with the transaction.
	if contactless.Configured(tagCountry, c.Data, terminal) == nil {
		fault("data.9F1A", "config.object_missing", "Terminal Country Code is required")
	}
	switch o := c.Options.(type) {
	case nil:
	case *Options:
		if o == nil {
			break
		}
		for i := range o.Limits {
			set := fmt.Sprintf("%s.drl[%d]", path, i)
			if n := len(o.Limits[i].ProgramID); n < 1 || n > 16 {
				faults = append(faults, kernel.Fault{
					Path: set, Code: "config.program_id", Text: fmt.Sprintf("%d bytes; 9F5A has 1 to 16", n),
				})
			}
			faults = append(faults, o.Limits[i].Limits.Faults(set)...)
		}
	default:
		fault("options", "config.options", fmt.Sprintf("%T is not *visa.Options", o))
	}
	return faults
}
