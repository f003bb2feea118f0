package discover

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// analyseAction is Terminal Action Analysis (C-6, 3.7): the card's cryptogram, what the reader found out, and what the
// card wants done about that. Action codes of terminal and issuer have no part in it.
func (t *transaction) analyseAction() kernel.Outcome {
	t.Step(stageAction, "C-6, 3.7")
	if t.cryptogram == kernel.AAC {
		return t.analyseAAC()
	}
	if t.cdaFailed {
		cpr := t.cpr()
		switch { // C-6, 3.7.2
		case cprSwitchIfCDAFails.In(cpr):
			return t.switchOrDecline("c6.cda_failed", "C-6, 3.7.2")
		case cprOnlineIfCDAFails.In(cpr):
			return t.goOnline("c6.cda_failed", "C-6, 3.7.2")
		}
	}
	if out := t.analyseResults(); out.Made() {
		return out
	}
	return t.analyseCryptogram()
}

// analyseAAC is C-6, 3.7.1: an AAC declines, but for a loyalty transaction whose PID limit is reached. That one is
// approved where the reader takes part, and only when the signature over the AAC was verified.
func (t *transaction) analyseAAC() kernel.Outcome {
	const ref = "C-6, 3.7.1"
	switch {
	case !cprPIDLimit.In(t.cpr()) || !t.options.PIDLimit:
		return t.declined("c6.aac", ref)
	case t.cdaFailed:
		return t.declined("c6.cda_failed", ref)
	}
	return t.approved("c6.pid_limit", ref)
}

// analyseResults is what the Terminal Verification Results lead to (C-6, 3.7.3). An expired card whose issuer wants nothing
// done about it goes on: no rule stands against that.
func (t *transaction) analyseResults() kernel.Outcome {
	const ref = "C-6, 3.7.3"
	results, cpr := t.Data.Get(tagTVR), t.cpr()
	switch {
	case tvr.ServiceNotAllowed.In(results):
		return t.declined("c6.service_not_allowed", ref)
	case tvr.OnExceptionFile.In(results):
		return t.declined("c6.exception_file", ref)
	case tvr.ICCDataMissing.In(results):
		return t.declined("c6.data_missing", ref)
	case tvr.Expired.In(results) && cprDeclineIfExpired.In(cpr):
		return t.declined("c6.expired", ref)
	case tvr.Expired.In(results) && cprOnlineIfExpired.In(cpr):
		return t.goOnline("c6.expired", ref)
	case tvr.NotYetEffective.In(results):
		return t.goOnline("c6.not_effective", ref)
	}
	return kernel.Outcome{}
}

// analyseCryptogram is the rest: nothing stands against what the card decided (C-6, 3.7.4).
func (t *transaction) analyseCryptogram() kernel.Outcome {
	const ref = "C-6, 3.7.4"
	switch {
	case t.cryptogram == kernel.ARQC:
		return t.goOnline("c6.arqc", ref)
	case t.TTQ(contactless.TTQOnlineCryptogram): // the card was told that a TC is not wanted
		return t.declined("c6.tc_not_asked_for", ref)
	case t.cdaFailed:
		return t.declined("c6.cda_failed", ref)
	case t.cvm == kernel.OnlinePIN:
		// Public code approves here. The PIN would be verified by nobody.
		return t.declined("c6.online_pin_offline", ref)
	}
	return t.approved("c6.tc", ref)
}

// goOnline asks for the issuer, where the reader can (C-6, 3.7.5). Code applies the rule to what goes wrong only, and not
// to an ARQC; a reader that is offline only can't take that online either.
func (t *transaction) goOnline(code, ref string) kernel.Outcome {
	if !t.TTQ(contactless.TTQOfflineOnly) {
		return t.onlineRequest(code, ref)
	}
	t.Note(stageAction, code, ref)
	if cprSwitchIfOffline.In(t.cpr()) {
		return t.switchOrDecline("c6.offline_only", "C-6, 3.7.5")
	}
	return t.declined("c6.offline_only", "C-6, 3.7.5")
}

// switchOrDecline asks for another interface where the reader has one (C-6, 3.7.6).
func (t *transaction) switchOrDecline(code, ref string) kernel.Outcome {
	if t.hasOther() {
		return t.tryAnother(kernel.Reason{Stage: stageAction, Code: code, Ref: ref})
	}
	return t.declined(code, "C-6, 3.7.6")
}
