package wallet

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects of Mastercard (C-2, Annex A).
const (
	tagThirdParty tlv.Tag = 0x9F6E // Third Party Data
	tagPCII       tlv.Tag = 0xDF4B // POS Cardholder Interaction Information
)

// Bits of them, and of the AIP (C-2, Annex A).
const (
	aipOnDeviceCVM = kernel.Bit(1<<8 | 0x02)
	pciiVerified   = kernel.Bit(2<<8 | 0x10) // offline CVM verification successful
	tvrCDAFailed   = kernel.Bit(1<<8 | 0x04)
)

// mastercardForms are the Device Types of Third Party Data: two digits (C-2, Annex A; Mastercard, payment device types).
var mastercardForms = [...]Device{
	0: PlainCard, 1: Phone, 2: KeyFob, 3: Watch, 4: Sticker, 5: Wristband, 6: Case, 7: Phone, 8: Phone, 9: Phone,
	10: Tablet, 11: Tablet, 12: Tablet, 13: Tablet, 14: Phone, 15: Tablet, 16: Phone, 17: Tablet, 18: Watch, 19: Watch,
	20: PlainCard, 21: Phone, 22: Tablet, 23: Watch, 24: Sticker, 25: Other, 26: Case, 27: KeyFob, 28: Jewellery,
	29: Other, 30: Other, 31: Other, 32: Other, 33: Other,
}

// mastercard reads Mastercard's layouts, those of Kernel 2, which Kernel 8 shares.
func (x *examiner) mastercard() {
	x.thirdParty()
	aip := x.card(tagAIP)
	device := len(aip) == 2 && aipOnDeviceCVM.In(aip)
	if device {
		x.add(ClaimKind, string(Handheld), Suggests, tagAIP, aip, "on-device cardholder verification is supported", "C-2, Annex A")
	}
	pcii := x.card(tagPCII)
	if len(pcii) == 3 {
		x.add(ClaimKind, string(Handheld), Suggests, tagPCII, pcii, "POS Cardholder Interaction Information is sent by devices", "C-2, Annex A")
	}
	switch results := x.terminal(tagCVMResults); {
	case tvrCDAFailed.In(x.terminal(tagTVR)):
		// What was to be signed is not: whoever changed it may have changed this.
	case len(pcii) == 3 && pciiVerified.In(pcii):
		x.verified(Done, Says, tagPCII, pcii, "offline CVM verification successful", "C-2, Annex A")
	case len(pcii) == 3:
		x.verified(NotDone, Says, tagPCII, pcii, "no successful verification on the device", "C-2, Annex A")
	case device && len(results) == 3 && results[0] == 0x01 && results[2] == 0x02 && x.given():
		// The reader wrote the results before the device answered; one that could not verify would have declined.
		x.verified(Done, Suggests, tagCVMResults, results, "the reader asked for on-device verification and the device gave a cryptogram", "C-2, CVM.1")
	}
}

// thirdParty reads Third Party Data: country, unique identifier, and the Device Type where the identifier's first bit is 0.
func (x *examiner) thirdParty() {
	v := x.card(tagThirdParty)
	if len(v) < 6 || v[2]&0x80 != 0 || v[4] < '0' || v[4] > '9' || v[5] < '0' || v[5] > '9' {
		return
	}
	form := int(v[4]-'0')*10 + int(v[5]-'0')
	switch {
	case form >= len(mastercardForms):
		// Reserved values say nothing.
	case mastercardForms[form] == PlainCard:
		x.form(Card, PlainCard, Says, tagThirdParty, v, "Third Party Data: Device Type card", "C-2, Annex A")
	default:
		x.form(Handheld, mastercardForms[form], Says, tagThirdParty, v, "Third Party Data: Device Type", "C-2, Annex A")
	}
}

// given reports whether the card gave a cryptogram to spend: no AAC.
func (x *examiner) given() bool {
	v := x.card(tagCID)
	return len(v) == 1 && kernel.CryptogramOf(v[0]) != kernel.AAC
}
