package card

import (
	"bytes"
	"crypto/sha1"

	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/tlv"
)

// refControlCDA is the bit of P1 of GENERATE AC that asks for a combined signature (Book 3, 6.5.5.2).
const refControlCDA = 0x10

// Card Verification Results of M/Chip in the Issuer Application Data: bytes 3 to 8 of 9F10.
const (
	cvrSecondNone    = 0x80             // byte 1: no second GENERATE AC asked for
	cvrCDA           = bit(2<<8 | 0x40) // CDA returned in first GENERATE AC
	cvrNoPIN         = bit(4<<8 | 0x20) // offline PIN verification not performed
	cvrInternational = bit(4<<8 | 0x04) // by the terminal's country
	cvrDomestic      = bit(4<<8 | 0x02) //
	cvrOverLimit     = bit(5<<8 | 0x10) // upper cumulative accumulator 1 limit exceeded
	mchipIAD         = 18               // key index, version, CVR, dynamic number, counters
	mchipCVR         = 2                // where the CVR begin
	mchipNumber      = 8                // and the dynamic number
	mchipCounters    = 10               // and the counters
)

// answered is the answer to a GENERATE AC that the terminal may not have got.
type answered struct {
	objects store    // of the answer, in order; empty for none
	cdol    store    // what the terminal had sent
	signed  []Signed // what was covered
}

// generateAC answers the first GENERATE AC (Book 3, 6.5.5; C-2, S9): there is no second one without contacts.
func (m *mastercard) generateAC(c *Card, cmd *command) (response, error) {
	asked := cmd.p1 & cidMask
	if cmd.p1&^(cidMask|refControlCDA) != 0 || asked == cidMask || cmd.p2 != 0 {
		return status(swWrongP1P2), nil
	}
	if !aipEMVMode.in(c.value(tagAIP)) || c.tx.computed.has(tagCryptogram) {
		return status(swConditions), nil
	}
	write, sw := m.takeCDOL(c, cmd.data)
	if sw != swOK {
		return status(sw), nil
	}
	cid := m.decide(c, asked)
	if forced := c.compute(tagCID, []byte{cid}); len(forced) > 0 {
		cid = forced[0] & cidMask
	}
	// 9F5D byte 2 b1: without it there is no combined signature for an AAC.
	cda := cmd.p1&refControlCDA != 0 && c.profile.icc != "" && (cid != cidAAC || capabilityCDA.in(c.own.get(tagCapabilities)))
	if err := m.makeCryptogram(c, cid, cda); err != nil {
		return response{}, err
	}
	m.spend(c, cid)
	if m.device.is {
		c.compute(tagPCII, m.device.says(cid))
	}
	if m.ids != nil && cda {
		m.ids.write(c, write, &m.store)
	}
	objects, err := m.sign(c, cmd.data, cda)
	if err != nil {
		return response{}, err
	}
	m.listSigned(c, cda)
	m.torn = answered{objects, c.tx.terminal, c.tx.signed}
	return m.answer(c), nil
}

// answer sends the answer that is kept, with the faults of the card.
func (m *mastercard) answer(c *Card) response {
	var b []byte
	for _, o := range m.torn.objects {
		b = c.appendObject(b, o.tag, o.value)
	}
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}
}

// recoverAC answers RECOVER AC (C-2, S10): once more the answer to the last GENERATE AC, where the terminal names that
// transaction by the values of the DRDOL.
func (m *mastercard) recoverAC(c *Card, cmd *command) (response, error) {
	switch {
	case cmd.p1 != 0 || cmd.p2 != 0:
		return status(swWrongP1P2), nil
	case len(m.torn.objects) == 0 || c.tx.computed.has(tagCryptogram):
		return status(swConditions), nil
	}
	named, rest, ok := splitDOL(c.own.get(tagDRDOL), cmd.data)
	if !ok || len(rest) > 0 {
		return status(swWrongLength), nil
	}
	for _, o := range named {
		if !bytes.Equal(o.value, m.torn.cdol.get(o.tag)) {
			return status(swConditions), nil
		}
	}
	c.tx.signed = m.torn.signed
	return m.answer(c), nil
}

// takeCDOL splits the data of GENERATE AC: the values of CDOL1 join those of the PDOL, and what stands behind them is
// taken by the DSDOL where integrated data storage is in use (C-2, GAC.45).
func (m *mastercard) takeCDOL(c *Card, data []byte) (store, uint16) {
	got, rest, ok := splitDOL(c.own.get(tagCDOL1), data)
	if !ok {
		return nil, swWrongLength
	}
	var write store
	if len(rest) > 0 {
		if m.ids == nil {
			return nil, swWrongLength
		}
		if write, ok = splitOpenDOL(c.own.get(tagDSDOL), rest); !ok {
			return nil, swWrongLength
		}
	}
	for _, o := range got {
		c.tx.terminal.set(o.tag, o.value)
	}
	return write, swOK
}

// splitDOL takes the values of a data object list from data, and returns what is left. It reports false where data are too
// short.
func splitDOL(list, data []byte) (values store, rest []byte, ok bool) {
	d := tlv.ReadDOL(list)
	for d.Next() {
		if d.Len() > len(data) {
			return nil, nil, false
		}
		values.set(d.Tag(), append([]byte{}, data[:d.Len()]...))
		data = data[d.Len():]
	}
	return values, data, d.Err() == nil
}

// splitOpenDOL is splitDOL of a DSDOL, of which the last value may be shorter than it says (C-2, GAC.45).
func splitOpenDOL(list, data []byte) (values store, ok bool) {
	d := tlv.ReadDOL(list)
	short := false
	for d.Next() {
		if short {
			return nil, false
		}
		n := min(d.Len(), len(data))
		short = n < d.Len()
		values.set(d.Tag(), append([]byte{}, data[:n]...))
		data = data[n:]
	}
	return values, d.Err() == nil && len(data) == 0
}

// decide is the card's risk management (M/Chip): never more than was asked for.
func (m *mastercard) decide(c *Card, asked byte) byte {
	switch {
	case asked == cidAAC, m.declines, m.device.refuses(m.wantsOwner(c)):
		return cidAAC
	case asked == cidTC && m.mayApprove(c):
		return cidTC
	case m.offlineOnly(c):
		return cidAAC
	}
	return cidARQC
}

// wantsOwner reports whether the reader has chosen on-device verification (C-2, CVM.1: 9F34 '010002').
func (m *mastercard) wantsOwner(c *Card) bool {
	v := c.tx.terminal.get(tagCVMResults)
	return len(v) == 3 && v[0] == 0x01
}

// offlineOnly reads the Terminal Type (Book 4, Annex A1).
func (m *mastercard) offlineOnly(c *Card) bool {
	v := c.tx.terminal.get(tagTerminalType)
	return len(v) == 1 && (v[0]&0x0F == 3 || v[0]&0x0F == 6)
}

// mayApprove reports whether the card may give a TC: it can, and its limits for one transaction and for all are kept.
func (m *mastercard) mayApprove(c *Card) bool {
	asked := amount(c.tx.terminal.get(tagAmount))
	return m.offline && m.ownCurrency(c) && asked <= amount(c.own.get(tagSingleLimit)) && asked <= amount(c.own.get(tagFunds))
}

func (m *mastercard) ownCurrency(c *Card) bool {
	own := c.own.get(tagAppCurrency)
	return len(own) > 0 && bytes.Equal(own, c.tx.terminal.get(tagCurrency))
}

// spend takes the amount of a TC off the funds.
func (m *mastercard) spend(c *Card, cid byte) {
	if cid != cidTC || !m.ownCurrency(c) {
		return
	}
	left := amount(c.own.get(tagFunds))
	left -= min(left, amount(c.tx.terminal.get(tagAmount)))
	c.own.set(tagFunds, appendAmount(nil, left, 6))
}

// makeCryptogram computes the Issuer Application Data and the cryptogram.
func (m *mastercard) makeCryptogram(c *Card, cid byte, cda bool) error {
	iad, p, usable, err := m.issuerData(c)
	if err != nil {
		return err
	}
	cvr := iad[mchipCVR : mchipCVR+6]
	cvr[0] = cvrSecondNone | cid>>2
	if cda {
		cvrCDA.set(cvr)
	}
	cvrNoPIN.set(cvr)
	if bytes.Equal(c.tx.terminal.get(tagCountry), c.own.get(tagIssuerCountry)) {
		cvrDomestic.set(cvr)
	} else {
		cvrInternational.set(cvr)
	}
	if m.offline && cid == cidARQC && !m.mayApprove(c) {
		cvrOverLimit.set(cvr)
	}
	number, err := c.draw("number", c.tx.terminal.get(tagUN), 8)
	if err != nil {
		return err
	}
	m.number = number
	if cda {
		copy(iad[mchipNumber:], number[:2])
	}
	spent := amount(c.own.get(tagFundsLimit)) - min(amount(c.own.get(tagFunds)), amount(c.own.get(tagFundsLimit)))
	copy(iad[mchipCounters:mchipCounters+6], appendAmount(nil, spent, 6))
	c.tx.computed.set(tagIAD, iad)
	ac, err := c.cryptogram(&p, iad)
	if err != nil {
		return err
	}
	m.covered = iadCovered(&p, iad)
	if !usable {
		c.tx.computed.set(tagIAD, c.own.get(tagIAD))
		m.covered = nil
	}
	c.compute(tagCryptogram, ac[:])
	return nil
}

// issuerData returns the personalised Issuer Application Data in the layout of M/Chip, and how it computes. What Config.Set
// has in another layout, or with an unknown version, is sent as it is; the card then computes with the profile's own.
func (m *mastercard) issuerData(c *Card) (iad []byte, p issuer.Profile, usable bool, err error) {
	for i, from := range []store{c.own, c.base} {
		var parts issuer.IAD
		parts, err = issuer.ParseIAD(issuer.SchemeMChip, from.get(tagIAD))
		if err == nil {
			p, err = issuer.MChip(parts.CVN)
		}
		if err == nil {
			return append([]byte{}, from.get(tagIAD)...), p, i == 0, nil
		}
	}
	return nil, p, false, &Error{CodeData, err.Error()}
}

// sign makes the objects of the answer, and the combined signature over them (Book 2, 6.6.1; C-2, S910): the cryptogram
// stands inside it then.
func (m *mastercard) sign(c *Card, data []byte, cda bool) (store, error) {
	objects := store{}
	add := func(t tlv.Tag) {
		if v := c.value(t); len(v) > 0 {
			objects.set(t, v)
		}
	}
	add(tagCID)
	add(tagATC)
	if !cda {
		add(tagCryptogram)
	} else {
		objects.set(tagSDAD, nil) // its place; what stands before and behind it is signed
	}
	add(tagIAD)
	add(tagPCII)
	if !cda {
		return objects, nil
	}
	h := sha1.New()
	h.Write(c.tx.options)
	h.Write(data)
	for _, o := range objects {
		if o.tag != tagSDAD {
			h.Write(tlv.Append(nil, o.tag, o.value))
		}
	}
	dynamic := append([]byte{byte(len(m.number))}, m.number...)
	dynamic = append(dynamic, fit(c.value(tagCID), 1)...)
	dynamic = append(dynamic, fit(c.value(tagCryptogram), 8)...)
	dynamic = h.Sum(dynamic)
	if m.ids != nil {
		dynamic = m.ids.append(dynamic)
	}
	dynamic = append(dynamic, m.exchanged...)
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

// iadCovered returns which bytes of the Issuer Application Data the cryptogram covers, as pairs of from and to. The key
// index and the version choose key and computation.
func iadCovered(p *issuer.Profile, iad []byte) [][2]int {
	covered := [][2]int{{0, mchipCVR}}
	for _, item := range p.Input {
		if item.Tag == tagIAD {
			to := item.To
			if to == 0 {
				to = len(iad)
			}
			covered = append(covered, [2]int{item.From, to})
		}
	}
	return covered
}

// listSigned lists what the transaction's signature and cryptogram cover. The record of mag-stripe mode is of neither.
func (m *mastercard) listSigned(c *Card, cda bool) {
	c.cover(tagAIP, len(c.value(tagAIP)), CoverCryptogram)
	c.coverNumber()
	c.cover(tagPSN, len(c.value(tagPSN)), CoverCryptogram)
	for _, part := range m.covered {
		c.coverPart(tagIAD, part[0], part[1], CoverCryptogram)
	}
	c.cover(tagATC, len(c.value(tagATC)), CoverCryptogram)
	if !cda {
		c.cover(tagCryptogram, len(c.value(tagCryptogram)), CoverCryptogram)
		return
	}
	c.coverOffline(tagCID, tagATC, tagSDAD, tagIAD, tagPCII)
}
