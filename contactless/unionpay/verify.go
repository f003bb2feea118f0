package unionpay

import (
	"bytes"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
)

// verifyCardholder is Cardholder Verification (C-7, 3.6). The CVM List is not looked at: the CTQ takes its place. It comes
// before offline data authentication, as in the public implementation that is nearest to the book.
func (t *transaction) verifyCardholder() kernel.Outcome {
	t.Step(stageCVM, "C-7, 3.6")
	if t.ctq() == nil {
		return t.verifyWithoutCTQ()
	}
	return t.verifyByCTQ()
}

// verifyWithoutCTQ is C-7, 3.6.1: the card left the choice to the reader.
func (t *transaction) verifyWithoutCTQ() kernel.Outcome {
	switch {
	case !t.TTQ(contactless.TTQCVMRequired):
		return t.verifiedBy(kernel.NoCVM)
	case t.TTQ(contactless.TTQSignature):
		return t.verifiedBy(kernel.ObtainSignature)
	case t.TTQ(contactless.TTQOnlinePIN):
		return t.verifiedOnline("C-7, 3.6.1")
	default:
		return t.declined(stageCVM, "c7.no_common_cvm", "C-7, 3.6.1")
	}
}

// verifyByCTQ is what the card asks for, which it may do where the reader does not.
func (t *transaction) verifyByCTQ() kernel.Outcome {
	ctq := t.ctq()
	// C-7, 3.6.6: below the reader's limit no PIN and no signature. What a device verified counts all the same.
	asked := !t.options.NoCVMBelowLimit || t.TTQ(contactless.TTQCVMRequired)
	switch {
	case asked && ctqOnlinePIN.In(ctq) && t.TTQ(contactless.TTQOnlinePIN): // C-7, 3.6.2
		return t.verifiedOnline("C-7, 3.6.2")
	case ctqConsumerDeviceCVM.In(ctq): // C-7, 3.6.3
		if !t.deviceCVMHolds() {
			return t.declined(stageCVM, "c7.cdcvm_unproven", "C-7, 3.6.3")
		}
		return t.verifiedBy(kernel.ConfirmationCodeVerified)
	case asked && ctqOnlinePIN.In(ctq): // C-7, 3.6.2: no signature in the place of a PIN
		return t.declined(stageCVM, "c7.no_online_pin", "C-7, 3.6.2")
	case asked && ctqSignature.In(ctq): // C-7, 3.6.4
		if !t.TTQ(contactless.TTQSignature) {
			return t.declined(stageCVM, "c7.no_signature_line", "C-7, 3.6.4")
		}
		return t.verifiedBy(kernel.ObtainSignature)
	case t.TTQ(contactless.TTQCVMRequired): // C-7, 3.6.5
		return t.declined(stageCVM, "c7.no_common_cvm", "C-7, 3.6.5")
	}
	return t.verifiedBy(kernel.NoCVM)
}

// verifiedOnline asks for a PIN, which only the issuer can verify: a TC goes online with it.
func (t *transaction) verifiedOnline(ref string) kernel.Outcome {
	t.goOnline(stageCVM, "c7.online_pin", ref)
	return t.verifiedBy(kernel.OnlinePIN)
}

// The CVM Results (9F34) that tell a host what was done (Book 4, 6.3.4.5; the code of C-2 for a device's own). No public text
// says what C-7 puts there.
var results = [...][3]byte{
	kernel.NoCVM:                    {0x1F, 0x03, 0x02},
	kernel.ObtainSignature:          {0x1E, 0x03, 0x00},
	kernel.OnlinePIN:                {0x02, 0x03, 0x00},
	kernel.ConfirmationCodeVerified: {0x01, 0x03, 0x02},
}

func (t *transaction) verifiedBy(cvm kernel.CVM) kernel.Outcome {
	t.cvm = cvm
	t.set(tagCVMResults, results[cvm][:])
	return kernel.Outcome{}
}

// deviceCVMHolds reports whether the consumer device's word for its own verification is to be taken (C-7, 3.6.3): 9F69
// repeats the CTQ, or there is no 9F69 and the issuer will see for itself.
func (t *transaction) deviceCVMHolds() bool {
	if !t.Data.Has(tagCARD) {
		return t.cryptogram == kernel.ARQC
	}
	return t.sameCTQ()
}

// sameCTQ reports whether the copy of the CTQ in 9F69, which has eight bytes at least, is the CTQ. A card without CTQ has
// zeros there.
func (t *transaction) sameCTQ() bool {
	ctq := t.ctq()
	if ctq == nil {
		ctq = []byte{0, 0}
	}
	return bytes.Equal(t.Data.Get(tagCARD)[ctqCopyInCARD:ctqCopyInCARD+2], ctq)
}
