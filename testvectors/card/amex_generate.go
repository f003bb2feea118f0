package card

import (
	"bytes"
	"crypto/sha1"

	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/tlv"
)

// The Card Verification Results of American Express stand in the Issuer Application Data as those of VIS: length, key index,
// version, and four bytes of which the second has the types of the cryptograms.
const (
	amexCVR   = 3
	amexTypes = amexCVR + 1
)

// generateAC answers GENERATE AC (Book 3, 6.5.5; C-4, 3.8): there is one in a tap with partial online.
func (m *amex) generateAC(c *Card, cmd *command) (response, error) {
	asked := cmd.p1 & cidMask
	switch {
	case cmd.p1&^(cidMask|refControlCDA) != 0 || asked == cidMask || cmd.p2 != 0:
		return status(swWrongP1P2), nil
	case c.tx.computed.has(tagCryptogram):
		return status(swConditions), nil
	}
	got, rest, ok := splitDOL(c.own.get(tagCDOL1), cmd.data)
	if !ok || len(rest) > 0 {
		return status(swWrongLength), nil
	}
	for _, o := range got {
		c.tx.terminal.set(o.tag, o.value)
	}
	cid := m.decide(c, asked)
	if forced := c.compute(tagCID, []byte{cid}); len(forced) > 0 {
		cid = forced[0] & cidMask
	}
	cda := cmd.p1&refControlCDA != 0 && c.profile.icc != "" && cid != cidAAC
	version, err := m.makeCryptogram(c, cid)
	if err != nil {
		return response{}, err
	}
	if cid == cidTC {
		left := amount(c.own.get(tagFunds)) - amount(c.tx.terminal.get(tagAmount))
		c.own.set(tagFunds, appendAmount(nil, left, 6))
	}
	objects, err := m.sign(c, cmd.data, cda)
	if err != nil {
		return response{}, err
	}
	m.listSigned(c, cda, version)
	var b []byte
	for _, o := range objects {
		b = c.appendObject(b, o.tag, o.value)
	}
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}, nil
}

// decide is the card's risk management: never more than was asked for.
func (m *amex) decide(c *Card, asked byte) byte {
	switch {
	case asked == cidAAC, m.declines:
		return cidAAC
	case asked == cidTC && m.mayApprove(c):
		return cidTC
	case amexOfflineOnly.in(c.tx.terminal.get(tagAmexEnhanced)):
		return cidAAC
	}
	return cidARQC
}

// mayApprove reports whether the card may give a TC: in its own currency, within the limit of one transaction and of all.
func (m *amex) mayApprove(c *Card) bool {
	asks := amount(c.tx.terminal.get(tagAmount))
	own := c.own.get(tagAppCurrency)
	return m.offline && len(own) > 0 && bytes.Equal(own, c.tx.terminal.get(tagCurrency)) &&
		asks <= amount(c.own.get(tagSingleLimit)) && asks <= amount(c.own.get(tagFunds))
}

// makeCryptogram completes the Issuer Application Data and computes the cryptogram. It returns the version that it went by, 0
// where Config.Set has data of no known layout or version: these are sent as they are, and the card computes by the
// profile's own.
func (m *amex) makeCryptogram(c *Card, cid byte) (byte, error) {
	for i, from := range []store{c.own, c.base} {
		iad := append([]byte{}, from.get(tagIAD)...)
		parts, err := issuer.ParseIAD(issuer.SchemeAmex, iad)
		if err != nil {
			continue
		}
		p, err := issuer.Amex(parts.CVN)
		if err != nil {
			continue
		}
		iad[amexTypes] = iad[amexTypes]&0x0F | cvrSecondNotAsked | cid>>2
		ac, err := c.cryptogram(&p, iad)
		if err != nil {
			return 0, err
		}
		c.compute(tagCryptogram, ac[:])
		if i == 0 {
			c.tx.computed.set(tagIAD, iad)
			return p.CVN, nil
		}
		c.tx.computed.set(tagIAD, c.own.get(tagIAD))
		return 0, nil
	}
	return 0, &Error{CodeData, "no Issuer Application Data"}
}

// sign makes the objects of the answer, and the combined signature over them (Book 2, 6.6.1; C-4, 3.8.6): the cryptogram
// stands inside it then. The data of the PDOL are those that came, with the modified Terminal Type.
func (m *amex) sign(c *Card, cdol []byte, cda bool) (store, error) {
	objects := store{}
	hash := sha1.New()
	hash.Write(c.tx.options)
	hash.Write(cdol)
	for _, t := range []tlv.Tag{tagCID, tagATC, tagCryptogram, tagIAD} {
		if t == tagCryptogram && cda {
			objects.set(tagSDAD, nil) // its place; what stands before and behind it is signed
			continue
		}
		v := c.value(t)
		objects.set(t, v)
		hash.Write(tlv.Append(nil, t, v))
	}
	if !cda {
		return objects, nil
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
	if err := c.signCombined(hash.Sum(dynamic), un); err != nil {
		return nil, err
	}
	objects.set(tagSDAD, c.value(tagSDAD))
	return objects, nil
}

// listSigned lists what the transaction's signature and cryptogram cover. Version 1 takes the Card Verification Results of
// the Issuer Application Data, version 2 all of them; key index and version choose key and computation.
func (m *amex) listSigned(c *Card, cda bool, version byte) {
	c.cover(tagAIP, len(c.value(tagAIP)), CoverCryptogram)
	c.coverNumber()
	c.cover(tagPSN, len(c.value(tagPSN)), CoverCryptogram)
	if version != 0 {
		c.coverPart(tagIAD, 1, amexCVR+4, CoverCryptogram)
	}
	c.cover(tagATC, len(c.value(tagATC)), CoverCryptogram)
	switch {
	case cda:
		c.coverOffline(tagCID, tagATC, tagSDAD, tagIAD)
		return
	case m.static:
		c.coverOffline()
	}
	c.cover(tagCryptogram, len(c.value(tagCryptogram)), CoverCryptogram)
}
