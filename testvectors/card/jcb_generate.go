package card

import (
	"bytes"
	"crypto/sha1"

	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/tlv"
)

// The Card Verification Results of JCB stand in the Issuer Application Data as those of VIS: length, key index, version, and
// four bytes of which the second has the types of the cryptograms.
const (
	jcbCVR   = 3
	jcbTypes = jcbCVR + 1
)

// generateAC answers GENERATE AC (Book 3, 6.5.5; C-5, 3.8 and 3.10), and hands the second one on.
func (m *jcb) generateAC(c *Card, cmd *command) (response, error) {
	asked := cmd.p1 & cidMask
	switch {
	case cmd.p1&^(cidMask|refControlCDA) != 0 || asked == cidMask || cmd.p2 != 0:
		return status(swWrongP1P2), nil
	case c.last.open && (c.tx.computed.has(tagCryptogram) || !c.session.started):
		return m.generateSecond(c, cmd, asked)
	case !c.session.started || c.tx.computed.has(tagCryptogram):
		return status(swConditions), nil
	case m.switches:
		return status(swInvalidated), nil
	}
	if sw := takeValues(c, tagCDOL1, cmd.data); sw != swOK {
		return status(sw), nil
	}
	required := tipRequired.in(c.tx.terminal.get(tagTIP))
	if m.device.is && m.device.refuses(required) && (required || m.device.always) {
		return status(swNotAllowed), nil // C-5, 3.8.2: see phone
	}
	cid := m.decide(c, asked)
	if forced := c.compute(tagCID, []byte{cid}); len(forced) > 0 {
		cid = forced[0] & cidMask
	}
	cda := cmd.p1&refControlCDA != 0 && c.profile.icc != "" && cid != cidAAC
	if err := m.makeCryptogram(c, cid, cvrSecondNotAsked|cid>>2); err != nil {
		return response{}, err
	}
	m.spend(c, cid)
	if cid != cidAAC {
		c.compute(tagCVStatus, []byte{m.choose(required, c.tx.terminal.get(tagTIP))})
	}
	objects, err := m.sign(c, cmd.data, cda)
	if err != nil {
		return response{}, err
	}
	m.listSigned(c, cda)
	m.torn = answered{objects: objects, signed: c.tx.signed}
	if m.tears && !m.tornOnce {
		m.tornOnce = true
		return response{}, &Error{CodeRemoved, "the card leaves the field with its first cryptogram"}
	}
	return m.answer(c), nil
}

// takeValues takes what the terminal sent for a data object list of the card.
func takeValues(c *Card, list tlv.Tag, data []byte) uint16 {
	got, rest, ok := splitDOL(c.own.get(list), data)
	if !ok || len(rest) > 0 {
		return swWrongLength
	}
	for _, o := range got {
		c.tx.terminal.set(o.tag, o.value)
	}
	return swOK
}

// decide is the card's risk management: never more than was asked for.
func (m *jcb) decide(c *Card, asked byte) byte {
	switch {
	case asked == cidAAC, m.declines:
		return cidAAC
	case asked == cidTC && m.mayApprove(c):
		return cidTC
	}
	return cidARQC
}

// mayApprove reports whether the card may give a TC: in its own currency, within the limit of one transaction and of all.
func (m *jcb) mayApprove(c *Card) bool {
	asks := amount(c.tx.terminal.get(tagAmount))
	own := c.own.get(tagAppCurrency)
	return m.offline && len(own) > 0 && bytes.Equal(own, c.tx.terminal.get(tagCurrency)) &&
		asks <= amount(c.own.get(tagSingleLimit)) && asks <= amount(c.own.get(tagFunds))
}

// spend takes what was approved offline from the funds, and says what is left.
func (m *jcb) spend(c *Card, cid byte) {
	if !c.own.has(tagFunds) {
		return
	}
	left := amount(c.own.get(tagFunds))
	if cid == cidTC {
		left -= amount(c.tx.terminal.get(tagAmount))
		c.own.set(tagFunds, appendAmount(nil, left, 6))
	}
	c.compute(tagJCBBalance, appendAmount(nil, left, 6))
}

// choose is the CVM that the card chooses (C-5, 3.8.7): the first that both have where the reader asks for one, and a
// device's always where its owner verifies always.
func (m *jcb) choose(required bool, profile []byte) byte {
	if !required && !m.device.always {
		return 0x00
	}
	for _, v := range m.methods {
		if v.by.in(profile) {
			return v.status
		}
	}
	return 0x00
}

// makeCryptogram completes the Issuer Application Data with the types of the cryptograms, computes the cryptogram, and keeps
// an ARQC until it is answered. What Config.Set has with an unknown version is sent as it is; the card then computes by the
// profile's own.
func (m *jcb) makeCryptogram(c *Card, cid, types byte) error {
	for i, from := range []store{c.own, c.base} {
		iad := append([]byte{}, from.get(tagIAD)...)
		parts, err := issuer.ParseIAD(issuer.SchemeJCB, iad)
		if err != nil || len(iad) < jcbCVR+4 {
			continue
		}
		p, err := issuer.JCB(parts.CVN)
		if err != nil {
			continue
		}
		iad[jcbTypes] = iad[jcbTypes]&0x0F | types
		ac, err := c.cryptogram(&p, iad)
		if err != nil {
			return err
		}
		c.last = pending{}
		if cid == cidARQC && c.own.has(tagUpdate) {
			c.last = pending{open: true, arqc: ac, profile: p, atc: append([]byte{}, c.value(tagATC)...)}
		}
		c.compute(tagCryptogram, ac[:])
		c.tx.computed.set(tagIAD, iad)
		if i > 0 {
			c.tx.computed.set(tagIAD, c.own.get(tagIAD))
			return nil
		}
		c.tx.iadCovered = jcbCVR + 4
		return nil
	}
	return &Error{CodeData, "no Issuer Application Data"}
}

// sign makes the objects of the answer, and the combined signature over them (Book 2, 6.6.1): the cryptogram stands inside it
// then. A card of Legacy mode has neither.
func (m *jcb) sign(c *Card, cdol []byte, cda bool) (store, error) {
	objects := store{}
	for _, t := range []tlv.Tag{tagCID, tagATC, tagCryptogram, tagIAD, tagCVStatus, tagJCBBalance, tagUpdate} {
		switch v := c.value(t); {
		case t == tagCryptogram && cda:
			objects.set(tagSDAD, nil) // its place; what stands before and behind it is signed
		case len(v) > 0:
			objects.set(t, v)
		}
	}
	if !cda {
		return objects, nil
	}
	h := sha1.New()
	h.Write(c.tx.options)
	h.Write(cdol)
	for _, o := range objects {
		if o.tag != tagSDAD {
			h.Write(tlv.Append(nil, o.tag, o.value))
		}
	}
	un := fit(c.tx.terminal.get(tagUN), 4)
	number, err := c.draw("number", un, 8)
	if err != nil {
		return nil, err
	}
	dynamic := append([]byte{byte(len(number))}, number...)
	dynamic = append(dynamic, fit(c.value(tagCID), 1)...)
	dynamic = append(dynamic, fit(c.value(tagCryptogram), 8)...)
	if c.fault(faultReplay) != nil {
		for i := range un {
			un[i] ^= 0x5A
		}
	}
	if err := c.signCombined(h.Sum(dynamic), un); err != nil {
		return nil, err
	}
	objects.set(tagSDAD, c.value(tagSDAD))
	return objects, nil
}

// listSigned lists what the transaction's signature and cryptogram cover. Version 1 takes the Card Verification Results of
// the Issuer Application Data, version 4 all of them; the length in front of them chooses nothing.
func (m *jcb) listSigned(c *Card, cda bool) {
	c.cover(tagAIP, len(c.value(tagAIP)), CoverCryptogram)
	c.coverNumber()
	c.cover(tagPSN, len(c.value(tagPSN)), CoverCryptogram)
	c.coverPart(tagIAD, 1, c.tx.iadCovered, CoverCryptogram)
	c.cover(tagATC, len(c.value(tagATC)), CoverCryptogram)
	if !cda {
		c.cover(tagCryptogram, len(c.value(tagCryptogram)), CoverCryptogram)
		return
	}
	c.coverOffline(tagCID, tagATC, tagSDAD, tagIAD, tagCVStatus, tagJCBBalance, tagUpdate)
}

// answer sends the answer that is kept, with the faults of the card: in format 1 where the card is of Legacy mode (C-5,
// 3.10.2).
func (m *jcb) answer(c *Card) response {
	var b []byte
	if m.legacy {
		for _, t := range []tlv.Tag{tagCID, tagATC, tagCryptogram, tagIAD} {
			b = append(b, c.sent(t)...)
		}
		return response{body: tlv.Append(nil, tagResponse1, b), sw: swOK}
	}
	for _, o := range m.torn.objects {
		b = c.appendObject(b, o.tag, o.value)
	}
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}
}
