package contact

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
)

// After is what is left to do for the terminal when a transaction has ended.
type After struct {
	// Reversal: the issuer approved, and the transaction did not come to a TC. It must be told (Book 4, 12.2.4).
	Reversal bool

	// Advice: the card asks for an advice message (9F27 b4; Book 3, 10.8), which counts where the acquirer supports it.
	Advice bool

	// Reason is the Reason or advice code of the card's last cryptogram (9F27 b3 to b1), 0 for none.
	Reason byte

	// Unlogged is why an approved transaction could not be added to the journal, nil when it was.
	Unlogged error
}

// After returns what is left to do after the last transaction.
func (t *Terminal) After() After { return t.after }

// analyse is Terminal Action Analysis (Book 3, 10.7): what to ask the card for. The Authorisation Response Code of a
// transaction that does not go online is set before the card is asked, since its CDOL1 may want it (Book 4, Annex A6).
func (t *transaction) analyse() (action.Decision, error) {
	d := action.First(&t.env, t.data, t.application().Codes.OrMinimum())
	if d.Request == kernel.ARQC {
		return d, nil
	}
	arc := d.Request.ResponseOffline()
	return d, t.data.Set(tagARC, arc[:])
}

// cardAction is Card Action Analysis (Book 3, 10.8): the first GENERATE AC and what its answer leads to.
func (t *transaction) cardAction(ctx context.Context) (kernel.Outcome, error) {
	decision, err := t.analyse()
	if err != nil {
		return t.failed(stageAction, err, "Book 3, 10.7")
	}
	mode := t.config.CDAMode
	combined := t.combined && (decision.Request == kernel.TC ||
		decision.Request == kernel.ARQC && (mode == CDAMode1 || mode == CDAMode2))
	if t.combined && decision.Request == kernel.AAC {
		if out := t.notAuthenticated(); out.Made() {
			return out, nil
		}
	}
	g, out, err := t.generate(ctx, decision.Request, false, combined)
	if err != nil {
		return t.failed(stageGenerate, err, "Book 3, 10.8")
	}
	if out.Made() {
		return out, nil
	}
	var why error
	if combined && g.cryptogram != kernel.AAC {
		if out, why = t.checkCombined(g, false); out.Made() {
			return out, nil
		}
	}
	t.emitCryptogram(g.cryptogram)
	switch {
	case g.cryptogram == kernel.AAC:
		return t.declineOffline(decision)
	case why != nil && g.cryptogram == kernel.TC: // Book 2, 6.6.2: declined, and the card is not asked again
		return t.settle(kernel.DeclinedOffline, kernel.Reason{Stage: stageODA, Code: kernel.CodeOf(why), Ref: "Book 2, 6.6.2"})
	case why != nil: // an ARQC: an AAC at once, without going online
		return t.refuse(ctx, kernel.Reason{Stage: stageODA, Code: kernel.CodeOf(why), Ref: "Book 2, 6.6.2"})
	case g.cryptogram == kernel.TC:
		return t.settle(kernel.ApprovedOffline, kernel.Reason{Stage: stageGenerate, Code: "contact.tc", Ref: "Book 3, 10.8"})
	}
	return t.throughIssuer(ctx)
}

// declineOffline is an AAC to the first GENERATE AC: by the card, or by the terminal, whose reason counts then.
func (t *transaction) declineOffline(d action.Decision) (kernel.Outcome, error) {
	why := kernel.Reason{Stage: stageGenerate, Code: "contact.aac", Ref: "Book 3, 10.8"}
	if d.Request == kernel.AAC {
		why = d.Why
	}
	return t.settle(kernel.DeclinedOffline, why)
}

// refuse ends a transaction after an ARQC with an AAC, without the issuer.
func (t *transaction) refuse(ctx context.Context, why kernel.Reason) (kernel.Outcome, error) {
	arc := kernel.AAC.ResponseOffline()
	if err := t.data.Set(tagARC, arc[:]); err != nil {
		return t.failed(stageComplete, err, "Book 3, 10.11")
	}
	g, out, err := t.generate(ctx, kernel.AAC, true, false)
	if err != nil {
		return t.failed(stageComplete, err, "Book 3, 10.11")
	}
	if out.Made() {
		return out, nil
	}
	t.emitCryptogram(g.cryptogram)
	return t.settle(kernel.DeclinedOffline, why)
}

// throughIssuer is what follows an ARQC: the issuer, its authentication, its scripts, and completion.
func (t *transaction) throughIssuer(ctx context.Context) (kernel.Outcome, error) {
	// A TC was asked for, perhaps, and the code that went with it no longer holds.
	if err := t.data.Set(tagARC, nil); err != nil {
		return t.failed(stageOnline, err, "Book 4, Annex A6")
	}
	if err := t.goOnline(ctx); err != nil {
		return t.failed(stageOnline, err, "Book 3, 10.9")
	}
	if t.online {
		if out, err := t.authenticateIssuer(ctx); err != nil || out.Made() {
			return t.cut(out, err)
		}
		if err := t.runScripts(ctx, scriptsBefore); err != nil {
			return t.cut(t.failed(stageScript, err, "Book 3, 10.10"))
		}
	}
	return t.complete(ctx)
}

// complete is Completion (Book 3, 10.11): the second GENERATE AC, with what the issuer decided, or the terminal where it
// could not be reached.
func (t *transaction) complete(ctx context.Context) (kernel.Outcome, error) {
	request, why := kernel.AAC, kernel.Reason{Stage: stageComplete, Code: "contact.issuer_declined", Ref: "Book 4, 12.2.1"}
	approved, declined := kernel.ApprovedOnline, kernel.DeclinedOnline
	switch {
	case !t.online:
		d := action.Unable(&t.env, t.data, t.application().Codes.OrMinimum())
		request, why = d.Request, d.Why
		approved, declined = kernel.ApprovedOffline, kernel.DeclinedOffline
		arc := request.ResponseUnable()
		if err := t.data.Set(tagARC, arc[:]); err != nil {
			return t.failed(stageComplete, err, "Book 4, Annex A6")
		}
	case t.reply.Approved():
		request, why.Code = kernel.TC, "contact.issuer_approved"
	}
	mode := t.config.CDAMode
	combined := t.combined && request == kernel.TC && (!t.online || mode == CDAMode1 || mode == CDAMode4)
	g, out, err := t.generate(ctx, request, true, combined)
	if err != nil {
		return t.cut(t.failed(stageComplete, err, "Book 3, 10.11"))
	}
	if out.Made() {
		return t.cut(out, nil)
	}
	kind := declined
	if g.cryptogram == kernel.TC {
		kind = approved
		if combined {
			var failed error
			if out, failed = t.checkCombined(g, true); out.Made() {
				return t.cut(out, nil)
			}
			if failed != nil { // Book 2, 6.6.2: declined, whatever the issuer said
				kind, why = declined, kernel.Reason{Stage: stageODA, Code: kernel.CodeOf(failed), Ref: "Book 2, 6.6.2"}
			}
		}
	} else if request == kernel.TC {
		why = kernel.Reason{Stage: stageComplete, Code: "contact.card_refused", Ref: "Book 4, 12.2.4"}
	}
	t.emitCryptogram(g.cryptogram)
	// Scripts that come after completion change nothing of it, and a card that is taken out during them neither.
	if err := t.runScripts(ctx, scriptsAfter); err != nil && !kernel.IsCardError(err) {
		return t.cut(t.failed(stageScript, err, "Book 3, 10.10"))
	}
	t.after.Reversal = t.online && t.reply.Approved() && kind != approved
	return t.settle(kind, why)
}

// cut ends a transaction in which the issuer had answered and the card did not get to its end: an approval is reversed.
func (t *transaction) cut(out kernel.Outcome, err error) (kernel.Outcome, error) {
	t.after.Reversal = t.online && t.reply.Approved()
	out.Record = t.dataRecord()
	return out, err
}

// failed tells errors apart: what the card did not do ends the transaction, the rest is the caller's.
func (t *transaction) failed(stage string, err error, ref string) (kernel.Outcome, error) {
	if kernel.IsCardError(err) || isFull(err) {
		return t.end(stage, err, ref), nil
	}
	return kernel.Outcome{}, err
}

// settle makes the outcome of a transaction that came to its end.
func (t *transaction) settle(kind kernel.Kind, why kernel.Reason) (kernel.Outcome, error) {
	out := kernel.Outcome{Kind: kind, CVM: t.verified.CVM(), Why: why, Record: t.dataRecord()}
	reason := byte(0)
	if cid := t.data.Get(tagCID); cid != nil {
		reason = cid[0] & cidReason
	}
	t.after.Reason = reason
	t.log(kind)
	switch kind {
	case kernel.ApprovedOffline, kernel.ApprovedOnline:
		out.UI = t.message(kernel.MsgApproved, kernel.NoStatus)
		if t.verified.Signature {
			out.UI.Message, out.Receipt = kernel.MsgApprovedSign, true
		}
	default:
		out.CVM, out.UI = kernel.NotApplicable, t.message(kernel.MsgNotAuthorised, kernel.NoStatus)
		if reason == cidServiceRefused { // Book 4, 6.3.6: the card does not do this kind of transaction
			out.UI.Message = MsgNotAccepted
		}
	}
	return out, nil
}
