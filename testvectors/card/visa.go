package card

import "github.com/cardwright/emv/tlv"

// The data objects of Visa's cards (C-3, Annex A; those that stay in the card: VCPS).
const (
	tagProgramID   tlv.Tag = 0x9F5A // Application Program Identifier
	tagSpending    tlv.Tag = 0x9F5D // Available Offline Spending Amount
	tagTTQ         tlv.Tag = 0x9F66 // Terminal Transaction Qualifiers
	tagCARD        tlv.Tag = 0x9F69 // Card Authentication Related Data
	tagCTQ         tlv.Tag = 0x9F6C // Card Transaction Qualifiers
	tagFormFactor  tlv.Tag = 0x9F6E // Form Factor Indicator
	tagExclusive   tlv.Tag = 0x9F7C // Customer Exclusive Data
	tagOwnCurrency tlv.Tag = 0x9F51 // Application Currency Code
	tagCVMLimit    tlv.Tag = 0x9F6B // Card CVM Limit
	tagFundsLimit  tlv.Tag = 0x9F77 // VLP Funds Limit
	tagSingleLimit tlv.Tag = 0x9F78 // VLP Single Transaction Limit
	tagFunds       tlv.Tag = 0x9F79 // VLP Available Funds
)

// Terminal Transaction Qualifiers (9F66; Book A, 5.7).
const (
	ttqEMVMode     = bit(1<<8 | 0x20)
	ttqOfflineOnly = bit(1<<8 | 0x08)
	ttqOnlinePIN   = bit(1<<8 | 0x04)
	ttqSignature   = bit(1<<8 | 0x02)
	ttqODAOnline   = bit(1<<8 | 0x01)
	ttqCryptogram  = bit(2<<8 | 0x80) // online cryptogram required
	ttqCVMRequired = bit(2<<8 | 0x40)
	ttqUpdate      = bit(3<<8 | 0x80) // issuer update processing supported
	ttqDeviceCVM   = bit(3<<8 | 0x40)
)

// Card Transaction Qualifiers (9F6C; C-3, Annex A).
const (
	ctqOnlinePIN = bit(1<<8 | 0x80)
	ctqSignature = bit(1<<8 | 0x40)
	ctqDeviceCVM = bit(2<<8 | 0x80)
	ctqUpdate    = bit(2<<8 | 0x40)
)

// Types of application cryptograms, b8 and b7 of the CID (Book 3, Table 14).
const (
	cidAAC  = 0x00
	cidTC   = 0x40
	cidARQC = 0x80
	cidMask = 0xC0
)

// Signed Data Formats (Book 2, Tables 7 and 17; C-3, Annex C for transactions that go online).
const (
	formatStatic        = 0x03
	formatStaticOnline  = 0x93
	formatDynamic       = 0x05
	formatDynamicOnline = 0x95
)

// authentication is the kind of offline data authentication that a card can do.
type authentication uint8

const (
	noAuthentication authentication = iota
	staticAuthentication
	dynamicAuthentication // fDDA, version 01
)

// visa is a card of C-3: it decides in GET PROCESSING OPTIONS.
type visa struct {
	refusal   uint16 // what GET PROCESSING OPTIONS always answers, 0 for none
	firstOnly bool   // the refusal is that of the directory's first application only
	locked    bool   // a phone that its owner must unlock between two taps

	auth    authentication
	offline bool    // it may approve offline
	methods []bit   // the CVMs that it has, as bits of the CTQ, best first
	policy  [2]byte // the bits of the CTQ that do not depend on the transaction
	bare    bool    // sends what it must and nothing else: no CTQ, CID or record
	update  bool    // takes issuer updates

	asked, unlocked bool // what a locked phone remembers
}

// decision is what the card makes of a transaction.
type decision struct {
	cid byte
	ctq [2]byte
	oda bool
}

func (v *visa) layout() layout {
	l := layout{
		fci:           []tlv.Tag{tagLabel, tagPriority, tagPDOL, tagLanguage, tagCodeTable, tagPreferredName},
		discretionary: []tlv.Tag{tagProgramID},
		options: []tlv.Tag{
			tagAIP, tagAFL, tagTrack2, tagName, tagPSN, tagIAD, tagCryptogram, tagCID, tagATC, tagSpending, tagCTQ,
			tagFormFactor, tagExclusive, tagSDAD,
		},
		internal: []tlv.Tag{tagOwnCurrency, tagCVMLimit, tagFundsLimit, tagSingleLimit, tagFunds, tagKernel, tagATC},
	}
	if v.bare {
		return l
	}
	// The issuer's certificate has a record of its own: under a key of 248 bytes it leaves room for nothing else.
	// C-3, Annex C: 9F69 stands in the last record.
	l.records = []recordPlan{
		{sfi: 1, number: 1, tags: []tlv.Tag{tagIssuerCert}},
		{sfi: 1, number: 2, tags: []tlv.Tag{tagCAIndex, tagIssuerExponent, tagIssuerRemainder}},
		{sfi: 1, number: 3, tags: []tlv.Tag{tagICCCert, tagICCExponent, tagICCRemainder, tagSSAD}},
		{sfi: 2, number: 1, signed: true, tags: []tlv.Tag{
			tagPAN, tagExpiry, tagEffective, tagIssuerCountry, tagUsage, tagTokenRequestor, tagPAR, tagLastFour, tagSDATagList,
		}},
	}
	if v.auth == dynamicAuthentication {
		l.records = append(l.records, recordPlan{sfi: 3, number: 1, tags: []tlv.Tag{tagCARD}})
	}
	return l
}

// initiate is the whole transaction (C-3, 5.2.2; VCPS): decision, cryptogram, signature.
func (v *visa) initiate(c *Card) (response, error) {
	if sw := v.refuse(c); sw != swOK {
		return status(sw), nil
	}
	if !c.nextATC() {
		return status(swConditions), nil
	}
	c.compute(tagAIP, c.own.get(tagAIP))
	d := v.decide(c)
	if v.bare {
		c.compute(tagCID, nil) // the Issuer Application Data say it too
	}
	if err := v.makeCryptogram(c, &d); err != nil {
		return response{}, err
	}
	v.spend(c, &d)
	c.plan(func(p *recordPlan) bool { return d.oda || p.signed })
	c.lengthen(true)
	if d.oda {
		if err := v.authenticate(c, &d); err != nil {
			return response{}, err
		}
	}
	if len(c.tx.records) > 0 {
		c.compute(tagAFL, c.locator())
	}
	v.placeSDAD(c)
	c.lengthen(false)
	v.listSigned(c, &d)
	return response{body: v.options(c), sw: swOK}, nil
}

// refuse returns the status word of a card that does not begin a transaction, otherwise 9000.
func (v *visa) refuse(c *Card) uint16 {
	switch {
	case v.refusal != 0 && (!v.firstOnly || c.session.selected == 0):
		return v.refusal
	case v.locked && !v.unlocked: // C-3, 5.2.2.2: the owner is asked to look at the phone
		v.asked = true
		return swNotAllowed
	case !ttqEMVMode.in(c.tx.terminal.get(tagTTQ)): // the one mode that these cards have
		return swConditions
	}
	return swOK
}

// reset is what happens while a card is out of the field: the owner of a phone that asked for it unlocks it.
func (v *visa) reset(*Card) { v.unlocked = v.unlocked || v.asked }

// placeSDAD puts the signature into the answer to GET PROCESSING OPTIONS where that still fits 256 bytes with it, and
// into the last record otherwise.
func (v *visa) placeSDAD(c *Card) {
	sdad := c.value(tagSDAD)
	if len(sdad) == 0 || len(v.options(c)) <= 256 || len(c.tx.records) == 0 {
		return
	}
	c.tx.records[len(c.tx.records)-1].put(tagSDAD, sdad)
	c.tx.computed.set(tagSDAD, nil)
}

// options returns the answer to GET PROCESSING OPTIONS, in format 2 (Book 3, 6.5.8.4).
func (v *visa) options(c *Card) []byte {
	var b []byte
	for _, t := range c.layout.options {
		b = c.appendObject(b, t, c.value(t))
	}
	if len(c.tx.records) == 0 {
		for _, t := range c.extra {
			b = c.appendObject(b, t, c.value(t))
		}
	}
	b = c.appendAdditions(b, placeOptions)
	return tlv.Append(nil, tagFormat2, b)
}

// listSigned lists what the transaction's signatures and cryptogram cover.
func (v *visa) listSigned(c *Card, d *decision) {
	c.cover(tagAIP, len(c.value(tagAIP)), CoverCryptogram)
	c.coverNumber()
	c.cover(tagPSN, len(c.value(tagPSN)), CoverCryptogram)
	c.cover(tagIAD, c.tx.iadCovered, CoverCryptogram)
	c.cover(tagCryptogram, len(c.value(tagCryptogram)), CoverCryptogram)
	c.cover(tagATC, len(c.value(tagATC)), CoverCryptogram)
	if d.oda {
		c.coverOffline(tagSDAD)
	}
}
