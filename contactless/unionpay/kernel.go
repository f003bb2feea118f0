package unionpay

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Kernel is Kernel 7, to be given to contactless.New.
var Kernel contactless.Kernel = kernel7{}

type kernel7 struct{}

// ID returns '07'.
func (kernel7) ID() kernel.ID { return kernel.UnionPay }

// Scope returns the dictionary's scope of C-7.
func (kernel7) Scope() dict.Scope { return dict.C7 }

// Run processes one activation (C-7, 3).
func (kernel7) Run(ctx context.Context, a *contactless.Activation) (kernel.Outcome, error) {
	t := transaction{Activation: a, options: optionsOf(a.Combination)}
	out, err := t.run(ctx)
	if err == nil && t.full != nil { // an outcome that stands on data that are not all there would be worth nothing
		out = contactless.EndFor(stageComplete, t.full, "C-7, 3.8")
	}
	return out, err
}

func (t *transaction) run(ctx context.Context) (kernel.Outcome, error) {
	if out := t.prepare(); out.Made() { // C-7, 3.1
		return out, nil
	}
	if out, err := t.initiate(ctx); err != nil || out.Made() { // C-7, 3.2
		return out, err
	}
	if out, err := t.readRecords(ctx); err != nil || out.Made() { // C-7, 3.3
		return out, err
	}
	if out := t.checkCardData(); out.Made() { // C-7, 3.4
		return out, nil
	}
	t.takeCardDecision()                           // C-7, 3.4.2
	if out := t.restrictProcessing(); out.Made() { // C-7, 3.5
		return out, nil
	}
	if out := t.verifyCardholder(); out.Made() { // C-7, 3.6
		return out, nil
	}
	if out := t.authenticateOffline(); out.Made() { // C-7, 3.7
		return out, nil
	}
	return t.complete(), nil // C-7, 3.8
}

// transaction is one run of the kernel.
type transaction struct {
	*contactless.Activation
	options *Options

	cryptogram kernel.Cryptogram
	pan        kernel.PAN

	onlineRequired bool // the issuer is to decide
	why            kernel.Reason
	cvm            kernel.CVM

	full error // there was no room for a data object
}

// ctq returns the Card Transaction Qualifiers, nil where the card gave none.
func (t *transaction) ctq() []byte { return t.Data.Get(tagCTQ) }

// onlineCapable reports whether the reader can ask the issuer.
func (t *transaction) onlineCapable() bool { return !t.TTQ(contactless.TTQOfflineOnly) }

// goOnline leaves the decision to the issuer. The first reason is that of the outcome.
func (t *transaction) goOnline(stage, code, ref string) {
	if why := t.Note(stage, code, ref); !t.onlineRequired {
		t.why = why
	}
	t.onlineRequired = true
}

// set writes a data object. That there is no room ends the transaction when it is over.
func (t *transaction) set(tag tlv.Tag, value []byte) {
	if err := t.Data.Set(tag, value); err != nil && t.full == nil {
		t.full = err
	}
}
