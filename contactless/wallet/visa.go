package wallet

import (
	"bytes"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects of Visa and UnionPay (C-3, Annex A; C-7, Annex A).
const (
	tagAuthentication tlv.Tag = 0x9F69 // Card Authentication Related Data
	tagCTQ            tlv.Tag = 0x9F6C // Card Transaction Qualifiers
	tagFormFactor     tlv.Tag = 0x9F6E // Form Factor Indicator of Visa
)

const ctqDeviceCVM = kernel.Bit(2<<8 | 0x80) // consumer device CVM performed

// The form factors of Visa, b5 to b1 of the first byte (C-3, Annex A).
var visaForms = [...]struct {
	kind Kind
	form Device
	rule string
}{
	{Card, PlainCard, "Form Factor Indicator: standard card"},
	{Card, PlainCard, "Form Factor Indicator: mini card"},
	{Handheld, Other, "Form Factor Indicator: non-card form factor"},
	{Handheld, Phone, "Form Factor Indicator: consumer mobile phone"},
	{Handheld, Watch, "Form Factor Indicator: wrist-worn device"},
}

// visa reads Visa's layouts.
func (x *examiner) visa() {
	if v := x.card(tagFormFactor); len(v) == 4 {
		if form := int(v[0] & 0x1F); form < len(visaForms) {
			f := &visaForms[form]
			x.form(f.kind, f.form, Says, tagFormFactor, v, f.rule, "C-3, Annex A")
		}
	}
	x.qualifiers("C-3, 5.7.1.2")
}

// qualifiers reads the Card Transaction Qualifiers, which C-3 and C-7 have alike. The card sends them unsigned; their copy in
// 9F69 is signed where there was fDDA, and what differs from it is believed by nobody.
func (x *examiner) qualifiers(ref string) {
	ctq := x.card(tagCTQ)
	if len(ctq) != 2 {
		return
	}
	related := x.card(tagAuthentication)
	copied := len(related) >= 7
	switch {
	case copied && !bytes.Equal(related[5:7], ctq):
		// Nothing is known then: a middleman changed the one or the other.
	case !ctqDeviceCVM.In(ctq):
		x.verified(NotDone, Says, tagCTQ, ctq, "CTQ: consumer device CVM not performed", ref)
	case copied:
		x.verified(Done, Says, tagCTQ, ctq, "CTQ: consumer device CVM performed, and so does the copy in 9F69", ref)
		x.add(ClaimKind, string(Handheld), Suggests, tagCTQ, ctq, "cards have no consumer device CVM", ref)
	default:
		x.verified(Done, Suggests, tagCTQ, ctq, "CTQ: consumer device CVM performed, without a copy in 9F69", ref)
		x.add(ClaimKind, string(Handheld), Suggests, tagCTQ, ctq, "cards have no consumer device CVM", ref)
	}
}
