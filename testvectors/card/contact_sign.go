package card

import (
	"crypto/sha1"
	"encoding/binary"

	"github.com/cardwright/emv/tlv"
)

// number returns 8 bytes that no terminal can know before. Without Config.Rand they are those of the card, its counter and
// the place of the command.
func (a *contactCard) number(c *Card, use string) ([]byte, error) {
	return c.draw(use, binary.BigEndian.AppendUint32(nil, uint32(c.commands)), 8)
}

// internalAuthenticate answers INTERNAL AUTHENTICATE (Book 3, 6.5.9): Signed Dynamic Application Data over the values of
// the DDOL (Book 2, 6.5.1).
func (a *contactCard) internalAuthenticate(c *Card, cmd *command) (response, error) {
	switch {
	case cmd.p1 != 0 || cmd.p2 != 0:
		return status(swWrongP1P2), nil
	case !aipDDA.in(c.value(tagAIP)):
		return status(swConditions), nil
	case len(cmd.data) == 0 || c.own.has(tagDDOL) && len(cmd.data) != listLength(c.own.get(tagDDOL)):
		return status(swWrongLength), nil
	}
	data := append([]byte{}, cmd.data...)
	if c.fault(faultReplay) != nil {
		data[0] ^= 0x5A
	}
	if err := c.signDynamic(formatDynamic, data); err != nil {
		return response{}, err
	}
	a.at.dda = true
	a.listSigned(c)
	if a.format1 { // Book 3, 6.5.9.4
		return response{body: tlv.Append(nil, tagResponse1, c.sent(tagSDAD)), sw: swOK}, nil
	}
	return response{body: tlv.Append(nil, tagFormat2, c.appendObject(nil, tagSDAD, c.value(tagSDAD))), sw: swOK}, nil
}

// listLength returns how many bytes a data object list asks for.
func listLength(list []byte) int {
	n, err := tlv.DOLDataLen(list)
	if err != nil {
		return -1
	}
	return n
}

// combine signs the answer to a GENERATE AC (Book 2, 6.6.1), of which these are the other objects. The Transaction Data
// Hash Code is over the values of PDOL and CDOLs and those objects.
func (a *contactCard) combine(c *Card, objects ...tlv.Tag) error {
	h := sha1.New()
	for _, v := range a.at.values {
		h.Write(v)
	}
	for _, t := range objects {
		if v := c.value(t); len(v) > 0 {
			h.Write(tlv.Append(nil, t, v))
		}
	}
	number, err := a.number(c, "dynamic")
	if err != nil {
		return err
	}
	dynamic := append([]byte{byte(len(number))}, number...)
	dynamic = append(dynamic, fit(c.value(tagCID), 1)...)
	dynamic = append(dynamic, fit(c.value(tagCryptogram), 8)...)
	dynamic = h.Sum(dynamic)
	un := fit(c.tx.terminal.get(tagUN), 4)
	if c.fault(faultReplay) != nil {
		un[0] ^= 0x5A
	}
	return c.signCombined(dynamic, un)
}
