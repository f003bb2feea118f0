package card

import "github.com/cardwright/emv/tlv"

// The data objects of American Express's cards (C-4, Annex A). What tags 9F5A to 9F71 mean elsewhere is another matter.
const (
	tagMembership     tlv.Tag = 0x9F5A // Membership Product Identifier
	tagMember         tlv.Tag = 0x9F5B // Product Membership Number
	tagAmexForm       tlv.Tag = 0x9F67 // Form Factor
	tagAmexReader     tlv.Tag = 0x9F6D // Contactless Reader Capabilities
	tagAmexEnhanced   tlv.Tag = 0x9F6E // Enhanced Contactless Reader Capabilities
	tagAmexInterfaces tlv.Tag = 0x9F70 // Card Interface and Payment Capabilities
	tagAmexMobile     tlv.Tag = 0x9F71 // Mobile CVM Results
)

// The bits by which a reader tells that it wants its customer verified, and that it can't go online (C-4, Annex A). A card
// that does not ask for 9F6E finds the first one in the modified Terminal Type.
const (
	amexCVMRequired  = bit(3<<8 | 0x40) // 9F6E
	amexOfflineOnly  = bit(3<<8 | 0x80) // 9F6E
	amexTypeRequired = bit(1<<8 | 0x08) // 9F35
)

// amex is a card or phone of American Express. It decides in GENERATE AC, in both modes.
type amex struct {
	refusal  uint16 // what GET PROCESSING OPTIONS always answers, 0 for none
	offline  bool   // it may approve offline
	declines bool   // it gives an AAC whatever it is asked for
	static   bool   // it has a static signature and no key
	device   owner  // a phone, and what its owner does
	blocked  bool   // a phone that no longer verifies its owner
}

func (m *amex) layout() layout {
	return layout{
		fci:     []tlv.Tag{tagLabel, tagPriority, tagPDOL, tagLanguage, tagCodeTable, tagPreferredName},
		options: []tlv.Tag{tagAIP, tagAFL, tagAmexMobile},
		records: []recordPlan{
			{sfi: 1, number: 1, signed: true, tags: []tlv.Tag{
				tagTrack2, tagPAN, tagExpiry, tagEffective, tagIssuerCountry, tagPSN, tagUsage, tagVersion, tagIACDefault,
				tagIACDenial, tagIACOnline, tagAppCurrency, tagCDOL1, tagCDOL2, tagCVMList, tagAmexInterfaces, tagSDATagList,
			}},
			{sfi: 1, number: 2, signed: true, tags: []tlv.Tag{
				tagName, tagMembership, tagMember, tagAmexForm, tagTokenRequestor, tagPAR, tagLastFour,
			}},
			{sfi: 2, number: 1, tags: []tlv.Tag{tagIssuerCert}},
			{sfi: 2, number: 2, tags: []tlv.Tag{tagCAIndex, tagIssuerExponent, tagIssuerRemainder}},
			{sfi: 2, number: 3, tags: []tlv.Tag{tagICCCert, tagICCExponent, tagICCRemainder, tagSSAD}},
		},
		internal: []tlv.Tag{
			tagIAD, tagCryptogram, tagCID, tagATC, tagSDAD, tagKernel, tagFundsLimit, tagSingleLimit, tagFunds,
		},
	}
}

// certified reports whether the card takes part in offline data authentication.
func (m *amex) certified(c *Card) bool { return m.static || c.profile.icc != "" }

// initiate answers GET PROCESSING OPTIONS (C-4, 3.1.4): the profile, the files, what a phone says of its owner, and the
// certificates over the signed records.
func (m *amex) initiate(c *Card) (response, error) {
	if m.refusal != 0 {
		return status(m.refusal), nil
	}
	if !c.nextATC() {
		return status(swConditions), nil
	}
	c.compute(tagAIP, c.own.get(tagAIP))
	if m.device.is {
		c.compute(tagAmexMobile, m.mobileResults(c))
	}
	c.plan(func(p *recordPlan) bool { return m.certified(c) || p.sfi == 1 })
	c.tx.records = withObjects(c.tx.records)
	c.lengthen(true)
	if err := m.certify(c); err != nil {
		return response{}, err
	}
	c.lengthen(false)
	c.compute(tagAFL, c.locator())
	var b []byte
	for _, t := range c.layout.options {
		b = c.appendObject(b, t, c.value(t))
	}
	b = c.appendAdditions(b, placeOptions)
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}, nil
}

// certify computes what the method of the card needs, and puts it into its records (Book 2, 5 and 6).
func (m *amex) certify(c *Card) error {
	if !m.certified(c) {
		return nil
	}
	err := c.certifyIssuer()
	switch {
	case err != nil:
	case m.static:
		err = c.signStatic(formatStatic)
	default:
		err = c.certifyICC()
	}
	if err != nil {
		return err
	}
	for _, p := range c.layout.records {
		if p.sfi == 2 {
			c.completeRecords(p.tags...)
		}
	}
	return nil
}

// mobileResults are Mobile CVM Results (9F71): method, condition and result.
func (m *amex) mobileResults(c *Card) []byte {
	required := m.wantsOwner(c)
	v := []byte{0x3F, 0x00, 0x00}
	if required {
		v[1] = 0x03
	}
	switch {
	case m.blocked:
		v[0], v[2] = 0x01, 0x03
	case m.device.locked && !m.device.unlocked:
		m.device.asked = required
	case required || m.device.always:
		v[0], v[2] = 0x01, 0x02
	}
	return v
}

// wantsOwner reports whether the reader wants its customer verified.
func (m *amex) wantsOwner(c *Card) bool {
	if c.tx.terminal.has(tagAmexEnhanced) {
		return amexCVMRequired.in(c.tx.terminal.get(tagAmexEnhanced))
	}
	return amexTypeRequired.in(c.tx.terminal.get(tagTerminalType))
}

// command answers GENERATE AC, the one command besides.
func (m *amex) command(c *Card, cmd *command) (response, bool, error) {
	switch {
	case cmd.cla != 0x80 || cmd.ins != insGenerateAC:
		return response{}, false, nil
	case !c.session.started:
		return status(swConditions), true, nil
	}
	r, err := m.generateAC(c, cmd)
	return r, true, err
}

// reset is what happens while a phone is out of the field.
func (m *amex) reset(*Card) { m.device.reset() }
