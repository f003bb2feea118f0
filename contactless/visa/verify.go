package visa

import (
	"bytes"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
)

// verifyCardholder is Cardholder Verification (C-3, 5.7). The CVM List is not looked at: the CTQ takes its place.
func (t *transaction) verifyCardholder() {
	if t.declineRequired {
		return
	}
	t.Step(stageCVM, "C-3, 5.7")
	if t.ctq() == nil {
		t.verifyWithoutCTQ()
		return
	}
	t.verifyByCTQ()
}

// verifyWithoutCTQ is C-3, 5.7.1.1: the card left the choice to the reader.
func (t *transaction) verifyWithoutCTQ() {
	const ref = "C-3, 5.7.1.1"
	switch {
	case !t.TTQ(contactless.TTQCVMRequired):
		t.cvm = kernel.NoCVM
	case t.TTQ(contactless.TTQSignature):
		t.cvm = kernel.ObtainSignature
	case t.TTQ(contactless.TTQOnlinePIN):
		// A PIN that is entered online needs an online request.
		t.cvm = kernel.OnlinePIN
		t.goOnline(stageCVM, "c3.online_pin", ref)
	default:
		t.decline(stageCVM, "c3.no_common_cvm", ref)
	}
}

// verifyByCTQ is C-3, 5.7.1.2 and 5.7.1.3. A card may ask for verification that the reader did not require.
func (t *transaction) verifyByCTQ() {
	const ref = "C-3, 5.7.1.2"
	ctq := t.ctq()
	switch {
	case ctqOnlinePIN.In(ctq) && t.TTQ(contactless.TTQOnlinePIN):
		t.cvm = kernel.OnlinePIN
		t.goOnline(stageCVM, "c3.online_pin", ref)
	case ctqConsumerDeviceCVM.In(ctq):
		if !t.deviceCVMHolds() {
			t.decline(stageCVM, "c3.cdcvm_unproven", ref)
			return
		}
		t.cvm = kernel.ConfirmationCodeVerified
	case ctqSignature.In(ctq) && t.TTQ(contactless.TTQSignature):
		t.cvm = kernel.ObtainSignature
	case t.TTQ(contactless.TTQCVMRequired): // 5.7.1.3
		t.decline(stageCVM, "c3.no_common_cvm", "C-3, 5.7.1.3")
	default:
		t.cvm = kernel.NoCVM
	}
}

// deviceCVMHolds reports whether the consumer device's word for its own verification is to be taken: 9F69 repeats the CTQ,
// or there is no 9F69 and the issuer will see for itself.
func (t *transaction) deviceCVMHolds() bool {
	card := t.Data.Get(tagCARD)
	if card == nil {
		return t.cryptogram == kernel.ARQC
	}
	return len(card) >= ctqCopyInCARD+2 && bytes.Equal(card[ctqCopyInCARD:ctqCopyInCARD+2], t.ctq())
}
