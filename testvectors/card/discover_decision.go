package card

import (
	"bytes"

	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/tlv"
)

// made is what the card makes of a transaction.
type made struct {
	cid    byte
	signed bool // the cryptogram is inside a combined signature
}

// Card Verification Results in the Issuer Application Data, as far as they are public (C-6, Annex A). The types of the
// cryptograms in their first byte are as in the Common Core Definitions (Book 3, C7.3).
const (
	dpasCVR           = 2 // where they begin
	dpasIAD           = 10
	dpasDomestic      = bit(2<<8 | 0x10)
	dpasInternational = bit(2<<8 | 0x08)
	dpasConfirmed     = bit(2<<8 | 0x02) // confirmation code verification performed
)

// decide is what the card makes of a transaction: which CVM, which cryptogram, and whether it signs. Its Card Processing
// Requirements ask for its best method, whatever the reader has: the rest of them says what may take its place.
func (d *discover) decide(c *Card) (made, error) {
	ttq := c.tx.terminal.get(tagTTQ)
	cpr := [2]byte{0, d.policy}
	method, wanted := d.method(c, ttq)
	if wanted {
		method.set(cpr[:])
	}
	var m made
	switch {
	case d.declines:
		m.cid = cidAAC
		if d.loyalty {
			cprPIDLimit.set(cpr[:])
			m.signed = true
		}
	case d.mayApprove(c, ttq, wanted && method == cprOnlinePIN):
		m.cid = cidTC
	case !ttqOfflineOnly.in(ttq):
		m.cid = cidARQC
	default:
		m.cid = cidAAC
	}
	c.compute(tagCPR, cpr[:])
	if forced := c.compute(tagCID, []byte{m.cid}); len(forced) > 0 {
		m.cid = forced[0] & cidMask
	}
	m.signed = c.profile.icc != "" && !d.bare && (m.signed || m.cid == cidTC)
	return m, d.makeCryptogram(c, m.cid, wanted && method == cprDeviceCVM)
}

// method returns the bit of the CVM that the card chooses, where reader or card asks for one: the first that the reader
// has too, or else the card's first.
func (d *discover) method(c *Card, ttq []byte) (bit, bool) {
	if len(d.methods) == 0 || !d.verified && !ttqCVMRequired.in(ttq) && !d.overCVMLimit(c) {
		return 0, false
	}
	for _, m := range d.methods {
		switch {
		case m == cprOnlinePIN && ttqOnlinePIN.in(ttq), m == cprSignature && ttqSignature.in(ttq),
			m == cprDeviceCVM && ttqDeviceCVM.in(ttq):
			return m, true
		}
	}
	return d.methods[0], true
}

// overCVMLimit reports whether the amount is over the card's own limit in its currency.
func (d *discover) overCVMLimit(c *Card) bool {
	limit := c.own.get(tagCVMLimit)
	return len(limit) > 0 && d.ownCurrency(c) && amount(c.tx.terminal.get(tagAmount)) > amount(limit)
}

// mayApprove reports whether the card may give a TC: it can, nobody wants to go online, the currency is its own, and the
// amount is within its limits for one transaction and for all.
func (d *discover) mayApprove(c *Card, ttq []byte, pin bool) bool {
	asked := amount(c.tx.terminal.get(tagAmount))
	return d.offline && !ttqCryptogram.in(ttq) && !pin && d.ownCurrency(c) &&
		asked <= amount(c.own.get(tagSingleLimit)) && asked <= amount(c.own.get(tagFunds))
}

func (d *discover) ownCurrency(c *Card) bool {
	own := c.own.get(tagAppCurrency)
	return len(own) > 0 && bytes.Equal(own, c.tx.terminal.get(tagCurrency))
}

// spend takes the amount of a TC off the funds, and says what is left where the card shows that (D1).
func (d *discover) spend(c *Card, m *made) {
	left := amount(c.own.get(tagFunds))
	if m.cid == cidTC && d.ownCurrency(c) {
		left -= min(left, amount(c.tx.terminal.get(tagAmount)))
		c.own.set(tagFunds, appendAmount(nil, left, 6))
	}
	if c.own.has(tagOffBalance) {
		c.compute(tagOffBalance, appendAmount(nil, left, 6))
	}
}

// makeCryptogram completes the Issuer Application Data and computes the cryptogram over them.
func (d *discover) makeCryptogram(c *Card, cid byte, confirmed bool) error {
	iad, p, usable, err := d.issuerData(c)
	if err != nil {
		return err
	}
	cvr := iad[dpasCVR:dpasIAD]
	cvr[0] = cvrSecondNone | cid>>2
	if bytes.Equal(c.tx.terminal.get(tagCountry), c.own.get(tagIssuerCountry)) {
		dpasDomestic.set(cvr)
	} else {
		dpasInternational.set(cvr)
	}
	if confirmed {
		dpasConfirmed.set(cvr)
	}
	c.tx.computed.set(tagIAD, iad)
	c.tx.iadCovered = len(iad)
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

// issuerData returns the personalised Issuer Application Data, and how the card computes by them. What Config.Set has in
// another layout, or with an unknown version, is sent as it is; the card then computes with the profile's own.
func (d *discover) issuerData(c *Card) (iad []byte, p issuer.Profile, usable bool, err error) {
	for i, from := range []store{c.own, c.base} {
		var parts issuer.IAD
		parts, err = issuer.ParseIAD(issuer.SchemeDiscover, from.get(tagIAD))
		if err == nil {
			p, err = issuer.Discover(parts.CVN)
		}
		if err == nil {
			return append([]byte{}, from.get(tagIAD)...), p, i == 0, nil
		}
	}
	return nil, p, false, &Error{CodeData, err.Error()}
}

// giveTracks answers a reader in the mag-stripe modes (C-6, 3.10): the tracks, with the counter in them, and the Dynamic
// Card Verification Value. How real cards compute that is not public; these three digits are made up.
func (d *discover) giveTracks(c *Card) (response, error) {
	if c.own.has(tagDCVV) { // otherwise the tracks are always the same
		if err := d.makeTracks(c); err != nil {
			return response{}, err
		}
	}
	c.plan(func(*recordPlan) bool { return true })
	c.lengthen(false)
	c.compute(tagAFL, c.locator())
	var b []byte
	for _, t := range c.layout.options {
		b = c.appendObject(b, t, c.value(t))
	}
	b = c.appendAdditions(b, placeOptions)
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}, nil
}

// makeTracks computes the code and puts the counter into the tracks; the reader has the rest to do.
func (d *discover) makeTracks(c *Card) error {
	code, err := c.draw("dcvv", c.tx.terminal.get(tagUN), 3)
	if err != nil {
		return err
	}
	for i := range code {
		code[i] = '0' + code[i]%10
	}
	c.compute(tagDCVV, code)
	atc := int(c.atc) % 1000
	digits := [3]byte{byte(atc / 100), byte(atc / 10 % 10), byte(atc % 10)}
	c.compute(tagTrack2, withCounter(c.own.get(tagTrack2), digits))
	if track := c.own.get(tagTrack1); len(track) > dpasTail {
		track = append([]byte{}, track...)
		for i, digit := range digits {
			track[len(track)-dpasTail+i] = '0' + digit
		}
		c.compute(tagTrack1, track)
	}
	return nil
}

// dpasTail is where the counter begins, from the end of the tracks: three digits, and two of the reader's number.
const dpasTail = 5

// withCounter writes the counter into Track 2 Equivalent Data, which has 'F' behind its last digit where their number is
// odd.
func withCounter(track2 []byte, digits [3]byte) []byte {
	track := append([]byte{}, track2...)
	n := 2 * len(track)
	if n > 0 && track[len(track)-1]&0x0F == 0x0F {
		n--
	}
	for i, digit := range digits {
		at := n - dpasTail + i
		switch {
		case at < 0:
		case at%2 == 0:
			track[at/2] = track[at/2]&0x0F | digit<<4
		default:
			track[at/2] = track[at/2]&0xF0 | digit
		}
	}
	return track
}
