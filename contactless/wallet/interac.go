package wallet

import "github.com/cardwright/emv/tlv"

// tagInteracForm is Interac's Form Factor Indicator: one byte.
const tagInteracForm tlv.Tag = 0x9F70

// interac reads Interac's layouts. Whether the owner was verified is in none that is public.
func (x *examiner) interac() {
	const ref = "Interac Flash"
	v := x.card(tagInteracForm)
	if len(v) != 1 {
		return
	}
	switch v[0] {
	case 0x00:
		x.form(Card, PlainCard, Says, tagInteracForm, v, "Form Factor Indicator: dual-interface card", ref)
	case 0x01:
		x.form(Card, PlainCard, Says, tagInteracForm, v, "Form Factor Indicator: contactless-only card", ref)
	case 0x02:
		x.form(Handheld, KeyFob, Says, tagInteracForm, v, "Form Factor Indicator: key fob or tag", ref)
	case 0x03:
		x.form(Handheld, Phone, Says, tagInteracForm, v, "Form Factor Indicator: mobile phone", ref)
	}
}
