package interac

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/restrict"
	"github.com/cardwright/emv/kernel/tvr"
)

// restrictProcessing is Processing Restrictions (Book 3, 10.4). It leaves its findings in the TVR.
func (t *transaction) restrictProcessing() {
	if err := restrict.Perform(t.Env, t.Data); err != nil && t.full == nil {
		t.full = err
	}
}

// The CVM Results (9F34; Book 4, Annex A4) that the kernel writes.
var (
	resultsNoCVM     = [3]byte{0x1F, 0x03, 0x02} // no CVM required, if the terminal supports it: successful
	resultsOnlinePIN = [3]byte{0x02, 0x03, 0x00} // online PIN, if the terminal supports it: not known yet
)

// verifyCardholder is Cardholder Verification by amount (Interac, A13). The CVM List is the contact interface's: its PINs
// are entered there. A phone has verified its owner before it answers; the issuer sees from the token that it is one.
func (t *transaction) verifyCardholder() kernel.Outcome {
	t.Step(stageCVM, "Interac, A13")
	switch {
	case !t.cvmRequired():
		t.cvm = kernel.NoCVM
		t.set(tagCVMResults, resultsNoCVM[:])
	case t.phone:
		t.cvm = kernel.ConfirmationCodeVerified
		t.set(tagCVMResults, resultsNoCVM[:])
		t.Note(stageCVM, "interac.device_cvm", "Interac, A13")
	case t.tti(ttiOnlinePIN):
		t.cvm = kernel.OnlinePIN
		t.set(tagCVMResults, resultsOnlinePIN[:])
		t.mark(tvr.OnlinePINEntered, stageCVM, "interac.online_pin", "Interac, A13")
	default:
		return t.otherInterface(kernel.Reason{Stage: stageCVM, Code: "interac.cvm_required", Ref: "Interac, A13"})
	}
	return kernel.Outcome{}
}
