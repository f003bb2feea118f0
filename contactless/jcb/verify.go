package jcb

import "github.com/cardwright/emv/kernel"

// The CVM Results (9F34) of the methods (C-5, 3.8.7).
var results = [...][3]byte{
	kernel.NoCVM:                    {0x1F, 0x00, 0x02},
	kernel.ObtainSignature:          {0x1E, 0x00, 0x00},
	kernel.OnlinePIN:                {0x02, 0x00, 0x00},
	kernel.ConfirmationCodeVerified: {0x01, 0x00, 0x02},
}

// verifyCardholder is Cardholder Verification in EMV mode (C-5, 3.8.7): the card has chosen by the dynamic Terminal
// Interchange Profile that CDOL1 told it, and says so in the Cardholder Verification Status. The CVM List is not looked at.
func (t *transaction) verifyCardholder() kernel.Outcome {
	t.Step(stageCVM, "C-5, 3.8.7")
	const ref = "C-5, 3.8.7"
	status := t.Data.Get(tagCVStatus)[0]
	device := status&0xF0 == statusDevice
	switch {
	case status == statusNoCVM && t.mayPassUnverified():
		t.verifiedBy(kernel.NoCVM)
	case status == statusSignature && t.tip(tipSignature):
		t.verifiedBy(kernel.ObtainSignature)
	case status == statusOnlinePIN && t.given == kernel.TC:
		// The PIN would be verified by nobody. No text has the rule.
		return t.declined(stageCVM, "c5.online_pin_offline", "C-5, 3.8.8")
	case status == statusOnlinePIN && t.tip(tipOnlinePIN):
		t.verifiedBy(kernel.OnlinePIN)
	case device && t.tip(tipDeviceCVM):
		t.verifiedBy(kernel.ConfirmationCodeVerified)
	case status == statusNoCVM, status == statusSignature, status == statusOnlinePIN, device:
		return t.declined(stageCVM, "c5.no_common_cvm", ref)
	default: // older versions let the reader choose here
		return t.declined(stageCVM, "c5.cvm_status", ref)
	}
	return kernel.Outcome{}
}

// mayPassUnverified reports whether a transaction may do without verification: where the reader asks for none, and at a
// gate of public transport, which can't (9F53 byte 1 b3).
func (t *transaction) mayPassUnverified() bool { return !t.tip(tipCVMRequired) || t.tip(tipTransit) }

func (t *transaction) verifiedBy(cvm kernel.CVM) {
	t.cvm = cvm
	t.set(tagCVMResults, results[cvm][:])
}

// checkLimit is C-5, 3.8.9, of versions with a limit for cards and one for devices: which of them counts, the card's choice
// has told.
func (t *transaction) checkLimit() kernel.Outcome {
	limit := t.options.Limit
	if t.cvm == kernel.ConfirmationCodeVerified {
		limit = t.options.LimitOnDevice
	}
	if limit == nil || t.Transaction.Amount < *limit {
		return kernel.Outcome{}
	}
	if t.tip(tipContactChip) {
		return t.tryAnother(t.Note(stageCVM, errLimit.Code, "C-5, 3.8.9"))
	}
	return t.declined(stageCVM, errLimit.Code, "C-5, 3.8.9")
}
