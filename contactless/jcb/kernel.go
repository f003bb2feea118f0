package jcb

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Kernel is Kernel 5, to be given to contactless.New.
var Kernel contactless.Kernel = kernel5{}

type kernel5 struct{}

// ID returns '05'.
func (kernel5) ID() kernel.ID { return kernel.JCB }

// Scope returns the dictionary's scope of C-5.
func (kernel5) Scope() dict.Scope { return dict.C5 }

// Run processes one activation (C-5, 3.2).
func (kernel5) Run(ctx context.Context, a *contactless.Activation) (kernel.Outcome, error) {
	t := transaction{Activation: a, options: optionsOf(a.Combination)}
	out, err := t.run(ctx)
	if err == nil && t.full != nil { // an outcome that stands on data that are not all there would be worth nothing
		out = t.endApplication(stageComplete, kernel.CodeOf(t.full), "C-5, 3.13")
	}
	return out, err
}

// run tells the three kinds of activation apart (C-5, 3.2).
func (t *transaction) run(ctx context.Context) (kernel.Outcome, error) {
	switch {
	case t.Answer != nil:
		return t.updateIssuer(ctx) // C-5, 3.11
	case t.wasTorn():
		return t.recoverTorn(ctx) // C-5, 3.14
	}
	return t.transact(ctx)
}

// transact is a transaction from its beginning.
func (t *transaction) transact(ctx context.Context) (kernel.Outcome, error) {
	if out := t.activate(); out.Made() { // C-5, 3.2
		return out, nil
	}
	if out, err := t.initiate(ctx); err != nil || out.Made() { // C-5, 3.3
		return out, err
	}
	if out, err := t.readRecords(ctx); err != nil || out.Made() { // C-5, 3.4
		return out, err
	}
	if out, err := t.manageRisk(); err != nil || out.Made() { // C-5, 3.5
		return out, err
	}
	t.restrictProcessing()                    // C-5, 3.6
	if out := t.analyseAction(); out.Made() { // C-5, 3.7
		return out, nil
	}
	switch t.mode {
	case magstripeMode:
		return t.getMagstripeData(ctx) // C-5, 3.9
	case legacyMode:
		return t.completeLegacy(ctx) // C-5, 3.10
	default:
		return t.generateAC(ctx) // C-5, 3.8
	}
}

// transaction is one run of the kernel.
type transaction struct {
	*contactless.Activation
	options *Options

	mode     mode
	pdolData []byte // the values that the PDOL asked for, as they were sent
	cdolData []byte // the same of CDOL1
	track2   kernel.Track2

	cda     bool // offline data authentication is performed
	request kernel.Cryptogram
	given   kernel.Cryptogram
	cvm     kernel.CVM

	recovering bool  // the card is to give the cryptogram of the transaction that it left
	full       error // there was no room for a data object
}

// mode is how card and reader work together (C-5, 3.2 and 3.3).
type mode uint8

const (
	noMode mode = iota
	emvMode
	magstripeMode
	legacyMode
)

// tip reports whether a bit of the Terminal Interchange Profile is set, as it stands now.
func (t *transaction) tip(b kernel.Bit) bool { return b.In(t.Data.Get(tagTIP)) }

// set writes a data object. That there is no room ends the transaction when it is over.
func (t *transaction) set(tag tlv.Tag, value []byte) {
	if err := t.Data.Set(tag, value); err != nil && t.full == nil {
		t.full = err
	}
}

// setTVR sets a bit of the Terminal Verification Results and reports the rule that asked for it.
func (t *transaction) setTVR(b kernel.Bit, stage, code, ref string) {
	if v := t.Data.Get(tagTVR); v != nil {
		b.Set(v)
	}
	t.Note(stage, code, ref)
}
