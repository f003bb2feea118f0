package amex

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cvm"
	"github.com/cardwright/emv/kernel/tvr"
)

// The methods of a CVM Rule, low six bits of its first byte (Book 3, Annex C3).
const (
	methodMask      = 0x3F
	methodNext      = 0x40 // b7: apply the succeeding rule when this one fails
	methodFail      = 0x00
	methodMobile    = 0x01 // plaintext PIN by the card; here the phone's own verification
	methodOnlinePIN = 0x02
	methodLastPIN   = 0x05 // the last method with a PIN
	methodSignature = 0x1E
	methodNone      = 0x1F
)

// A CVM List is amounts X and Y, and rules of two bytes (Book 3, Annex C3).
const rulesAt = 8

// The results of CVM Results byte 3 (Book 4, Annex A4).
const (
	resultUnknown   = 0x00
	resultFailed    = 0x01
	resultSucceeded = 0x02
)

// notPerformed is CVM Results byte 1 where no CVM was performed (Book 4, Annex A4).
const notPerformed = 0x3F

// verifyCardholder is Cardholder Verification (C-4, 3.5). What the reader supports, 9F6E says.
func (t *transaction) verifyCardholder() kernel.Outcome {
	t.Step(stageCVM, "C-4, 3.5")
	t.verified(kernel.NoCVM, notPerformed, 0x00, 0x00)
	supported := kernel.AIPCVM.In(t.Data.Get(tagAIP))
	rules := t.rules()
	if t.cvmRequired() { // 3.5.1
		switch {
		case !supported:
			return t.unableToVerify("c4.cvm_not_supported", "C-4, 3.5.1")
		case rules == nil:
			t.mark(tvr.ICCDataMissing, stageCVM, "c4.no_cvm_list", "C-4, 3.5.1")
			t.cvm = kernel.NotApplicable
			return kernel.Outcome{}
		}
		return t.applyRules(rules)
	}
	if t.mobile && t.mobileCVM(mobileMethod) == mobilePerformed && t.mobileCVM(mobileResult) == mobileFailed && !t.Restarted {
		return t.seePhone("C-4, 3.5.2")
	}
	switch {
	case !supported:
		return kernel.Outcome{}
	case t.says(enhancedExempt) || t.says(enhancedTransit): // the No-CVM check is not for these
		t.verified(kernel.NoCVM, methodNone, 0x00, resultSucceeded)
		return kernel.Outcome{}
	case rules == nil:
		t.mark(tvr.ICCDataMissing, stageCVM, "c4.no_cvm_list", "C-4, 3.5.2")
		return kernel.Outcome{}
	case t.noCVMRule(rules):
		return kernel.Outcome{}
	}
	return t.applyRules(rules)
}

// rules returns the rules of the CVM List, nil where it has none.
func (t *transaction) rules() []byte {
	list := t.Data.Get(tagCVMList)
	if len(list) < rulesAt+2 {
		return nil
	}
	return list[rulesAt:]
}

// noCVMRule is the No-CVM check (C-4, 3.5.2): below the limit a rule that asks for nothing counts wherever it stands.
func (t *transaction) noCVMRule(rules []byte) bool {
	for ; len(rules) >= 2; rules = rules[2:] {
		if rules[0]&methodMask == methodNone && t.satisfied(rules[0], rules[1]) {
			t.verified(kernel.NoCVM, rules[0], rules[1], resultSucceeded)
			return true
		}
	}
	return false
}

// satisfied is the condition of a rule (Book 3, 10.5).
func (t *transaction) satisfied(method, condition byte) bool {
	return cvm.Satisfied(t.Data, t.Data.Get(tagCVMList), condition, t.supports(method))
}

// supports reports whether reader and card can do a method (C-4, 3.5.3).
func (t *transaction) supports(method byte) bool {
	switch method & methodMask {
	case methodFail:
		return true
	case methodMobile:
		return t.mobile && t.says(enhancedMobileCVM)
	case methodOnlinePIN:
		return t.says(enhancedOnlinePIN)
	case methodSignature:
		return t.says(enhancedSignature)
	case methodNone:
		return !t.cvmRequired()
	}
	return false
}

// applyRules takes the rules of the CVM List in order (C-4, 3.5.3).
func (t *transaction) applyRules(rules []byte) kernel.Outcome {
	for ; len(rules) >= 2; rules = rules[2:] {
		method, condition := rules[0], rules[1]
		if !t.satisfied(method, condition) {
			continue
		}
		done, out := t.applyRule(method, condition)
		if done || out.Made() {
			return out
		}
		// The book's way with b7 is not public. A reader that honoured it failed test cases of the brand.
		if t.options.StopAtFailure && method&methodNext == 0 {
			break
		}
	}
	if t.byteOf(tagCVMResults) == notPerformed {
		t.verified(kernel.NoCVM, notPerformed, 0x00, resultFailed)
	}
	return t.unableToVerify("c4.cvm_failed", "C-4, 3.5.3")
}

// applyRule applies one rule whose condition is satisfied. It reports whether verification is done; an outcome ends the
// transaction.
func (t *transaction) applyRule(method, condition byte) (bool, kernel.Outcome) {
	switch m := method & methodMask; {
	case m > methodLastPIN && m != methodSignature && m != methodNone:
		t.mark(tvr.UnrecognisedCVM, stageCVM, "c4.cvm_unknown", "C-4, 3.5.3")
	case m == methodFail:
		t.verified(kernel.NoCVM, method, condition, resultFailed)
		return true, t.unableToVerify("c4.cvm_fail_rule", "C-4, 3.5.3")
	case !t.supports(method):
		t.refuse(m)
	case m == methodMobile:
		return t.verifyByMobile(method, condition)
	case m == methodOnlinePIN:
		t.mark(tvr.OnlinePINEntered, stageCVM, "c4.online_pin", "C-4, 3.5.3")
		t.verified(kernel.OnlinePIN, method, condition, resultUnknown)
		return true, kernel.Outcome{}
	case m == methodSignature:
		t.verified(kernel.ObtainSignature, method, condition, resultUnknown)
		return true, kernel.Outcome{}
	default: // none
		t.verified(kernel.NoCVM, method, condition, resultSucceeded)
		return true, kernel.Outcome{}
	}
	return false, kernel.Outcome{}
}

// refuse is what a method leaves in the TVR that is known and not supported (C-4, 3.5.3): a PIN that can't be entered. A plain
// card whose product is in a phone too shares its list with the phone, and its rule for the phone means nothing.
func (t *transaction) refuse(method byte) {
	shared := method == methodMobile && !t.mobile && cardMobile.In(t.Data.Get(tagCapabilities))
	if (method == methodOnlinePIN || method == methodMobile) && !shared {
		t.mark(tvr.PINPadMissing, stageCVM, "c4.cvm_not_possible", "C-4, 3.5.3")
	}
}

// verified writes the CVM of the outcome and the CVM Results (9F34).
func (t *transaction) verified(by kernel.CVM, method, condition, result byte) {
	t.cvm = by
	t.set(tagCVMResults, []byte{method, condition, result})
}

// unableToVerify is C-4, 3.5.5: contacts where there are any, and otherwise the action codes decide. The outcome names no
// method then: nobody was verified, and "no CVM" would say that nobody had to be.
func (t *transaction) unableToVerify(code, ref string) kernel.Outcome {
	t.mark(tvr.CVMNotSuccessful, stageCVM, code, ref)
	t.cvm = kernel.NotApplicable
	if !t.magstripe && t.contactPossible() {
		return contactless.InsertCard(kernel.Reason{Stage: stageCVM, Code: code, Ref: "C-4, 3.5.5"})
	}
	return kernel.Outcome{}
}
