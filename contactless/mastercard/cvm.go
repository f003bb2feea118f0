package mastercard

import (
	"bytes"
	"encoding/binary"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// The methods of a CVM Rule, low six bits of its first byte (Book 3, Annex C3).
const (
	methodMask      = 0x3F
	methodNext      = 0x40 // b7: apply the succeeding rule when this one fails
	methodFail      = 0x00
	methodOnlinePIN = 0x02
	methodSignature = 0x1E
	methodNone      = 0x1F
)

// capabilityOf returns the bit of the Terminal Capabilities (9F33 byte 2) by which a method is supported. It reports false
// for a method that the book does not know.
func capabilityOf(method byte) (all byte, known bool) {
	switch method & methodMask {
	case methodFail:
		return 0, true
	case 0x01: // plaintext PIN
		return 0x80, true
	case methodOnlinePIN:
		return 0x40, true
	case 0x03: // plaintext PIN and signature
		return 0xA0, true
	case 0x04: // enciphered PIN
		return 0x10, true
	case 0x05: // enciphered PIN and signature
		return 0x30, true
	case methodSignature:
		return 0x20, true
	case methodNone:
		return 0x08, true
	}
	return 0, false
}

// selectCVM is procedure 7.5, CVM Selection.
func (t *transaction) selectCVM() {
	t.Step(stageCVM, "C-2, 7.5")
	switch {
	case t.deviceCVM && t.cvmRequired(): // C-2, CVM.1
		t.selected(kernel.ConfirmationCodeVerified, 0x01, 0x00, 0x02)
		return
	case t.deviceCVM:
		t.selected(kernel.NoCVM, 0x3F, 0x00, 0x02)
		return
	case !kernel.AIPCVM.In(t.Data.Get(tagAIP)): // C-2, CVM.5
		t.selected(kernel.NoCVM, 0x3F, 0x00, 0x00)
		return
	}
	const head = 8 // the amounts X and Y
	list := t.Data.Get(tagCVMList)
	if len(list) < head+2 { // C-2, CVM.7
		t.setTVR(tvr.ICCDataMissing)
		t.selected(kernel.NoCVM, 0x3F, 0x00, 0x00)
		return
	}
	x, y := binary.BigEndian.Uint32(list), binary.BigEndian.Uint32(list[4:])
	for rules := list[head:]; len(rules) >= 2; rules = rules[2:] {
		method, condition := rules[0], rules[1]
		if !t.conditionMet(method, condition, uint64(x), uint64(y)) { // C-2, CVM.9
			continue
		}
		capability, known := capabilityOf(method)
		if !known { // C-2, CVM.15
			t.setTVR(tvr.UnrecognisedCVM)
			t.Note(stageCVM, "c2.cvm_unknown", "C-2, CVM.16")
		} else if capability != 0 && t.capable(capability) { // C-2, CVM.17
			t.apply(method, condition)
			return
		}
		if method&methodNext == 0 { // C-2, CVM.19
			t.failCVM(method, condition)
			return
		}
	}
	t.failCVM(0x3F, 0x00)
}

// capable reports whether the terminal supports a method that needs these capabilities.
func (t *transaction) capable(capability byte) bool {
	return t.Data.Get(tagTermCap)[1]&capability == capability
}

// conditionMet is the condition of a rule (Book 3, table 40). One that is not known, or whose data are not there, is not
// met. Below X is less than X and above X is more: an amount of X is neither.
func (t *transaction) conditionMet(method, condition byte, x, y uint64) bool {
	unattended := t.Transaction.Type.IsCash() && t.byteOf(tagTermType)&0x0F >= 4 && t.byteOf(tagTermType)&0x0F <= 6
	manual := t.Transaction.Type.IsCash() && !unattended
	cashback := t.Transaction.Type == kernel.PurchaseWithCashback
	switch condition {
	case 0x00: // always
		return true
	case 0x01:
		return unattended
	case 0x02:
		return !unattended && !manual && !cashback
	case 0x03: // if the terminal supports the CVM
		capability, _ := capabilityOf(method)
		return capability != 0 && t.capable(capability)
	case 0x04:
		return manual
	case 0x05:
		return cashback
	}
	currency := t.Data.Get(tagAppCurrency)
	if currency == nil || !bytes.Equal(currency, t.Data.Get(tagCurrency)) {
		return false
	}
	switch condition {
	case 0x06:
		return t.amount() < x
	case 0x07:
		return t.amount() > x
	case 0x08:
		return t.amount() < y
	case 0x09:
		return t.amount() > y
	}
	return false
}

// apply takes a method that is supported (C-2, CVM.18). Those of the contact interface leave no method in the outcome.
func (t *transaction) apply(method, condition byte) {
	switch method & methodMask {
	case methodOnlinePIN:
		t.selected(kernel.OnlinePIN, method, condition, 0x00)
		t.setTVR(tvr.OnlinePINEntered)
	case methodSignature:
		t.selected(kernel.ObtainSignature, method, condition, 0x00)
		t.receipt = true
	case methodNone:
		t.selected(kernel.NoCVM, method, condition, 0x02)
	default:
		t.selected(kernel.NotApplicable, method, condition, 0x00)
	}
}

// failCVM is verification that failed (C-2, CVM.22): the rule is named where it was "fail CVM processing".
func (t *transaction) failCVM(method, condition byte) {
	t.setTVR(tvr.CVMNotSuccessful)
	t.Note(stageCVM, "c2.cvm_failed", "C-2, CVM.22")
	if method&methodMask != methodFail {
		method, condition = 0x3F, 0x00
	}
	t.selected(kernel.NoCVM, method, condition, 0x01)
}

// selected writes the CVM of the outcome and the CVM Results (9F34).
func (t *transaction) selected(cvm kernel.CVM, method, condition, result byte) {
	t.cvm = cvm
	t.set(tagCVMResults, []byte{method, condition, result})
}
