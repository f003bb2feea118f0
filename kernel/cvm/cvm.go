package cvm

import (
	"context"
	"errors"

	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/tvr"
)

// Input is what the stage works on.
type Input struct {
	Env    *kernel.Env
	Card   *kernel.Link
	Data   *kernel.Data
	PINPad kernel.PINPad // nil: there is none

	// For the key of an enciphered offline PIN: the static data of the transaction's records, and a verifier.
	Static *oda.Static
	Cert   *cert.Verifier
}

// Result is what became of cardholder verification.
type Result struct {
	Results   [3]byte // CVM Results (9F34; Book 4, 6.3.4.5)
	Signature bool    // the cardholder's signature is to be obtained
	OnlinePIN bool    // the PIN pad holds a PIN for the online request
	NoCVM     bool    // no verification was required
	End       End     // the transaction must not go on
	Why       kernel.Reason
}

// End says why a transaction can't go on after the stage.
type End uint8

// The ends. NotEnded is the rule: failed verification is in the TVR, and the transaction goes on.
const (
	NotEnded  End = iota
	Cancelled     // the cardholder cancelled at the PIN pad
	TimedOut      // the cardholder did not enter a PIN in time
	Malformed     // the CVM List does not consist of whole rules
)

// CVM returns the verification as an outcome names it. An offline PIN that the card verified leaves nothing to do and
// has no name there.
func (r *Result) CVM() kernel.CVM {
	switch {
	case r.Signature:
		return kernel.ObtainSignature
	case r.OnlinePIN:
		return kernel.OnlinePIN
	case r.NoCVM:
		return kernel.NoCVM
	}
	return kernel.NotApplicable
}

// The results of CVM Results byte 3 (Book 4, Annex A4).
const (
	unknown    = 0x00
	failed     = 0x01
	successful = 0x02
)

// notPerformed is CVM Results byte 1 where no CVM was performed (Book 4, Annex A4).
const notPerformed = 0x3F

// Perform verifies the cardholder and writes CVM Results (9F34), TVR (95) and TSI (9B).
//
// The error wraps a card error when the card did not answer, or is ctx's, the PIN pad's, Env.Rand's,
// kernel.ErrDataFull or the driver's. The data objects hold then what had been found.
func Perform(ctx context.Context, in Input) (Result, error) {
	v := verification{Input: in, r: tvr.Load(in.Env, in.Data, stage, "Book 3, 10.5"), tries: -1}
	v.out.Results = [3]byte{notPerformed, 0, 0}
	err := v.perform(ctx)
	stored := errors.Join(v.r.Store(in.Data), in.Data.Set(tagCVMResults, v.out.Results[:]))
	if err == nil {
		err = stored
	}
	return v.out, err
}

// verification is one run of the stage.
type verification struct {
	Input
	r   tvr.Results
	out Result

	tries    int  // PIN tries left as the card last said, -1 for unknown
	bypassed bool // the cardholder or the merchant bypassed a PIN
}

// perform is Book 3, 10.5, in front of the rules: whether there is anything to do.
func (v *verification) perform(ctx context.Context) error {
	if aip := v.Data.Get(tagAIP); aip != nil && !kernel.AIPCVM.In(aip) {
		v.note("cvm.not_supported", "Book 3, 10.5")
		return nil
	}
	list := v.Data.Get(tagCVMList)
	if len(list) < rulesAt+ruleSize { // one without rules counts as absent
		v.r.Mark(tvr.ICCDataMissing, "cvm.no_list", "Book 3, 10.5")
		v.because("cvm.no_list", "Book 3, 10.5")
		return nil
	}
	if len(list)%ruleSize != 0 {
		v.out.End = Malformed
		v.note("cvm.list", "Book 3, Annex C3")
		return nil
	}
	return v.applyRules(ctx, list)
}

// applyRules takes the rules in order until one is successful, or one fails and does not let the next one be applied
// (Book 3, 10.5).
func (v *verification) applyRules(ctx context.Context, list []byte) error {
	v.r.Performed(tvr.CVMPerformed)
	v.out.Results[2] = failed
	for rules := list[rulesAt:]; len(rules) > 0; rules = rules[ruleSize:] {
		rule := rule{code: rules[0], condition: rules[1]}
		if !v.satisfied(rule, list) {
			continue
		}
		success, err := v.apply(ctx, rule)
		if err != nil || v.out.End != NotEnded || success {
			return err
		}
		if !rule.succeeding() {
			break
		}
	}
	v.r.Mark(tvr.CVMNotSuccessful, "cvm.not_successful", "Book 3, 10.5")
	v.because("cvm.not_successful", "Book 3, 10.5")
	return nil
}

// apply performs the method of a rule whose condition is satisfied, if the terminal can, and reports whether it was
// successful.
func (v *verification) apply(ctx context.Context, r rule) (bool, error) {
	m, recognised := r.method()
	switch {
	case !recognised:
		v.r.Mark(tvr.UnrecognisedCVM, "cvm.unrecognised", "Book 3, 10.5")
		return false, nil
	case !v.supports(m):
		v.refuse(m)
		return false, nil
	}
	result, err := v.performMethod(ctx, m)
	// Book 4, 6.3.4.5: CVM Results tell of the last CVM that was performed.
	v.out.Results = [3]byte{r.code, r.condition, result}
	return result != failed, err
}

// performMethod performs a method that the terminal supports. One that consists of two needs both (Book 3, 10.5.4).
func (v *verification) performMethod(ctx context.Context, m method) (byte, error) {
	if m == failProcessing {
		return failed, nil
	}
	if m.offlinePIN() {
		verified, err := v.verifyOffline(ctx, m.enciphered())
		if err != nil || !verified {
			return failed, err
		}
		if !m.signature() {
			v.because("cvm.offline_pin", "Book 3, 10.5.1")
			return successful, nil
		}
	}
	switch {
	case m == onlinePIN:
		return v.enterOnline(ctx)
	case m.signature():
		// Book 3, 10.5.3: being able to take a signature is success; what it is worth, the merchant sees later.
		v.out.Signature = true
		v.because("cvm.signature", "Book 3, 10.5.3")
		return unknown, nil
	}
	v.out.NoCVM = true
	v.because("cvm.none_required", "Book 3, 10.5")
	return successful, nil
}

// because keeps what decided.
func (v *verification) because(code, ref string) {
	v.out.Why = kernel.Reason{Stage: stage, Code: code, Ref: ref}
}

// note keeps and reports what decided, where the TVR has no bit for it.
func (v *verification) note(code, ref string) {
	v.because(code, ref)
	v.tell(code, ref)
}

// tell reports a step that failed.
func (v *verification) tell(code, ref string) {
	if v.Env.Watched() {
		v.Env.Emit(kernel.DecisionEvent{Reason: kernel.Reason{Stage: stage, Code: code, Ref: ref}})
	}
}
