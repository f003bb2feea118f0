package discover

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// takeTrackRecord stores a record of the mag-stripe modes (C-6, 3.3.1). The second form of the Dynamic Card Verification
// Value has the tag '9F80', which is none by BER-TLV, where a third byte would follow: it is cut out before the rest is
// read, and kept as 9F7E (C-6, 3.10.1).
func (t *transaction) takeTrackRecord(sfi byte, record []byte) kernel.Outcome {
	const ref = "C-6, 3.3.1"
	if sfi > 10 {
		if _, err := t.Data.Keep(record); err != nil {
			return contactless.EndFor(stageRead, err, ref)
		}
		return kernel.Outcome{}
	}
	template, value, err := apdu.Single(record)
	if err == nil && template != 0x70 {
		err = apdu.ErrTemplate
	}
	if err != nil {
		return contactless.EndFor(stageRead, err, ref)
	}
	before, dcvv, after := cutDCVV(value)
	for _, part := range [...][]byte{before, after} {
		if _, err := t.Data.TakeObjects(t.Env, part); err != nil {
			return contactless.EndFor(stageRead, err, ref)
		}
	}
	switch {
	case dcvv == nil || t.Data.Has(tagDCVV): // 9F7E comes first where a card has both
	case len(dcvv) != 3:
		return contactless.EndFor(stageRead, errDCVV, "C-6, 3.10.1")
	default:
		t.set(tagDCVV, dcvv)
	}
	return kernel.Outcome{}
}

// cutDCVV finds an object with the tag '9F80' of two bytes among the objects of a record. Without one, or with one that
// runs past the end, everything is before.
func cutDCVV(value []byte) (before, dcvv, after []byte) {
	at := 0
	for {
		rest := value[at:]
		if len(rest) > 0 && rest[0] == 0x00 { // padding
			at++
			continue
		}
		if len(rest) >= 3 && rest[0] == 0x9F && rest[1] == 0x80 {
			if n := int(rest[2]); n < 0x80 && n <= len(rest)-3 {
				return value[:at], rest[3 : 3+n : 3+n], rest[3+n:]
			}
			return value, nil, nil
		}
		c := tlv.Read(rest)
		if !c.Next() {
			return value, nil, nil
		}
		at += c.Offset() + c.Len()
	}
}
