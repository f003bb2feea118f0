package amex

import "github.com/cardwright/emv/kernel"

// mobileCVM returns a byte of the Mobile CVM Results (9F71), counted from 0; zero where the card gave none.
func (t *transaction) mobileCVM(i int) byte {
	if v := t.Data.Get(tagMobileCVM); i < len(v) {
		return v[i]
	}
	return 0
}

// verifyByMobile is the rule of a phone's own verification (C-4, 3.5.4). A phone that has not verified its owner may be asked
// for it once; a blocked one can't.
func (t *transaction) verifyByMobile(method, condition byte) (bool, kernel.Outcome) {
	performed := t.mobileCVM(mobileMethod) == mobilePerformed
	result := t.mobileCVM(mobileResult)
	if performed && result == mobileSucceeded {
		t.verified(kernel.ConfirmationCodeVerified, method, condition, resultSucceeded)
		return true, kernel.Outcome{}
	}
	t.verified(kernel.NoCVM, method, condition, resultFailed)
	if !t.Data.Has(tagMobileCVM) || result == mobileBlocked || t.Restarted {
		t.Note(stageCVM, "c4.mobile_cvm", "C-4, 3.5.4")
		return false, kernel.Outcome{}
	}
	return false, t.seePhone("C-4, 3.5.4")
}

// seePhone sends the cardholder to the phone and begins anew, with the field off meanwhile (C-4, 3.5.4).
func (t *transaction) seePhone(ref string) kernel.Outcome {
	hold := t.options.seePhone()
	return kernel.Outcome{
		Kind: kernel.EndApplication, Start: kernel.StartB, FieldOff: hold,
		UI:        kernel.UIRequest{Message: kernel.MsgSeePhone, Status: kernel.ProcessingError, Hold: hold},
		UIRestart: kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead},
		Why:       kernel.Reason{Stage: stageCVM, Code: "c4.see_phone", Ref: ref},
	}
}
