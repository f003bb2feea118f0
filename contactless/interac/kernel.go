package interac

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Kernel is the kernel of Interac Flash, to be given to contactless.New.
var Kernel contactless.Kernel = flash{}

type flash struct{}

// ID returns the project's own number, 'C10124': the cards ask for none.
func (flash) ID() kernel.ID { return kernel.Interac }

// Scope returns the dictionary's scope of Interac.
func (flash) Scope() dict.Scope { return dict.Interac }

// Run processes one activation (Interac, A1).
func (flash) Run(ctx context.Context, a *contactless.Activation) (kernel.Outcome, error) {
	t := transaction{Activation: a, options: optionsOf(a.Combination)}
	t.prepare()                                                // Interac, A2
	if out, err := t.initiate(ctx); err != nil || out.Made() { // Interac, A6
		return out, err
	}
	if out, err := t.readRecords(ctx); err != nil || out.Made() { // Book 3, 10.2
		return out, err
	}
	if out := t.checkCardData(); out.Made() { // Interac, A9
		return out, nil
	}
	if out := t.checkDevice(); out.Made() { // Interac, A10
		return out, nil
	}
	if out := t.checkOptionStatus(); out.Made() { // Interac, A12
		return out, nil
	}
	t.restrictProcessing()                       // Book 3, 10.4
	if out := t.verifyCardholder(); out.Made() { // Interac, A13
		return out, nil
	}
	if out, err := t.manageRisk(ctx); err != nil || out.Made() { // Interac, A14
		return out, err
	}
	t.analyseActions()                                           // Interac, A15
	if out, err := t.generateAC(ctx); err != nil || out.Made() { // Interac, A17
		return out, err
	}
	return t.complete(), nil // Interac, A20
}

// transaction is one run of the kernel.
type transaction struct {
	*contactless.Activation
	options *Options

	pdolData, cdolData []byte // as they were sent; they alias the data store
	phone              bool   // the Form Factor Indicator is that of a mobile phone

	cda   bool              // CDA is performed when it is asked for, or has failed already
	asked kernel.Cryptogram // what GENERATE AC asks for
	given kernel.Cryptogram // what the card answered with
	why   kernel.Reason     // what decided what is asked for
	cvm   kernel.CVM
	full  error // the first object of the kernel's that found no room
}

// refund reports whether money goes back to the card.
func (t *transaction) refund() bool { return t.Transaction.Type == kernel.Refund }

// tti reports whether a bit of Terminal Transaction Information (9F59) is set.
func (t *transaction) tti(b kernel.Bit) bool { return b.In(t.Data.Get(tagTTI)) }

// set writes an object of the kernel's. That there was no room is kept and ends the transaction before GENERATE AC.
func (t *transaction) set(tag tlv.Tag, value []byte) {
	if err := t.Data.Set(tag, value); err != nil && t.full == nil {
		t.full = err
	}
}

// mark sets a bit of the Terminal Verification Results and reports the rule that asked for it.
func (t *transaction) mark(b kernel.Bit, stage, code, ref string) {
	b.Set(t.Data.Get(tagTVR))
	t.Note(stage, code, ref)
}

// keep stores bytes that a command sends, for the signature that covers them.
func (t *transaction) keep(b []byte) []byte {
	r, err := t.Data.Keep(b)
	if err != nil && t.full == nil {
		t.full = err
	}
	return r.Bytes
}
