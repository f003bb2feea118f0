package visa

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv/dict"
)

// Kernel is Kernel 3, to be given to contactless.New.
var Kernel contactless.Kernel = kernel3{}

type kernel3 struct{}

// ID returns '03'.
func (kernel3) ID() kernel.ID { return kernel.Visa }

// Scope returns the dictionary's scope of C-3.
func (kernel3) Scope() dict.Scope { return dict.C3 }

// Run processes one activation (C-3, 5).
func (kernel3) Run(ctx context.Context, a *contactless.Activation) (kernel.Outcome, error) {
	t := transaction{Activation: a, options: optionsOf(a.Combination)}
	if a.Answer.HasEMVData() {
		return t.updateIssuer(ctx) // C-3, 5.9
	}
	if out := t.applyReaderLimits(); out.Made() { // C-3, 5.2.1
		return out, nil
	}
	if out, err := t.initiate(ctx); err != nil || out.Made() { // C-3, 5.2
		return out, err
	}
	if out, err := t.readRecords(ctx); err != nil || out.Made() { // C-3, 5.3
		return out, err
	}
	if out := t.checkCardData(); out.Made() { // C-3, 5.4
		return out, nil
	}
	t.takeCardDecision()                           // C-3, 5.4.3
	if out := t.restrictProcessing(); out.Made() { // C-3, 5.5
		return out, nil
	}
	if out := t.authenticateOffline(); out.Made() { // C-3, 5.6
		return out, nil
	}
	t.verifyCardholder() // C-3, 5.7
	return t.complete()  // C-3, 5.8
}

// transaction is one run of the kernel.
type transaction struct {
	*contactless.Activation
	options *Options

	lastRecord []byte // the last record that the AFL names, for 9F69
	cryptogram kernel.Cryptogram
	track2     kernel.Track2

	// The kernel's own flags (C-3, 5.4.3): Decline Required by Reader and Online Required by Reader, with the rule that
	// set each first.
	declineRequired bool
	onlineRequired  bool
	why             kernel.Reason

	cvm kernel.CVM
}

// ctq returns the Card Transaction Qualifiers, nil where the card gave none.
func (t *transaction) ctq() []byte { return t.Data.Get(tagCTQ) }

// decline sets Decline Required by Reader.
func (t *transaction) decline(stage, code, ref string) {
	t.note(!t.declineRequired, stage, code, ref)
	t.declineRequired = true
}

// goOnline sets Online Required by Reader.
func (t *transaction) goOnline(stage, code, ref string) {
	t.note(!t.onlineRequired && !t.declineRequired, stage, code, ref)
	t.onlineRequired = true
}

// note reports a decision and keeps it as the reason of the outcome when it is the first of its weight.
func (t *transaction) note(first bool, stage, code, ref string) {
	if why := t.Note(stage, code, ref); first {
		t.why = why
	}
}
