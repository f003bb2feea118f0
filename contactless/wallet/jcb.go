package wallet

import "github.com/cardwright/emv/tlv"

// tagCVStatus is Cardholder Verification Status of JCB (C-5, Annex A). What Device Information (9F6E) says is not public.
const tagCVStatus tlv.Tag = 0x9F50

// jcb reads JCB's layouts: the CVM that the card chose, in the left half of the status.
func (x *examiner) jcb() {
	const ref = "C-5, Annex A"
	v := x.card(tagCVStatus)
	if len(v) != 1 {
		return
	}
	switch v[0] >> 4 {
	case 0x3:
		x.verified(Done, Says, tagCVStatus, v, "Cardholder Verification Status: on-device CVM", ref)
		x.add(ClaimKind, string(Handheld), Suggests, tagCVStatus, v, "cards have no on-device CVM", ref)
	case 0x0, 0x1, 0x2:
		x.verified(NotDone, Says, tagCVStatus, v, "Cardholder Verification Status: another CVM or none", ref)
	}
}
