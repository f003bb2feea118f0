package card

import "github.com/cardwright/emv/tlv"

// The data objects of Interac's cards. What tags 9F51 to 9F5C mean elsewhere is another matter.
const (
	tagInteracLower   tlv.Tag = 0x9F51 // Lower Cumulative Offline Limit
	tagMerchantLimit1 tlv.Tag = 0x9F52 // the limit of merchants of type 1
	tagMerchantLimit2 tlv.Tag = 0x9F54
	tagMerchantLimit3 tlv.Tag = 0x9F55
	tagMerchantLimit4 tlv.Tag = 0x9F56
	tagMerchantLimit5 tlv.Tag = 0x9F57
	tagMerchantType   tlv.Tag = 0x9F58 // Merchant Type Indicator
	tagTTI            tlv.Tag = 0x9F59 // Terminal Transaction Information
	tagTTT            tlv.Tag = 0x9F5A // Terminal Transaction Type
	tagInteracUpper   tlv.Tag = 0x9F5C // Upper Cumulative Offline Limit
	tagProductCode    tlv.Tag = 0x9F62 // Card Product Code
	tagCTI            tlv.Tag = 0x9F63 // Card Transaction Information
	tagFlashForm      tlv.Tag = 0x9F70 // Form Factor Indicator
)

// ttiOffline is "offline capable" of Terminal Transaction Information.
const ttiOffline = bit(1<<8 | 0x08)

// tttRefund is the Terminal Transaction Type of a refund.
const tttRefund = 0x01

// interac is a card or phone of Interac Flash. It decides in GENERATE AC, and counts what was paid since its last PIN, which a
// simulated card without contacts never sees.
type interac struct {
	refusal  uint16 // what GET PROCESSING OPTIONS always answers, 0 for none
	offline  bool   // it may approve offline
	declines bool   // it gives an AAC whatever it is asked for
	locked   bool   // a phone that its owner must unlock between two taps
	spent    uint64 // what was paid since the last PIN

	asked, unlocked bool // what a locked phone remembers
}

func (m *interac) layout() layout {
	return layout{
		fci:           []tlv.Tag{tagLabel, tagPriority, tagPDOL, tagLanguage, tagCodeTable, tagPreferredName},
		discretionary: []tlv.Tag{tagFlashForm},
		options:       []tlv.Tag{tagAIP, tagAFL},
		records: []recordPlan{
			{sfi: 1, number: 1, signed: true, tags: []tlv.Tag{
				tagTrack2, tagPAN, tagExpiry, tagEffective, tagIssuerCountry, tagPSN, tagUsage, tagVersion, tagIACDefault,
				tagIACDenial, tagIACOnline, tagAppCurrency, tagCDOL1, tagCVMList, tagProductCode, tagSDATagList,
			}},
			{sfi: 1, number: 2, signed: true, tags: []tlv.Tag{tagName, tagTokenRequestor, tagPAR, tagLastFour}},
			{sfi: 2, number: 1, tags: []tlv.Tag{tagIssuerCert}},
			{sfi: 2, number: 2, tags: []tlv.Tag{tagCAIndex, tagIssuerExponent, tagIssuerRemainder}},
			{sfi: 2, number: 3, tags: []tlv.Tag{tagICCCert, tagICCExponent, tagICCRemainder}},
		},
		internal: []tlv.Tag{
			tagIAD, tagCryptogram, tagCID, tagATC, tagSDAD, tagCTI, tagKernel, tagInteracLower, tagInteracUpper,
			tagMerchantLimit1, tagMerchantLimit2, tagMerchantLimit3, tagMerchantLimit4, tagMerchantLimit5,
		},
	}
}

// initiate answers GET PROCESSING OPTIONS (Book 3, 10.1): the profile, the files, and the certificates over the signed
// records.
func (m *interac) initiate(c *Card) (response, error) {
	switch {
	case m.refusal != 0:
		return status(m.refusal), nil
	case m.locked && !m.unlocked:
		m.asked = true
		return status(swNotAllowed), nil
	case !c.nextATC():
		return status(swConditions), nil
	}
	c.compute(tagAIP, c.own.get(tagAIP))
	c.plan(func(p *recordPlan) bool { return c.profile.icc != "" || p.sfi == 1 })
	c.tx.records = withObjects(c.tx.records)
	c.lengthen(true)
	if c.profile.icc != "" {
		if err := m.certify(c); err != nil {
			return response{}, err
		}
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

// withObjects leaves signed records out that would be empty.
func withObjects(records []record) []record {
	var list []record
	for _, r := range records {
		if !r.signed || len(r.objects) > 0 {
			list = append(list, r)
		}
	}
	return list
}

// certify computes the certificates and puts them into their records (Book 2, 6).
func (m *interac) certify(c *Card) error {
	if err := c.certifyIssuer(); err != nil {
		return err
	}
	if err := c.certifyICC(); err != nil {
		return err
	}
	for _, p := range c.layout.records {
		if p.sfi == 2 {
			c.completeRecords(p.tags...)
		}
	}
	return nil
}

// command answers GENERATE AC, the one command besides.
func (m *interac) command(c *Card, cmd *command) (response, bool, error) {
	switch {
	case cmd.cla != 0x80 || cmd.ins != insGenerateAC:
		return response{}, false, nil
	case !c.session.started:
		return status(swConditions), true, nil
	}
	r, err := m.generateAC(c, cmd)
	return r, true, err
}

// reset is what happens while a phone is out of the field: its owner unlocks it where it asked for that.
func (m *interac) reset(*Card) { m.unlocked = m.unlocked || m.asked }
