package card

import (
	"bytes"
	"crypto/sha1"

	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/tlv"
)

// generateAC answers the one GENERATE AC (Book 3, 6.5.5): there is no second one without contacts.
func (m *interac) generateAC(c *Card, cmd *command) (response, error) {
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
	if err := m.makeCryptogram(c); err != nil {
		return response{}, err
	}
	c.compute(tagCTI, make([]byte, 4))
	m.spend(c, cid)
	objects, err := m.sign(c, cmd.data, cda)
	if err != nil {
		return response{}, err
	}
	m.listSigned(c, cda)
	var b []byte
	for _, o := range objects {
		b = c.appendObject(b, o.tag, o.value)
	}
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}, nil
}

// decide is the card's risk management: never more than was asked for, and no purchase beyond its limits, which only a PIN
// opens again.
func (m *interac) decide(c *Card, asked byte) byte {
	switch {
	case asked == cidAAC, m.declines, m.overLimits(c):
		return cidAAC
	case asked == cidTC && m.mayApprove(c):
		return cidTC
	}
	return cidARQC
}

func (m *interac) refund(c *Card) bool {
	return bytes.Equal(c.tx.terminal.get(tagTTT), []byte{tttRefund})
}

// overLimits reports whether a purchase is more than the merchant's type or the sum since the last PIN allows. A limit that
// the card does not have is none.
func (m *interac) overLimits(c *Card) bool {
	if m.refund(c) || !m.ownCurrency(c) {
		return false
	}
	asks := amount(c.tx.terminal.get(tagAmount))
	limits := [...]tlv.Tag{tagMerchantLimit1, tagMerchantLimit2, tagMerchantLimit3, tagMerchantLimit4, tagMerchantLimit5}
	if kind := c.tx.terminal.get(tagMerchantType); len(kind) == 1 && kind[0] >= 1 && int(kind[0]) <= len(limits) {
		if v := c.own.get(limits[kind[0]-1]); len(v) > 0 && asks > amount(v) {
			return true
		}
	}
	upper := c.own.get(tagInteracUpper)
	return len(upper) > 0 && m.spent+asks > amount(upper)
}

// mayApprove reports whether the card may give a TC: card and reader can, and the sum is within the lower limit. Money goes
// back online only.
func (m *interac) mayApprove(c *Card) bool {
	asks := amount(c.tx.terminal.get(tagAmount))
	return m.offline && ttiOffline.in(c.tx.terminal.get(tagTTI)) && !m.refund(c) && m.ownCurrency(c) &&
		m.spent+asks <= amount(c.own.get(tagInteracLower))
}

func (m *interac) ownCurrency(c *Card) bool {
	own := c.own.get(tagAppCurrency)
	return len(own) > 0 && bytes.Equal(own, c.tx.terminal.get(tagCurrency))
}

// spend counts a purchase, whoever approves it.
func (m *interac) spend(c *Card, cid byte) {
	if cid != cidAAC && !m.refund(c) && m.ownCurrency(c) {
		m.spent += amount(c.tx.terminal.get(tagAmount))
	}
}

// makeCryptogram computes the cryptogram by the version in the Issuer Application Data. What Config.Set has there with an
// unknown version is sent as it is; the card then computes by the profile's own.
func (m *interac) makeCryptogram(c *Card) error {
	for i, from := range []store{c.own, c.base} {
		iad := from.get(tagIAD)
		parts, err := issuer.ParseIAD(issuer.SchemeInterac, iad)
		if err != nil {
			continue
		}
		p, err := issuer.Interac(parts.CVN)
		if err != nil {
			continue
		}
		ac, err := c.cryptogram(&p, iad)
		if err != nil {
			return err
		}
		c.tx.computed.set(tagIAD, c.own.get(tagIAD))
		if i == 0 {
			c.tx.iadCovered = len(iad)
		}
		c.compute(tagCryptogram, ac[:])
		return nil
	}
	return &Error{CodeData, "no Issuer Application Data"}
}

// sign makes the objects of the answer, and the combined signature over them (Book 2, 6.6.1): the cryptogram stands inside it
// then.
func (m *interac) sign(c *Card, cdol []byte, cda bool) (store, error) {
	objects := store{}
	for _, t := range []tlv.Tag{tagCID, tagATC, tagCryptogram, tagIAD, tagCTI} {
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
	number, err := c.draw("number", c.tx.terminal.get(tagUN), 8)
	if err != nil {
		return nil, err
	}
	dynamic := append([]byte{byte(len(number))}, number...)
	dynamic = append(dynamic, fit(c.value(tagCID), 1)...)
	dynamic = append(dynamic, fit(c.value(tagCryptogram), 8)...)
	dynamic = h.Sum(dynamic)
	un := fit(c.tx.terminal.get(tagUN), 4)
	if c.fault(faultReplay) != nil {
		for i := range un {
			un[i] ^= 0x5A
		}
	}
	if err := c.signCombined(dynamic, un); err != nil {
		return nil, err
	}
	objects.set(tagSDAD, c.value(tagSDAD))
	return objects, nil
}

// listSigned lists what the transaction's signature and cryptogram cover.
func (m *interac) listSigned(c *Card, cda bool) {
	c.cover(tagAIP, len(c.value(tagAIP)), CoverCryptogram)
	c.coverNumber()
	c.cover(tagPSN, len(c.value(tagPSN)), CoverCryptogram)
	c.cover(tagIAD, c.tx.iadCovered, CoverCryptogram)
	c.cover(tagATC, len(c.value(tagATC)), CoverCryptogram)
	if !cda {
		c.cover(tagCryptogram, len(c.value(tagCryptogram)), CoverCryptogram)
		return
	}
	c.coverOffline(tagCID, tagATC, tagSDAD, tagIAD, tagCTI)
}
