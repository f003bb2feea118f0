package discover

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// verifyCardholder is Cardholder Verification (C-6, 3.5). The CVM List is not looked at: the card asks for a method in its
// Card Processing Requirements, and says what may take its place.
func (t *transaction) verifyCardholder() kernel.Outcome {
	cpr := t.cpr()
	pin, signature := cprOnlinePIN.In(cpr), cprSignature.In(cpr)
	if !t.TTQ(contactless.TTQCVMRequired) && !pin && !signature { // C-6, 3.5.1: nobody asks
		t.set(tagCVMResults, []byte{0x3F, 0x00, 0x00})
		return kernel.Outcome{}
	}
	t.Step(stageCVM, "C-6, 3.5")
	t.setTSI(tvr.CVMPerformed)
	switch {
	case pin && t.TTQ(contactless.TTQOnlinePIN): // C-6, 3.5.2
		t.setTVR(tvr.OnlinePINEntered, stageCVM, "c6.online_pin", "C-6, 3.5.2")
		return t.verifiedBy(kernel.OnlinePIN)
	case pin && cprFallbackSignature.In(cpr) && t.TTQ(contactless.TTQSignature):
		return t.verifiedBy(kernel.ObtainSignature)
	case !pin && signature && t.TTQ(contactless.TTQSignature): // C-6, 3.5.3
		return t.verifiedBy(kernel.ObtainSignature)
	case t.TTQ(contactless.TTQConsumerDeviceCVM) && cprConsumerDeviceCVM.In(cpr):
		return t.verifyOnDevice()
	case t.noCVMAllowed():
		return t.verifiedBy(kernel.NoCVM)
	}
	t.setTVR(tvr.CVMNotSuccessful, stageCVM, "c6.no_common_cvm", "C-6, 3.5.6")
	return t.tryAnotherOrEnd(stageCVM, "c6.no_common_cvm", "C-6, 3.5.6")
}

// verifyOnDevice takes a consumer device's word for its own verification where the Card Verification Results, which the
// issuer sees, repeat it (C-6, 3.5.4).
func (t *transaction) verifyOnDevice() kernel.Outcome {
	const ref = "C-6, 3.5.4"
	cvr := t.Data.Get(tagCVR)
	switch {
	case cvrConfirmed.In(cvr) && !cvrConfirmationFailed.In(cvr):
		return t.verifiedBy(kernel.ConfirmationCodeVerified)
	case cprFallbackSignature.In(t.cpr()) && t.TTQ(contactless.TTQSignature):
		return t.verifiedBy(kernel.ObtainSignature)
	case t.noCVMAllowed():
		return t.verifiedBy(kernel.NoCVM)
	}
	t.setTVR(tvr.CVMNotSuccessful, stageCVM, "c6.cdcvm_unproven", ref)
	return contactless.EndApplication(kernel.Reason{Stage: stageCVM, Code: "c6.cdcvm_unproven", Ref: ref})
}

// noCVMAllowed reports whether card and reader both let the transaction go without verification (C-6, 3.5.5). The reader's
// part (9F33 byte 2 b4) was added by a later bulletin; its default has it, so that both readings agree there.
func (t *transaction) noCVMAllowed() bool {
	return cprFallbackNoCVM.In(t.cpr()) && kernel.CapNoCVM.In(t.Data.Get(tagTermCap))
}

// The CVM Results (9F34) that tell a host what was done (Book 4, 6.3.4.5; the code of C-2 for a device's own): the book
// asks for none, so all of it is this kernel's reading.
var results = [...][3]byte{
	kernel.NoCVM:                    {0x1F, 0x00, 0x02},
	kernel.ObtainSignature:          {0x1E, 0x00, 0x00},
	kernel.OnlinePIN:                {0x02, 0x00, 0x00},
	kernel.ConfirmationCodeVerified: {0x01, 0x00, 0x02},
}

func (t *transaction) verifiedBy(cvm kernel.CVM) kernel.Outcome {
	t.cvm = cvm
	t.set(tagCVMResults, results[cvm][:])
	return kernel.Outcome{}
}
