package discover

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Kernel is Kernel 6, to be given to contactless.New.
var Kernel contactless.Kernel = kernel6{}

type kernel6 struct{}

// ID returns '06'.
func (kernel6) ID() kernel.ID { return kernel.Discover }

// Scope returns the dictionary's scope of C-6.
func (kernel6) Scope() dict.Scope { return dict.C6 }

// Run processes one activation (C-6, 3).
func (kernel6) Run(ctx context.Context, a *contactless.Activation) (kernel.Outcome, error) {
	t := transaction{Activation: a, options: optionsOf(a.Combination)}
	out, err := t.run(ctx)
	if err == nil && t.full != nil { // an outcome that stands on data that are not all there would be worth nothing
		out = contactless.EndFor(stageComplete, t.full, "C-6, 3.8")
	}
	return out, err
}

func (t *transaction) run(ctx context.Context) (kernel.Outcome, error) {
	if t.Answer.HasEMVData() {
		return t.updateIssuer(ctx) // C-6, 3.9
	}
	if out, err := t.activate(); err != nil || out.Made() { // C-6, 3.1
		return out, err
	}
	if out, err := t.initiate(ctx); err != nil || out.Made() { // C-6, 3.2
		return out, err
	}
	if out, err := t.readRecords(ctx); err != nil || out.Made() { // C-6, 3.3
		return out, err
	}
	if t.mode != emvMode {
		return t.completeMagstripe(), nil // C-6, 3.10
	}
	t.authenticateOffline()                      // C-6, 3.4
	if out := t.verifyCardholder(); out.Made() { // C-6, 3.5
		return out, nil
	}
	t.restrictProcessing()        // C-6, 3.6
	return t.analyseAction(), nil // C-6, 3.7
}

// transaction is one run of the kernel.
type transaction struct {
	*contactless.Activation
	options *Options

	mode       mode
	cryptogram kernel.Cryptogram
	signed     bool   // the card's cryptogram is inside its signature
	pdolData   []byte // the values that the PDOL asked for, as they were sent
	answer     []byte // the objects of the answer to GET PROCESSING OPTIONS
	track2     kernel.Track2

	cdaFailed bool
	cvm       kernel.CVM

	full error // there was no room for a data object
}

// mode is how card and reader work together (C-6, 3.1.3).
type mode uint8

const (
	emvMode       mode = iota
	magstripeMode      // D-PAS mag-stripe mode
	zipMode            // its predecessor, with an AID of its own
)

// cpr returns the Card Processing Requirements.
func (t *transaction) cpr() []byte { return t.Data.Get(tagCPR) }

// set writes a data object. That there is no room ends the transaction when it is over.
func (t *transaction) set(tag tlv.Tag, value []byte) {
	if err := t.Data.Set(tag, value); err != nil && t.full == nil {
		t.full = err
	}
}

// setTVR sets a bit of the Terminal Verification Results and reports the rule that asked for it.
func (t *transaction) setTVR(b kernel.Bit, stage, code, ref string) {
	b.Set(t.Data.Get(tagTVR))
	t.Note(stage, code, ref)
}

// setTSI sets a bit of the Transaction Status Information.
func (t *transaction) setTSI(b kernel.Bit) { b.Set(t.Data.Get(tagTSI)) }
