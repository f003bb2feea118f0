package card

import (
	"bytes"

	"github.com/cardwright/emv/crypto/issuer"
)

// The Issuer Application Data (PBOC 3.0): length, key, cryptogram version, Card Verification Results with their length in
// front, algorithm. The second byte of the results has the types of both cryptograms, of which the second is not requested.
const (
	pbocCVN       = 2
	pbocCVR       = 3
	pbocCVRLength = 4
	pbocTypes     = pbocCVR + 1
)

// decide is what the card makes of a transaction: which CVM, which cryptogram, and whether it signs. Where the reader asks
// for a CVM that the card has not, its CTQ asks for none, and the reader must see that its own demand is not met.
func (u *unionpay) decide(c *Card) decision {
	d := decision{ctq: u.policy}
	ttq := c.tx.terminal.get(tagTTQ)
	if method, ok := u.method(c, ttq); ok {
		method.set(d.ctq[:])
	}
	if !u.bare {
		c.compute(tagCTQ, append([]byte{}, d.ctq[:]...))
	}
	switch {
	case u.declines:
		d.cid = cidAAC
	case u.mayApprove(c, ttq, &d):
		d.cid = cidTC
	case !ttqOfflineOnly.in(ttq):
		d.cid = cidARQC
	default:
		d.cid = cidAAC
	}
	if forced := c.compute(tagCID, []byte{d.cid}); len(forced) > 0 {
		d.cid = forced[0] & cidMask
	}
	// C-7, 3.7: for a TC always, for an ARQC where card and reader agree.
	gate := d.cid == cidARQC && ttqODAOnline.in(ttq) && c.own.has(tagFunctions)
	d.oda = u.signs != noSignature && !u.bare && (d.cid == cidTC || gate)
	return d
}

// method returns the bit of the CVM that the card chooses, where reader or card asks for one and both have it.
func (u *unionpay) method(c *Card, ttq []byte) (bit, bool) {
	if !u.always && !ttqCVMRequired.in(ttq) && !u.overCVMLimit(c) {
		return 0, false
	}
	for _, m := range u.methods {
		switch {
		case m == ctqOnlinePIN && ttqOnlinePIN.in(ttq) && !ttqOfflineOnly.in(ttq), m == ctqSignature && ttqSignature.in(ttq),
			m == ctqDeviceCVM && ttqDeviceCVM.in(ttq):
			return m, true
		}
	}
	return 0, false
}

// overCVMLimit reports whether the amount is over the card's own limit (9F6B) in its currency.
func (u *unionpay) overCVMLimit(c *Card) bool {
	limit := c.own.get(tagCVMLimit)
	return len(limit) > 0 && u.ownCurrency(c) && amount(c.tx.terminal.get(tagAmount)) > amount(limit)
}

// mayApprove reports whether the card may give a TC: it can, nobody wants to go online, the currency is its own, the amount
// is within the limit for one transaction (9F78), and at least the reset threshold (9F6D) of the balance (9F79) is left.
func (u *unionpay) mayApprove(c *Card, ttq []byte, d *decision) bool {
	if !u.offline || ttqCryptogram.in(ttq) || ctqOnlinePIN.in(d.ctq[:]) || !u.ownCurrency(c) {
		return false
	}
	asked := amount(c.tx.terminal.get(tagAmount))
	return asked <= amount(c.own.get(tagSingleLimit)) &&
		asked+amount(c.own.get(tagResetThreshold)) <= amount(c.own.get(tagFunds))
}

func (u *unionpay) ownCurrency(c *Card) bool {
	own := c.own.get(tagOwnCurrency)
	return len(own) > 0 && bytes.Equal(own, c.tx.terminal.get(tagCurrency))
}

// spend takes the amount of a TC off the balance, and says what is left where the card shows that (9F5D).
func (u *unionpay) spend(c *Card, d *decision) {
	left := amount(c.own.get(tagFunds))
	if d.cid == cidTC && u.ownCurrency(c) {
		left -= min(left, amount(c.tx.terminal.get(tagAmount)))
		c.own.set(tagFunds, appendAmount(nil, left, 6))
	}
	if c.own.has(tagSpending) {
		c.compute(tagSpending, appendAmount(nil, left, 6))
	}
}

// makeCryptogram completes the Issuer Application Data and computes the cryptogram over them. What Config.Set has in another
// layout, or with an unknown version, is sent as it is; the card then computes with the profile's own.
func (u *unionpay) makeCryptogram(c *Card, d *decision) error {
	iad, p, err := readPBOC(c.own)
	usable := err == nil
	if !usable {
		if iad, p, err = readPBOC(c.base); err != nil {
			return &Error{CodeData, err.Error()}
		}
	}
	iad[pbocTypes] = iad[pbocTypes]&0x0F | cvrSecondNotAsked | d.cid>>2
	c.tx.computed.set(tagIAD, iad)
	c.tx.iadCovered = pbocCVR + pbocCVRLength
	ac, err := c.cryptogram(&p, iad)
	if err != nil {
		return err
	}
	if !usable {
		c.tx.computed.set(tagIAD, c.own.get(tagIAD))
		c.tx.iadCovered = 0
	}
	c.compute(tagCryptogram, ac[:])
	return nil
}

// readPBOC returns a copy of the Issuer Application Data, and how the card computes by them.
func readPBOC(from store) ([]byte, issuer.Profile, error) {
	value := append([]byte{}, from.get(tagIAD)...)
	parts, err := issuer.ParseIAD(issuer.SchemeUnionPay, value)
	if err != nil {
		return nil, issuer.Profile{}, err
	}
	p, err := issuer.UnionPay(parts.CVN)
	return value, p, err
}
