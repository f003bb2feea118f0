package mastercard

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Kernel is Kernel 2, to be given to contactless.New.
var Kernel contactless.Kernel = kernel2{}

type kernel2 struct{}

// ID returns '02'.
func (kernel2) ID() kernel.ID { return kernel.Mastercard }

// Scope returns the dictionary's scope of C-2.
func (kernel2) Scope() dict.Scope { return dict.C2 }

// Run processes one activation, from the ACT signal (C-2, S1) to the outcome.
func (kernel2) Run(ctx context.Context, a *contactless.Activation) (kernel.Outcome, error) {
	t := transaction{Activation: a, options: optionsOf(a.Combination)}
	out, err := t.run(ctx)
	if err != nil && stopped(ctx, err) { // STOP (C-2, S3)
		out = t.stop()
	}
	t.dx.forget()
	return out, err
}

// run is the part that both modes have in common.
func (t *transaction) run(ctx context.Context) (kernel.Outcome, error) {
	if out := t.idle(); out.Made() { // C-2, S1
		return out, nil
	}
	if err := t.beginExchange(ctx); err != nil { // C-2, S1.10, S1.15
		return kernel.Outcome{}, err
	}
	if out, err := t.waitPDOL(ctx); err != nil || out.Made() { // C-2, S2
		return out, err
	}
	if out, err := t.initiate(ctx); err != nil || out.Made() { // C-2, S3
		return out, err
	}
	if t.magstripe {
		return t.runMagstripe(ctx)
	}
	return t.runEMV(ctx)
}

// runEMV is EMV mode.
func (t *transaction) runEMV(ctx context.Context) (kernel.Outcome, error) {
	if out, err := t.resistRelay(ctx); err != nil || out.Made() { // C-2, SR1
		return out, err
	}
	if out, err := t.readRecords(ctx); err != nil || out.Made() { // C-2, S3R1, S4, S5
		return out, err
	}
	if out, err := t.waitFirstWrite(ctx, "C-2, S6"); err != nil || out.Made() { // C-2, S6
		return out, err
	}
	if out := t.checkCardData(); out.Made() { // C-2, S456
		return out, nil
	}
	if err := t.sendRest(ctx); err != nil { // C-2, S456.21
		return kernel.Outcome{}, err
	}
	if out := t.prepareCDA(); out.Made() { // C-2, S456.24
		return out, nil
	}
	t.setCapabilities()                                                 // C-2, S456.30
	if out, err := t.readBalanceBefore(ctx); err != nil || out.Made() { // C-2, 7.1, S16
		return out, err
	}
	t.restrictProcessing() // C-2, 7.7
	t.selectCVM()          // C-2, 7.5
	t.checkFloorLimit()    // C-2, S456.37
	t.analyseActions()     // C-2, 7.8

	if out, err := t.writeBefore(ctx); err != nil || out.Made() { // C-2, S12
		return out, err
	}
	if t.findTorn() { // C-2, S456.43
		return t.recoverAC(ctx) // C-2, S10, S11
	}
	return t.generateAC(ctx) // C-2, 7.6, S9, S910
}

// runMagstripe is mag-stripe mode.
func (t *transaction) runMagstripe(ctx context.Context) (kernel.Outcome, error) {
	if out, err := t.readTracks(ctx); err != nil || out.Made() { // C-2, S7
		return out, err
	}
	if out, err := t.waitFirstWrite(ctx, "C-2, S8"); err != nil || out.Made() { // C-2, S8
		return out, err
	}
	if out, err := t.prepareChecksum(ctx); err != nil || out.Made() { // C-2, S78
		return out, err
	}
	return t.computeChecksum(ctx) // C-2, S13, S14
}

// transaction is one run of the kernel: the data objects of C-2, Annex A that have no tag.
type transaction struct {
	*contactless.Activation
	options *Options

	magstripe bool              // which of the two modes
	deviceCVM bool              // card and reader both support on-device cardholder verification
	activeAFL []byte            // Active AFL
	limit     uint64            // Reader Contactless Transaction Limit
	cda       bool              // ODA Status: CDA
	static    int               // bytes of Static Data To Be Authenticated
	rrp       bool              // the relay resistance protocol was performed
	ac        kernel.Cryptogram // AC Type
	un        int               // nUN
	torn      int               // place in the log of the Torn Temp Record, when recovering
	recovered bool              // GENERATE AC follows a RECOVER AC that failed

	dx          exchange
	tornRecord  []byte // Torn Temp Record, where that transaction may have written into the card's slot
	tornSummary []byte // its DS Summary 1

	indication errorIndication
	cvm        kernel.CVM
	receipt    bool
	fieldOff   bool  // byte 7 of the Outcome Parameter Set is DF8130
	full       error // the first kernel object that found no room
}

// amount returns Amount, Authorised.
func (t *transaction) amount() uint64 { return t.Transaction.Amount }

// set writes an object of the kernel's. That there was no room is kept and ends the transaction before anything is
// approved.
func (t *transaction) set(tag tlv.Tag, value []byte) {
	if err := t.Data.Set(tag, value); err != nil {
		t.lack(err)
	}
}

// lack keeps the first object that found no room.
func (t *transaction) lack(err error) {
	if t.full == nil {
		t.full = err
	}
}

// setTVR sets a bit of the Terminal Verification Results.
func (t *transaction) setTVR(b kernel.Bit) { b.Set(t.Data.Get(tagTVR)) }
