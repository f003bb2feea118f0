package card

import "bytes"

// decide is what the card makes of a transaction (VCPS): which CVM, which cryptogram, and whether it signs.
//
// Where the reader asks for a CVM that the card has not, the card does not refuse: its CTQ asks for none, and the reader
// must see that its own demand is not met (C-3, 5.7.1.3).
func (v *visa) decide(c *Card) decision {
	d := decision{ctq: v.policy}
	ttq := c.tx.terminal.get(tagTTQ)
	if method, ok := v.method(c, ttq); ok {
		method.set(d.ctq[:])
	}
	if v.update && ttqUpdate.in(ttq) {
		ctqUpdate.set(d.ctq[:])
	}
	// Config.Set may have taken the CTQ's place; what the card decides next it decides by its own.
	if !v.bare {
		c.compute(tagCTQ, append([]byte{}, d.ctq[:]...))
	}
	switch {
	case v.mayApprove(c, ttq, &d):
		d.cid = cidTC
	case !ttqOfflineOnly.in(ttq):
		d.cid = cidARQC
	default:
		d.cid = cidAAC
	}
	if forced := c.compute(tagCID, []byte{d.cid}); len(forced) > 0 {
		d.cid = forced[0] & cidMask
	}
	// C-3, 5.6: for a TC always, for an ARQC where reader and card can.
	online := d.cid == cidARQC && ttqODAOnline.in(ttq)
	d.oda = v.auth != noAuthentication && !v.bare && (d.cid == cidTC || online)
	return d
}

// method returns the bit of the CVM that the card chooses, where reader or card asks for one and both have it.
func (v *visa) method(c *Card, ttq []byte) (bit, bool) {
	if !ttqCVMRequired.in(ttq) && !v.overCVMLimit(c) {
		return 0, false
	}
	for _, m := range v.methods {
		switch m {
		case ctqOnlinePIN:
			if ttqOnlinePIN.in(ttq) && !ttqOfflineOnly.in(ttq) {
				return m, true
			}
		case ctqSignature:
			if ttqSignature.in(ttq) {
				return m, true
			}
		case ctqDeviceCVM:
			if ttqDeviceCVM.in(ttq) {
				return m, true
			}
		}
	}
	return 0, false
}

// overCVMLimit reports whether the amount is over the card's own limit (9F6B) in its currency.
func (v *visa) overCVMLimit(c *Card) bool {
	limit := c.own.get(tagCVMLimit)
	return len(limit) > 0 && v.ownCurrency(c) && amount(c.tx.terminal.get(tagAmount)) > amount(limit)
}

// mayApprove reports whether the card may give a TC: it can, nobody wants to go online, the currency is its own, and the
// amount is within the limits for one transaction (9F78) and for all since the last online one (9F79).
func (v *visa) mayApprove(c *Card, ttq []byte, d *decision) bool {
	if !v.offline || ttqCryptogram.in(ttq) || ctqOnlinePIN.in(d.ctq[:]) || !v.ownCurrency(c) {
		return false
	}
	asked := amount(c.tx.terminal.get(tagAmount))
	return asked <= amount(c.own.get(tagSingleLimit)) && asked <= amount(c.own.get(tagFunds))
}

func (v *visa) ownCurrency(c *Card) bool {
	own := c.own.get(tagOwnCurrency)
	return len(own) > 0 && bytes.Equal(own, c.tx.terminal.get(tagCurrency))
}

// spend takes the amount of a TC off the available funds, and says what is left where the card shows that (9F5D).
func (v *visa) spend(c *Card, d *decision) {
	left := amount(c.own.get(tagFunds))
	if d.cid == cidTC && v.ownCurrency(c) {
		left -= min(left, amount(c.tx.terminal.get(tagAmount)))
		c.own.set(tagFunds, appendAmount(nil, left, 6))
	}
	if c.own.has(tagSpending) {
		c.compute(tagSpending, appendAmount(nil, left, 6))
	}
}
