package unionpay

import (
	"fmt"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
)

// Options are the implementer options of C-7 for one combination; put a pointer to them into Combination.Options. The zero
// value has every option off.
//
// Others have no flag of their own. The exception file is checked when Env.Exceptions is there. Authentication of online
// transactions, for gates of transit, is on when TTQ byte 1 b1 says so; it is not for shops, since it declines every card
// that does not have it. TTQ byte 4 b8 tells cards that the reader knows fDDA version 01: without it newer ones sign in a
// way that is refused.
type Options struct {
	// NoCVMBelowLimit asks for no PIN and no signature below the Reader CVM Required Limit, whatever the card wants.
	// UnionPay's rules have it for credit and quasi-credit; debit cards go on asking (C-7, 3.6.6).
	NoCVMBelowLimit bool

	// CashbackNeedsCVM requires CVM and online cryptogram for a purchase with cashback, whatever its amount (C-7, 3.1.3).
	CashbackNeedsCVM bool

	// AcceptVersion00 accepts fDDA version 00 from cards of an application version before 0030. It signs neither amount
	// nor currency, and the book no longer has it (C-7, 3.7.2).
	AcceptVersion00 bool

	ShowBalance bool // the card's offline balance is shown with the result (C-7, 3.8.5)

	// ReadBalance reads the Electronic Cash Balance (9F79) of a card that approves offline and sends no balance (C-7,
	// 3.3.4).
	ReadBalance bool
}

var noOptions Options

// optionsOf returns a combination's options; Faults has seen that they are of the right type.
func optionsOf(c *contactless.Combination) *Options {
	if o, ok := c.Options.(*Options); ok && o != nil {
		return o
	}
	return &noOptions
}

// ttqFullPBOC is TTQ byte 1 b7 of the older specifications: debit and credit of PBOC as with contacts.
const ttqFullPBOC = kernel.Bit(1<<8 | 0x40)

// Faults checks what Kernel 7 needs of a combination's configuration.
func (kernel7) Faults(path string, c *contactless.Combination, terminal []byte) []kernel.Fault {
	var faults []kernel.Fault
	fault := func(field, code, text string) {
		faults = append(faults, kernel.Fault{Path: path + "." + field, Code: code, Text: text})
	}
	switch {
	case c.TTQ == nil:
		fault("ttq", "config.ttq_missing", "Kernel 7 needs the Terminal Transaction Qualifiers")
	case !contactless.TTQEMVMode.In(c.TTQ[:]):
		fault("ttq", "config.ttq_emv_mode", "byte 1 b6 must be set: it is the only mode of Kernel 7")
	case contactless.TTQMagstripe.In(c.TTQ[:]) || ttqFullPBOC.In(c.TTQ[:]):
		fault("ttq", "config.ttq_mode", "byte 1 b8 and b7 must not be set: these modes are not in the book any more")
	}
	// C-7, 3.1.2: what the reader must have. Amounts, date, type, currency and UN come with the transaction.
	if contactless.Configured(tagCountry, c.Data, terminal) == nil {
		fault("data.9F1A", "config.object_missing", "Terminal Country Code is required")
	}
	for _, v := range contactless.Configured(tagSM, c.Data, terminal) {
		if v != 0 {
			fault("data.DF69", "config.sm_algorithms", "this kernel has none of the algorithms SM2, SM3 and SM4")
		}
	}
	for _, v := range contactless.Configured(tagExtended, c.Data, terminal) {
		if v != 0 {
			fault("data.DF60", "config.extended_application", "this kernel has no extended applications")
		}
	}
	switch o := c.Options.(type) {
	case nil:
	case *Options:
		if o != nil && o.NoCVMBelowLimit && c.Limits.CVM == nil {
			fault("cvm_limit", "config.cvm_limit_missing", "no PIN below a limit needs the limit")
		}
	default:
		fault("options", "config.options", fmt.Sprintf("%T is not *unionpay.Options", c.Options))
	}
	return faults
}
