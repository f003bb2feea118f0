package card

import (
	"crypto/sha256"
	"io"

	"github.com/cardwright/emv/crypto/issuer"
)

// cardVersion is the first byte of 9F69: version 01 of fDDA (C-3, Annex C).
const cardVersion = 0x01

// Card Verification Results in the Issuer Application Data (VIS): byte 2 has the types of the cryptograms, of which the
// second is not requested; byte 4 of the layout with 4 bytes says that the card signed.
const (
	cvrTypes           = 1
	cvrSecondNotAsked  = 0x80
	cvrDynamicSignedAt = 3
	cvrDynamicSigned   = 0x02
)

// makeCryptogram computes the Issuer Application Data and the cryptogram, and keeps an ARQC until it is answered.
func (v *visa) makeCryptogram(c *Card, d *decision) error {
	iad, p, err := v.issuerData(c, d)
	if err != nil {
		return err
	}
	ac, err := c.cryptogram(&p, iad)
	if err != nil {
		return err
	}
	c.compute(tagCryptogram, ac[:])
	c.last = pending{}
	if d.cid == cidARQC {
		c.last = pending{open: true, arqc: ac, profile: p, atc: append([]byte{}, c.value(tagATC)...)}
	}
	return nil
}

// issuerData completes the personalised Issuer Application Data (9F10) with what the card decided. Config.Set chooses the
// cryptogram version that way. What it sets in no known layout, or with an unknown version, is sent as it is; the card
// then computes with the profile's own.
func (v *visa) issuerData(c *Card, d *decision) ([]byte, issuer.Profile, error) {
	iad, p, err := readIAD(c.own)
	usable := err == nil
	if !usable {
		if iad, p, err = readIAD(c.base); err != nil {
			return nil, p, &Error{CodeData, err.Error()}
		}
	}
	iad.CVR = append([]byte{}, iad.CVR...)
	iad.CVR[cvrTypes] = iad.CVR[cvrTypes]&0x0F | cvrSecondNotAsked | d.cid>>2
	if d.oda && v.auth == dynamicAuthentication && iad.Layout == issuer.IADShort {
		iad.CVR[cvrDynamicSignedAt] |= cvrDynamicSigned
	}
	value := iad.Append(nil)
	c.tx.computed.set(tagIAD, value)
	c.tx.iadCovered = len(value)
	for _, item := range p.Input {
		if item.Tag == tagIAD && item.To > 0 {
			c.tx.iadCovered = item.To
		}
	}
	if !usable {
		c.tx.computed.set(tagIAD, c.own.get(tagIAD))
		c.tx.iadCovered = 0
	}
	return value, p, nil
}

func readIAD(from store) (issuer.VisaIAD, issuer.Profile, error) {
	iad, err := issuer.ParseVisaIAD(from.get(tagIAD))
	if err != nil {
		return iad, issuer.Profile{}, err
	}
	p, err := issuer.Visa(iad.CVN)
	return iad, p, err
}

// authenticate computes the certificates and the signature (Book 2, 5 and 6; C-3, Annex C) and puts them into their
// records.
func (v *visa) authenticate(c *Card, d *decision) error {
	if err := c.certifyIssuer(); err != nil {
		return err
	}
	static, dynamic := byte(formatStatic), byte(formatDynamic)
	if d.cid != cidTC {
		static, dynamic = formatStaticOnline, formatDynamicOnline
	}
	var err error
	if v.auth == staticAuthentication {
		err = c.signStatic(static)
	} else if err = c.certifyICC(); err == nil {
		err = v.signTransaction(c, dynamic)
	}
	if err != nil {
		return err
	}
	for _, p := range c.layout.records {
		if !p.signed {
			c.completeRecords(p.tags...)
		}
	}
	return nil
}

// signTransaction is fDDA, version 01 (C-3, Annex C): the terminal's unpredictable number, amount and currency, and the
// Card Authentication Related Data (9F69) of version, card unpredictable number and a copy of the CTQ.
func (v *visa) signTransaction(c *Card, format byte) error {
	un := fit(c.tx.terminal.get(tagUN), 4)
	number, err := v.cardNumber(c, un)
	if err != nil {
		return err
	}
	related := append([]byte{cardVersion}, number...)
	related = c.compute(tagCARD, append(related, fit(c.value(tagCTQ), 2)...))
	if c.fault(faultReplay) != nil {
		for i := range un {
			un[i] ^= 0x5A
		}
	}
	return c.signDynamic(format, un, fit(c.tx.terminal.get(tagAmount), 6), fit(c.tx.terminal.get(tagCurrency), 2), related)
}

// cardNumber returns the card's unpredictable number of 4 bytes.
func (v *visa) cardNumber(c *Card, un []byte) ([]byte, error) {
	if c.rand == nil {
		h := sha256.New()
		for _, b := range [][]byte{c.pan(), c.value(tagATC), un} {
			h.Write(b)
		}
		return h.Sum(nil)[:4], nil
	}
	number := make([]byte, 4)
	if _, err := io.ReadFull(c.rand, number); err != nil {
		return nil, &Error{CodeRandom, err.Error()}
	}
	return number, nil
}
