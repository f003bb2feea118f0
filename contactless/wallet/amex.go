package wallet

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects of American Express (C-4, Annex A). 9F6E is the reader's here, and 9F67 has no public layout.
const (
	tagCapabilities tlv.Tag = 0x9F70 // Card Interface and Payment Capabilities
	tagMobileCVM    tlv.Tag = 0x9F71 // Mobile CVM Results
)

// Bits of them, and of the AIP (C-4, Annex A).
const (
	aipMobile       = kernel.Bit(2<<8 | 0x40)
	aipMobileHCE    = kernel.Bit(2<<8 | 0x20)
	interfaceMobile = kernel.Bit(1<<8 | 0x08)
)

// Mobile CVM Results (9F71): performed or not, and its result (C-4, Annex A).
const (
	mobilePerformed    = 0x01
	mobileNotPerformed = 0x3F
	mobileFailed       = 0x01
	mobileSuccessful   = 0x02
	mobileBlocked      = 0x03
)

// amex reads the layouts of American Express.
func (x *examiner) amex() {
	const ref = "C-4, Annex A"
	aip := x.card(tagAIP)
	if len(aip) == 2 && aipMobile.In(aip) {
		x.add(ClaimKind, string(Handheld), Says, tagAIP, aip, "mobile is supported", ref)
	}
	if len(aip) == 2 && aipMobileHCE.In(aip) {
		x.add(ClaimKind, string(Handheld), Says, tagAIP, aip, "the application is in the device's host processor", ref)
	}
	if v := x.card(tagCapabilities); len(v) == 2 && interfaceMobile.In(v) {
		x.add(ClaimKind, string(Handheld), Suggests, tagCapabilities, v, "the product has a mobile interface", ref)
	}
	v := x.card(tagMobileCVM)
	if len(v) != 3 {
		return
	}
	x.add(ClaimKind, string(Handheld), Suggests, tagMobileCVM, v, "Mobile CVM Results are sent by devices", ref)
	switch {
	case v[2] == mobileBlocked:
		x.verified(Failed, Says, tagMobileCVM, v, "mobile CVM blocked", ref)
	case v[0] == mobilePerformed && v[2] == mobileSuccessful:
		x.verified(Done, Says, tagMobileCVM, v, "mobile CVM successful", ref)
	case v[0] == mobilePerformed && v[2] == mobileFailed:
		x.verified(Failed, Says, tagMobileCVM, v, "mobile CVM failed", ref)
	case v[0] == mobileNotPerformed:
		x.verified(NotDone, Says, tagMobileCVM, v, "mobile CVM not performed", ref)
	}
}
