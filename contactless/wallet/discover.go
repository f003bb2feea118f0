package wallet

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// tagCPR is Card Processing Requirements of Discover (C-6, Annex A). What 9F6E says is not public.
const tagCPR tlv.Tag = 0x9F71

// Bits of it, and of the Card Verification Results in the Issuer Application Data, behind key index and version (D-PAS).
const (
	cprDeviceCVM  = kernel.Bit(1<<8 | 0x10)
	cvrCodeDone   = kernel.Bit(4<<8 | 0x02) // confirmation code verification performed
	cvrCodeFailed = kernel.Bit(4<<8 | 0x01) // and failed
)

// discover reads the layouts of Discover and Diners Club.
func (x *examiner) discover() {
	if iad := x.card(tagIAD); len(iad) >= 10 && cvrCodeFailed.In(iad) {
		x.verified(Failed, Suggests, tagIAD, iad[:4], "card verification results: confirmation code verification failed", "D-PAS, CVR")
	} else if len(iad) >= 10 && cvrCodeDone.In(iad) {
		x.verified(Done, Suggests, tagIAD, iad[:4], "card verification results: confirmation code verification performed", "D-PAS, CVR")
	}
	v := x.card(tagCPR)
	switch {
	case len(v) != 2:
	case cprDeviceCVM.In(v):
		x.verified(Done, Says, tagCPR, v, "Card Processing Requirements: consumer device CVM performed", "C-6, Annex A")
		x.add(ClaimKind, string(Handheld), Suggests, tagCPR, v, "cards have no consumer device CVM", "C-6, Annex A")
	default:
		x.verified(NotDone, Says, tagCPR, v, "Card Processing Requirements: consumer device CVM not performed", "C-6, Annex A")
	}
}
