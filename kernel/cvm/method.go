package cvm

import "github.com/cardwright/emv/kernel"

import "github.com/cardwright/emv/kernel/tvr"

// rule is one Cardholder Verification Rule (Book 3, Annex C3).
type rule struct{ code, condition byte }

// succeeding reports whether the next rule is applied when this one fails (b7).
func (r rule) succeeding() bool { return r.code&0x40 != 0 }

// method returns the method of the rule (b6 to b1), and whether it is one that the terminal understands. b8 is RFU and
// not looked at.
func (r rule) method() (method, bool) {
	m := method(r.code & 0x3F)
	switch {
	case m <= voiceOnline: // the methods that Annex C3 defines, biometric ones included
		return m, true
	case m == signature, m == noCVM:
		return m, true
	}
	return m, false
}

// method is b6 to b1 of a CVM code (Book 3, Annex C3).
type method byte

const (
	failProcessing         method = 0x00
	plaintextPIN           method = 0x01
	onlinePIN              method = 0x02
	plaintextAndSignature  method = 0x03
	encipheredPIN          method = 0x04
	encipheredAndSignature method = 0x05
	faceOffline            method = 0x06 // the first biometric method
	voiceOnline            method = 0x0F // the last biometric method
	signature              method = 0x1E
	noCVM                  method = 0x1F
)

func (m method) offlinePIN() bool {
	return m == plaintextPIN || m == plaintextAndSignature || m.enciphered()
}

func (m method) enciphered() bool { return m == encipheredPIN || m == encipheredAndSignature }

func (m method) signature() bool {
	return m == signature || m == plaintextAndSignature || m == encipheredAndSignature
}

func (m method) biometric() bool { return m >= faceOffline && m <= voiceOnline }

// supports reports whether the terminal supports a method that it recognises: all parts of it (Book 3, 10.5; Book 4,
// Annex A2). "Fail CVM processing" needs nothing.
func (v *verification) supports(m method) bool {
	can := v.Data.Get(tagCapabilities)
	switch {
	case m.biometric():
		return false
	case m.signature() && !kernel.CapSignature.In(can):
		return false
	case m.enciphered():
		return kernel.CapEncipheredPIN.In(can)
	case m.offlinePIN():
		return kernel.CapPlaintextPIN.In(can)
	case m == onlinePIN:
		return kernel.CapOnlinePIN.In(can)
	case m == noCVM:
		return kernel.CapNoCVM.In(can)
	}
	return true
}

// refuse is what a method that is not supported leaves in the TVR: a PIN that the terminal can't take counts as one whose
// PIN pad is missing. A terminal that supports offline PIN in one form is said to support it, even where the card wants
// the other (Book 3, 10.5.1 and its footnote).
func (v *verification) refuse(m method) {
	can := v.Data.Get(tagCapabilities)
	switch {
	case m.offlinePIN() && !kernel.CapPlaintextPIN.In(can) && !kernel.CapEncipheredPIN.In(can):
		v.r.Mark(tvr.PINPadMissing, "cvm.offline_pin_not_supported", "Book 3, 10.5.1")
	case m == onlinePIN:
		v.r.Mark(tvr.PINPadMissing, "cvm.online_pin_not_supported", "Book 3, 10.5.2")
	default:
		v.tell("cvm.method_not_supported", "Book 3, 10.5")
	}
}
