package amex

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Kernel is Kernel 4, to be given to contactless.New.
var Kernel contactless.Kernel = kernel4{}

type kernel4 struct{}

// ID returns '04'.
func (kernel4) ID() kernel.ID { return kernel.Amex }

// Scope returns the dictionary's scope of C-4.
func (kernel4) Scope() dict.Scope { return dict.C4 }

// Run processes one activation. Both modes take the same steps; which of them differ says so.
func (kernel4) Run(ctx context.Context, a *contactless.Activation) (kernel.Outcome, error) {
	t := transaction{Activation: a, options: optionsOf(a.Combination)}
	if a.Answer.HasEMVData() {
		return t.finishOnline(ctx) // C-4, 3.10
	}
	t.tellCapabilities()                                       // C-4, 3.1.1
	if out, err := t.initiate(ctx); err != nil || out.Made() { // C-4, 3.1
		return out, err
	}
	if out, err := t.readRecords(ctx); err != nil || out.Made() { // C-4, 3.2
		return out, err
	}
	t.authenticateOffline()                 // C-4, 3.3
	if out := t.applyLimits(); out.Made() { // C-4, 3.4.2
		return out, nil
	}
	t.restrictProcessing()                       // C-4, 3.4
	if out := t.verifyCardholder(); out.Made() { // C-4, 3.5
		return out, nil
	}
	t.manageRisk()                                               // C-4, 3.6
	t.analyseActions()                                           // C-4, 3.7
	if out, err := t.generateAC(ctx); err != nil || out.Made() { // C-4, 3.8
		return out, err
	}
	return t.complete(), nil // C-4, 3.9
}

// transaction is one run of the kernel.
type transaction struct {
	*contactless.Activation
	options *Options

	magstripe bool       // which of the two modes
	mobile    bool       // the card is a phone or its like
	method    oda.Method // of offline data authentication: SDA, CDA or none
	pdolData  []byte     // the values of the PDOL as the card was sent them
	cdolData  []byte     // those of CDOL1

	pan    kernel.PAN
	track2 kernel.Track2 // in mag-stripe mode
	atc    [2]byte       // in mag-stripe mode, as GET DATA gave it

	floorExceeded bool              // the amount is above the Reader Contactless Floor Limit
	request       kernel.Cryptogram // what was asked for with GENERATE AC
	cda           bool              // and with it a combined signature
	given         kernel.Cryptogram // what the card gave

	cvm  kernel.CVM
	why  kernel.Reason // why that cryptogram was asked for
	full error         // the first kernel object that found no room
}

// set writes an object of the kernel's. That there was no room is kept and ends the transaction before anything is
// approved.
func (t *transaction) set(tag tlv.Tag, value []byte) { t.keep(t.Data.Set(tag, value)) }

// keep keeps the first error of writing data objects.
func (t *transaction) keep(err error) {
	if err != nil && t.full == nil {
		t.full = err
	}
}

// byteOf returns the first byte of an object, zero where it is absent.
func (t *transaction) byteOf(tag tlv.Tag) byte {
	if v := t.Data.Get(tag); v != nil {
		return v[0]
	}
	return 0
}

// mark sets a bit of the Terminal Verification Results and reports the rule that asked for it.
func (t *transaction) mark(b kernel.Bit, stage, code, ref string) {
	b.Set(t.Data.Get(tagTVR))
	t.Note(stage, code, ref)
}
