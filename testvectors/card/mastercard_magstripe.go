package card

import (
	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/tlv"
)

// magstripeObjects are those of the record of mag-stripe mode (C-2, S7).
var magstripeObjects = []tlv.Tag{
	tagMagVersion, tagTrack1, tagPCVC3Track1, tagPUNATCTrack1, tagNATCTrack1, tagPCVC3Track2, tagPUNATCTrack2,
	tagNATCTrack2, tagMagTrack2, tagUDOL,
}

// defaultUDOL is what a reader sends to a card without a UDOL (C-2, Annex A: DF811A).
const defaultUDOL = "9F6A04"

// mobileCVMRequired is the bit of the Mobile Support Indicator (9F7E) by which the reader asks for the owner (C-2, S78).
const mobileCVMRequired = bit(1<<8 | 0x02)

// computeChecksum answers COMPUTE CRYPTOGRAPHIC CHECKSUM (C-2, S13 and S14): the codes of the tracks over the reader's
// number and the counter. A device whose owner is missing gives none, and says why.
func (m *mastercard) computeChecksum(c *Card, cmd *command) (response, error) {
	switch {
	case cmd.p1 != 0x8E || cmd.p2 != 0x80:
		return status(swWrongP1P2), nil
	case c.tx.computed.has(tagCVC3Track2) || c.tx.computed.has(tagCryptogram):
		return status(swConditions), nil
	}
	list := c.own.get(tagUDOL)
	if len(list) == 0 {
		list = unhex(defaultUDOL)
	}
	got, rest, ok := splitDOL(list, cmd.data)
	if !ok || len(rest) > 0 {
		return status(swWrongLength), nil
	}
	cid := byte(cidARQC)
	if m.device.refuses(mobileCVMRequired.in(got.get(tagMobileSupport))) {
		cid = cidAAC
	} else if err := m.checksums(c, [4]byte(fit(got.get(tagUNNumeric), 4))); err != nil {
		return response{}, err
	}
	if m.device.is {
		c.compute(tagPCII, m.device.says(cid))
	}
	var b []byte
	for _, t := range []tlv.Tag{tagCVC3Track2, tagCVC3Track1, tagATC, tagPCII} {
		b = c.appendObject(b, t, c.value(t))
	}
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}, nil
}

// checksums computes CVC3 of the tracks that the card has, as personalised, with the card's key (Mastercard contactless
// magnetic stripe, IVCVC3 and COMPUTE CRYPTOGRAPHIC CHECKSUM).
func (m *mastercard) checksums(c *Card, un [4]byte) error {
	var key issuer.Key
	defer key.Wipe()
	if err := c.masterKey(&key); err != nil {
		return err
	}
	for _, t := range []struct{ track, code tlv.Tag }{{tagMagTrack2, tagCVC3Track2}, {tagTrack1, tagCVC3Track1}} {
		track := c.own.get(t.track)
		if len(track) == 0 {
			continue
		}
		iv, err := issuer.IVCVC3(&key, track)
		if err != nil {
			return &Error{CodeData, err.Error()}
		}
		code, err := issuer.ComputeCVC3(&key, iv, un, [2]byte(fit(c.value(tagATC), 2)))
		if err != nil {
			return &Error{CodeData, err.Error()}
		}
		c.compute(t.code, []byte{byte(code >> 8), byte(code)})
	}
	return nil
}
